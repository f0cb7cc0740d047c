import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isTopicFilter, isTopicName, topicMatcher, topicMatches } from './topic-filter.ts';

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

test('a matcher of several filters answers as they do one by one', () => {
  const level = fc.constantFrom('', 'a', 'b', '$SYS', 'a.b', '(x', '设备');
  const topics = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
  const filters = fc
    .array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 })
    .chain((levels) => fc.constantFrom(levels.join('/'), [...levels, '#'].join('/'), '#'));
  fc.assert(
    fc.property(fc.array(filters, { minLength: 1, maxLength: 3 }), topics, (several, topic) => {
      expect(topicMatcher(several)(topic)).toBe(several.some((filter) => topicMatches(filter, topic)));
    }),
    { numRuns: 5_000 },
  );
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
