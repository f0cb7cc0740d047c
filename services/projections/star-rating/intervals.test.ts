import fc from 'fast-check';
import { clip, clipOrdered, endOfPausedMs, type Interval, lengthMs, subtract, union } from './intervals.ts';

const of = (...pairs: [number, number][]): Interval[] => pairs.map(([fromMs, toMs]) => ({ fromMs, toMs }));
const some = fc
  .array(fc.tuple(fc.nat(100), fc.nat(20)), { maxLength: 8 })
  .map((pairs) => pairs.map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length })));
const covers = (intervals: readonly Interval[], ms: number): boolean =>
  intervals.some(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);

test.each([
  ['overlapping', of([0, 5], [3, 8]), of([0, 8])],
  ['touching', of([0, 5], [5, 8]), of([0, 8])],
  ['apart, out of order', of([6, 8], [0, 5]), of([0, 5], [6, 8])],
  ['empty', of([3, 3]), []],
])('union of %s', (_, given, expected) => {
  expect(union(given)).toEqual(expected);
});

test.each([
  ['a hole in the middle', of([0, 10]), of([3, 4]), of([0, 3], [4, 10])],
  ['an end', of([0, 10]), of([8, 12]), of([0, 8])],
  ['all of it', of([0, 10]), of([0, 10]), []],
  ['nothing', of([0, 10]), of([10, 12]), of([0, 10])],
  ['open end', of([0, 10]), of([4, Number.POSITIVE_INFINITY]), of([0, 4])],
])('subtract %s', (_, given, taken, expected) => {
  expect(subtract(given, taken)).toEqual(expected);
});

test('every instant is in the difference exactly if it is in the one and not in the other', () => {
  fc.assert(
    fc.property(some, some, fc.nat(130), (left, right, ms) => {
      expect(covers(subtract(left, right), ms)).toBe(covers(left, ms) && !covers(right, ms));
      expect(covers(union([...left, ...right]), ms)).toBe(covers(left, ms) || covers(right, ms));
      expect(lengthMs(subtract(left, right)) + lengthMs(right)).toBe(lengthMs([...left, ...right]));
    }),
  );
});

test('of what is in order clip is the same, also to a stretch that is empty', () => {
  fc.assert(
    fc.property(some, fc.nat(130), fc.nat(130), (given, fromMs, toMs) => {
      const ordered = union(given);
      expect(clipOrdered(ordered, { fromMs, toMs })).toEqual(clip(ordered, { fromMs, toMs }));
    }),
  );
});

test('clip keeps what lies inside', () => {
  expect(clip(of([0, 5], [8, 20], [30, 40]), { fromMs: 3, toMs: 10 })).toEqual(of([3, 5], [8, 10]));
});

test.each([
  ['no pause', [], 15],
  ['a pause on the way', of([12, 20]), 23],
  ['a pause after it is over', of([15, 20]), 15],
  ['a pause that had begun before', of([5, 12]), 17],
  ['two pauses, the second only reached because of the first', of([12, 20], [21, 30]), 32],
])('five from ten on, with %s', (_, pauses, expected) => {
  expect(endOfPausedMs(10, 5, pauses)).toBe(expected);
});
