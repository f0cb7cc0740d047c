import { contributionOf, evidenceOf, itemOf } from './evidence.ts';
import type { RatingFacts } from './facts.ts';
import { at, dayMs, deviceFactsOf, factsOf, hourMs, windowFromMs } from './facts-for-tests.ts';
import { findStandard } from './standards.ts';

const standard = findStandard('weihai-smart-compound@2020.1', at)!;
const upFor = (days: number) => [{ fromMs: windowFromMs, toMs: windowFromMs + days * dayMs }];
const camera = (id: string, facts: object = {}, more: object = {}) =>
  deviceFactsOf({ id, kind: 'camera', name: id, ...more }, facts);

const evidence = (facts: RatingFacts, criterion = 'CAM-3') => evidenceOf(standard, facts, criterion)!;

test('the worst comes first, and what doesn’t count comes last', () => {
  const devices = [
    camera('fine'),
    camera('new', { registeredAtMs: windowFromMs + 30 * dayMs, firstHeardAtMs: null, up: [] }),
    camera('half', { up: upFor(15) }),
    camera('never', { firstHeardAtMs: null, up: [] }),
  ];
  const { contributions } = evidence(factsOf({ devices }));
  expect(contributions.map(({ subject, counted }) => [subject.id, counted])).toEqual([
    ['never', true],
    ['half', true],
    ['fine', true],
    ['new', false],
  ]);
});

test('there is none of a criterion that the standard doesn’t have, nor of a subject that it didn’t look at', () => {
  expect(evidenceOf(standard, factsOf(), 'ABC-1')).toBeUndefined();
  expect(contributionOf(evidence(factsOf({ devices: [camera('a')] })), 'device:b')).toBeUndefined();
});

test('of many intervals the newest are shown, and how many are left is told', () => {
  const up = Array.from({ length: 30 }, (_, day) => ({
    fromMs: windowFromMs + day * dayMs,
    toMs: windowFromMs + day * dayMs + 12 * hourMs,
  }));
  const found = contributionOf(evidence(factsOf({ devices: [camera('a', { up })] })), 'device:a')!;
  const item = itemOf(found, 10);
  expect(found.intervals).toHaveLength(60);
  expect(item).toMatchObject({ numerator: 360, denominator: 720, value: 50, intervalsLeft: 50 });
  expect(item.intervals).toHaveLength(10);
  expect(item.intervals.at(-1)).toEqual({
    from: '2026-06-30T16:00:00.000Z',
    to: '2026-07-01T04:00:00.000Z',
    state: 'down',
  });
});

test('not asked of a compound of that profile, so there is nothing beneath it', () => {
  expect(evidence(factsOf(), 'CTL-3')).toMatchObject({ value: null, contributions: [] });
});
