import { camerasOnly } from '../rating-replay/standards-for-tests.ts';
import type { DeviceFacts } from '../star-rating/facts.ts';
import { at, atMs, dayMs, deviceFactsOf, factsOf, hourMs, windowFromMs } from '../star-rating/facts-for-tests.ts';
import { clip, type Interval } from '../star-rating/intervals.ts';
import { daysAhead, outlook } from './outlook.ts';

const standard = camerasOnly('1', [90, 95, 98]);
const whole = { fromMs: windowFromMs, toMs: atMs };

/** What a camera that was up at these times has over its last days. */
const outlookFor = (up: Interval[], given: Partial<Omit<DeviceFacts, 'device'>> = {}) =>
  outlook({
    standard,
    at,
    factsOver: (days) => {
      const window = { fromMs: atMs - days * dayMs, toMs: atMs };
      const camera = deviceFactsOf({ id: 'cam-1', kind: 'camera' }, { ...given, up: clip(up, window) });
      return factsOf({ window, devices: [camera] });
    },
  });

test('looks ahead day by day at first, and to the end of the next window', () => {
  expect(daysAhead(30)).toEqual([1, 2, 3, 5, 7, 10, 14, 21, 30]);
  expect(daysAhead(7)).toEqual([1, 2, 3, 5, 7]);
});

test('golden: up for 28 of 30 days and down for the last two', () => {
  const found = outlookFor([{ fromMs: windowFromMs, toMs: atMs - 2 * dayMs }]);
  // Each day ahead takes one good day out and brings a bad one in: 27 of 30 are 90 %, 26 of 30 are 86.7 %.
  expect(found).toMatchObject({
    ...{ compound: 'garden', at, standard: 'cameras-only@1', stars: 3, targetStars: 3, atRisk: true },
    ...{ losesTarget: true, expectedStars: 0, inDays: 2, on: '2026-07-03' },
  });
  expect(found.days.map(({ inDays, on, stars }) => [inDays, on, stars])).toEqual([
    [1, '2026-07-02', 3],
    [2, '2026-07-03', 0],
    [3, '2026-07-04', 0],
    [5, '2026-07-06', 0],
    [7, '2026-07-08', 0],
    [10, '2026-07-11', 0],
    [14, '2026-07-15', 0],
    [21, '2026-07-22', 0],
    [30, '2026-07-31', 0],
  ]);
  // By hand: 90 % earns 75 of 100 points, 86.7 % earns 75 × 86.7 ÷ 90.
  expect(found.days.slice(0, 2).map(({ total }) => total)).toEqual([75, 72.222222]);
  const [cameras, ...others] = found.criteria;
  expect(others).toEqual([]);
  expect(cameras).toMatchObject({ id: 'CAM-3', unit: '%', threshold: 90 });
  expect([cameras!.value, cameras!.expectedValue]).toEqual([
    expect.closeTo((100 * 28) / 30, 9),
    expect.closeTo((100 * 26) / 30, 9),
  ]);
  expect(cameras!.text.en).toContain('93.3 % now, 86.6 % expected, 1★ asks for 90 %');
});

const calm = { atRisk: false, losesTarget: false, inDays: null, on: null, criteria: [] };

test('no risk while all goes well', () => {
  expect(outlookFor([whole])).toMatchObject({ stars: 5, expectedStars: 5, ...calm });
});

test('no risk where it is off for an hour each night, and always was', () => {
  const nightly = Array.from({ length: 30 }, (_, day) => ({
    fromMs: windowFromMs + day * dayMs + hourMs,
    toMs: windowFromMs + (day + 1) * dayMs,
  }));
  expect(outlookFor(nightly)).toMatchObject({ stars: 4, expectedStars: 4, ...calm });
});

test('no risk where it was worse and is mended', () => {
  const mended = outlookFor([{ fromMs: windowFromMs + 2 * dayMs, toMs: atMs }]);
  expect(mended).toMatchObject({ stars: 3, expectedStars: 3, ...calm });
  expect(mended.days.at(-1)!.stars).toBe(5);
});

test('no stars, no risk', () => {
  expect(outlookFor([])).toMatchObject({ stars: 0, expectedStars: 0, ...calm });
});

test('a device of yesterday is projected from what it did since it first spoke', () => {
  const sinceMs = atMs - dayMs / 2;
  const young = { registeredAtMs: sinceMs, firstHeardAtMs: sinceMs };
  expect(outlookFor([{ fromMs: sinceMs, toMs: atMs }], young)).toMatchObject({ stars: 5, ...calm });
});
