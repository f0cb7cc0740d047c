import fc from 'fast-check';
import { binOriginMs, dayMs, hourMs } from './limits.ts';
import { grainFor, type Range, splitRange } from './ranges.ts';

const at = (days: number, hours = 0): number => binOriginMs + days * dayMs + hours * hourMs;

test.each([
  [300, undefined],
  [3_600, 'hourly'],
  [5_400, undefined],
  [7_200, 'hourly'],
  [86_400, 'daily'],
  [129_600, 'hourly'],
  [604_800, 'daily'],
])('buckets of %i s come from %s', (bucketSeconds, grain) => {
  expect(grainFor(bucketSeconds)).toBe(grain);
});

test.each<[string, Range, 'hourly' | 'daily', number[], Range[], Range[]]>([
  ['whole days', [at(0), at(3)], 'daily', [], [[at(0), at(3)]], []],
  [
    'edges',
    [at(0, 5), at(3, 1)],
    'daily',
    [],
    [[at(1), at(3)]],
    [
      [at(0, 5), at(1)],
      [at(3), at(3, 1)],
    ],
  ],
  ['within one bucket', [at(0, 5), at(0, 9)], 'daily', [], [], [[at(0, 5), at(0, 9)]]],
  ['from one bucket into the next', [at(0, 5), at(1, 9)], 'daily', [], [], [[at(0, 5), at(1, 9)]]],
  [
    'a changed day',
    [at(0), at(3)],
    'daily',
    [at(1)],
    [
      [at(0), at(1)],
      [at(2), at(3)],
    ],
    [[at(1), at(2)]],
  ],
  ['changed days beside an edge', [at(0, 5), at(3)], 'daily', [at(2), at(1)], [], [[at(0, 5), at(3)]]],
  ['a changed day cut by the range', [at(0, 5), at(2)], 'hourly', [at(0)], [[at(1), at(2)]], [[at(0, 5), at(1)]]],
  ['days outside', [at(1), at(2)], 'daily', [at(0), at(2), at(7)], [[at(1), at(2)]], []],
])('%s', (_name, range, grain, changed, aggregated, raw) => {
  expect(splitRange(range, grain, changed)).toEqual({ aggregated, raw });
});

test('the parts cover the range once, and no aggregate is cut or stale', () => {
  const minute = 60_000;
  const instant = fc.integer({ min: -3_000, max: 12_000 }).map((minutes) => binOriginMs + minutes * minute);
  const days = fc.uniqueArray(fc.integer({ min: -3, max: 9 }).map((day) => at(day)));
  fc.assert(
    fc.property(
      instant,
      instant,
      fc.constantFrom('hourly' as const, 'daily' as const),
      days,
      (a, b, grain, changed) => {
        fc.pre(a !== b);
        const range: Range = [Math.min(a, b), Math.max(a, b)];
        const { aggregated, raw } = splitRange(range, grain, changed);
        const parts = [...aggregated, ...raw].sort(([first], [second]) => first - second);
        expect(parts[0]![0]).toBe(range[0]);
        expect(parts.at(-1)![1]).toBe(range[1]);
        for (const [index, [from, to]] of parts.entries()) {
          expect(from).toBeLessThan(to);
          if (index > 0) expect(from).toBe(parts[index - 1]![1]);
        }
        const width = grain === 'daily' ? dayMs : hourMs;
        for (const [from, to] of aggregated) {
          expect([(from - binOriginMs) % width, (to - binOriginMs) % width].map(Math.abs)).toEqual([0, 0]);
          expect(changed.filter((day) => day < to && day + dayMs > from)).toEqual([]);
        }
      },
    ),
  );
});
