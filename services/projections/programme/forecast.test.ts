import fc from 'fast-check';
import { forecastOf, slopeOf, starsAt } from './forecast.ts';

const dayMs = 86_400_000;
const nowMs = Date.parse('2026-10-02T00:00:00.000Z');
const daysAgo = (days: number): number => nowMs - days * dayMs;

test('stars at an instant are those of the newest change by then', () => {
  const history = [
    { atMs: 10, stars: 2 },
    { atMs: 20, stars: 4 },
  ];
  expect([9, 10, 19, 20, 99].map((atMs) => starsAt(history, atMs))).toEqual([null, 2, 2, 4, 4]);
});

test('the slope of a straight line is its own, of a flat one and of a single value none', () => {
  expect(slopeOf([3, 5, 7, 9])).toBeCloseTo(2, 12);
  expect([slopeOf([4, 4, 4]), slopeOf([4])]).toEqual([0, 0]);
  // By hand: days 0, 1, 2 with 0, 0, 3; mean 1; (-1·-1 + 0·-1 + 1·2) ÷ (1 + 0 + 1) = 1.5.
  expect(slopeOf([0, 0, 3])).toBeCloseTo(1.5, 12);
});

/** One compound that reached three stars each tenth day of the last 90, nine in all, and one that was at them before. */
const steady = [
  ...[85, 75, 65, 55, 45, 35, 25, 15, 5].map((days) => ({
    targetStars: 3,
    history: [
      { atMs: daysAgo(200), stars: 0 },
      { atMs: daysAgo(days), stars: 3 },
    ],
  })),
  { targetStars: 3, history: [{ atMs: daysAgo(20), stars: 3 }] },
];
const until = (endMs: number, counted: number, atMost = 1000) => ({ counted, atMost, asOfMs: nowMs, endMs });

test('one more every ten days goes on at that pace; a first rating is no rise', () => {
  expect(forecastOf(steady, until(nowMs + 90 * dayMs, 9))).toBe(18);
  expect(forecastOf(steady, until(nowMs, 9))).toBe(9);
});
test('it goes no higher than there are compounds, and no lower than none', () => {
  expect(forecastOf(steady, until(nowMs + 90 * dayMs, 9, 12))).toBe(12);
  const falling = steady.map(({ targetStars, history }) => ({
    targetStars,
    history: history.map(({ atMs, stars }) => ({ atMs, stars: 3 - stars })),
  }));
  expect(forecastOf(falling, until(nowMs + 365 * dayMs, 2))).toBe(0);
});

test('whoever rises never makes the forecast smaller', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.record({ days: fc.integer({ min: 0, max: 120 }), stars: fc.integer({ min: 0, max: 5 }) })), {
        maxLength: 8,
      }),
      fc.integer({ min: 1, max: 89 }),
      (histories, days) => {
        const compounds = histories.map((changes) => ({
          targetStars: 3,
          history: changes
            .map(({ days: ago, stars }) => ({ atMs: daysAgo(ago), stars }))
            .sort((a, b) => a.atMs - b.atMs),
        }));
        const riser = {
          targetStars: 3,
          history: [
            { atMs: daysAgo(100), stars: 0 },
            { atMs: daysAgo(days), stars: 3 },
          ],
        };
        const end = until(nowMs + 30 * dayMs, 5);
        expect(forecastOf([...compounds, riser], end)).toBeGreaterThanOrEqual(forecastOf(compounds, end));
      },
    ),
  );
});
