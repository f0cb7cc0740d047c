import { describe, expect, test } from '@jest/globals';
import { isTopicFilter, isTopicName, topicMatches } from './topic-filter.ts';

describe('topicMatches, with the examples of MQTT 5.0, 4.7', () => {
  test.each([
    ['sport/tennis/player1/#', 'sport/tennis/player1', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/ranking', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
    ['sport/#', 'sport', true],
    ['#', 'sport', true],
    ['#', 'a/b/c', true],
    ['sport/tennis/+', 'sport/tennis/player1', true],
    ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['+/+', '/finance', true],
    ['/+', '/finance', true],
    ['+', '/finance', false],
    ['+/tennis/#', 'sport/tennis/a', true],
    ['#', '$SYS/broker', false],
    ['+/broker', '$SYS/broker', false],
    ['$SYS/#', '$SYS/broker', true],
    ['a/b', 'a/b', true],
    ['a/b', 'a/B', false],
    ['a/b', 'a/b/c', false],
    ['a/b/c', 'a/b', false],
  ])('%s on %s: %s', (filter, topic, expected) => {
    expect(topicMatches(filter, topic)).toBe(expected);
  });
});

test.each([
  ['a/+/b', true],
  ['#', true],
  ['+', true],
  ['a/#', true],
  ['a/#/b', false],
  ['a/b#', false],
  ['a/b+', false],
  ['', false],
  ['a\0b', false],
])('isTopicFilter %j: %s', (filter, expected) => {
  expect(isTopicFilter(filter)).toBe(expected);
});

test.each([
  ['a/b', true],
  ['/', true],
  ['a/+', false],
  ['a/#', false],
  ['', false],
  ['a\0', false],
])('isTopicName %j: %s', (topic, expected) => {
  expect(isTopicName(topic)).toBe(expected);
});
