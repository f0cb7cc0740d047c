import fc from 'fast-check';
import { stateTotals, stripPieces, stripSpan } from './interval-strip.ts';

const window = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-11T00:00:00.000Z' };
const interval = (from: string, to: string, state: string) => ({
  from: `2026-11-${from}:00:00.000Z`,
  to: `2026-11-${to}:00:00.000Z`,
  state,
});

test('a piece lies where its time lies', () => {
  expect(
    stripPieces([interval('02T00', '04T00', 'down'), interval('04T00', '11T00', 'up')], window).map(
      ({ startPercent, widthPercent, tone }) => [startPercent, widthPercent, tone],
    ),
  ).toEqual([
    [10, 20, 'bad'],
    [30, 70, 'plain'],
  ]);
});

test('what reaches beyond the window is cut, what lies outside is left out', () => {
  const before = { from: '2026-10-01T00:00:00.000Z', to: '2026-11-02T00:00:00.000Z', state: 'up' };
  const outside = { from: '2026-12-01T00:00:00.000Z', to: '2026-12-02T00:00:00.000Z', state: 'down' };
  expect(stripPieces([before, outside], window)).toMatchObject([{ startPercent: 0, widthPercent: 10 }]);
  expect(stripPieces([before], { from: window.from, to: window.from })).toEqual([]);
});

test('a state nobody named is not shown as a good one', () => {
  expect(stripPieces([interval('02T00', '03T00', 'asleep')], window)).toMatchObject([{ tone: 'unseen' }]);
});

test('no piece leaves the strip, and none is too narrow to be seen', () => {
  const ms = fc.integer({ min: Date.parse(window.from) - 86_400_000, max: Date.parse(window.to) + 86_400_000 });
  fc.assert(
    fc.property(fc.array(fc.tuple(ms, ms)), (spans) => {
      const intervals = spans.map(([a, b]) => ({
        from: new Date(Math.min(a, b)).toISOString(),
        to: new Date(Math.max(a, b)).toISOString(),
        state: 'down',
      }));
      for (const { startPercent, widthPercent } of stripPieces(intervals, window)) {
        expect(startPercent).toBeGreaterThanOrEqual(0);
        expect(widthPercent).toBeGreaterThanOrEqual(0.25);
        expect(startPercent + widthPercent).toBeLessThanOrEqual(100.000001);
      }
    }),
  );
});

test.each([
  [[interval('02T00', '11T00', 'up')], '2026-11-01T00:00:00.000Z'],
  [[interval('10T12', '10T18', 'down'), interval('10T06', '10T12', 'up')], '2026-11-10T06:00:00.000Z'],
  [[{ from: '2026-10-01T00:00:00.000Z', to: '2026-11-11T00:00:00.000Z', state: 'up' }], '2026-11-01T00:00:00.000Z'],
  [[], '2026-11-01T00:00:00.000Z'],
])('a strip over %j begins %s', (intervals, from) => {
  expect(stripSpan(intervals, window)).toEqual({ from, to: window.to });
});

test('totals by state, the longest first', () => {
  const totals = stateTotals([
    interval('01T00', '01T05', 'down'),
    interval('01T05', '03T00', 'up'),
    interval('03T00', '03T02', 'down'),
  ]);
  expect(totals.map(({ state, ms, count }) => [state, ms / 3_600_000, count])).toEqual([
    ['up', 43, 1],
    ['down', 7, 2],
  ]);
});
