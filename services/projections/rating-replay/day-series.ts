import { firstIndex, type Interval } from '../star-rating/intervals.ts';
import type { CountSeries } from '../star-rating/past.ts';

const hourMs = 3_600_000;

/** The windows of the days of a period, and all their edges in order, so that sums are taken once up to each. */
export interface DayWindows {
  windows: readonly Interval[];
  edgesMs: readonly number[];
  /** Of each window, the places of its two edges. */
  from: readonly number[];
  to: readonly number[];
  /** Every midnight from the first window's beginning to the last one's end. */
  midnightsMs: readonly number[];
}

export const dayWindows = (windows: readonly Interval[], midnightsMs: readonly number[]): DayWindows => {
  const edgesMs = [...new Set(windows.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].sort((a, b) => a - b);
  const places = new Map(edgesMs.map((ms, place) => [ms, place]));
  return {
    ...{ windows, edgesMs, midnightsMs },
    from: windows.map(({ fromMs }) => places.get(fromMs)!),
    to: windows.map(({ toMs }) => places.get(toMs)!),
  };
};

/** How much of the intervals lies before an instant; they are in order and without overlaps. */
export const timeBefore = (ordered: readonly Interval[], atMs: number): number => {
  let sumMs = 0;
  for (const { fromMs, toMs } of ordered) {
    if (fromMs >= atMs) break;
    sumMs += Math.min(toMs, atMs) - fromMs;
  }
  return sumMs;
};

/** The same for each of the edges, in one walk. */
const timeBeforeEach = (ordered: readonly Interval[], edgesMs: readonly number[]): Float64Array => {
  const sums = new Float64Array(edgesMs.length);
  let next = 0;
  let wholeMs = 0;
  for (const [place, atMs] of edgesMs.entries()) {
    while (next < ordered.length && ordered[next]!.toMs <= atMs) {
      wholeMs += ordered[next]!.toMs - ordered[next]!.fromMs;
      next += 1;
    }
    const begun = ordered[next];
    sums[place] = wholeMs + (begun !== undefined && begun.fromMs < atMs ? atMs - begun.fromMs : 0);
  }
  return sums;
};

/** How much of some intervals lies before each of the edges: counted once, however many criteria ask for it. */
export type TimeSums = (ordered: readonly Interval[]) => Float64Array;

export const createTimeSums = (edgesMs: readonly number[]): TimeSums => {
  const known = new WeakMap<readonly Interval[], Float64Array>();
  return (ordered) => {
    const sums = known.get(ordered) ?? timeBeforeEach(ordered, edgesMs);
    known.set(ordered, sums);
    return sums;
  };
};

/** Days of a period one after the other, the last one not included. */
export interface DayRange {
  from: number;
  to: number;
}

/** Counts what windows touch, piece by piece, on all of the days at once. */
export interface CountSums {
  /** What was counted from `sinceMs` on, as often as `weight` says, on those of the days whose windows touch it. */
  add(series: readonly CountSeries[], weight: (counter: string) => number, days: DayRange & { sinceMs: number }): void;
  /** The sums of the days. */
  byDay(): Float64Array;
}

export const createCountSums = (windows: readonly Interval[]): CountSums => {
  /** How much more there is on a day than on the day before. */
  const more = new Float64Array(windows.length + 1);
  const firstDayOf = (hour: number): number => firstIndex(windows, ({ toMs }) => toMs > hour * hourMs);
  const dayAfter = (hour: number): number => firstIndex(windows, ({ fromMs }) => fromMs >= (hour + 1) * hourMs);
  return {
    add(series, weight, { from, to, sinceMs }) {
      for (const { counter, hours, counts } of series) {
        const times = weight(counter);
        if (times === 0) continue;
        for (let piece = 0; piece < hours.length; piece += 1) {
          const hour = hours[piece]!;
          if (hour * hourMs <= sinceMs - hourMs) continue;
          const first = Math.max(from, firstDayOf(hour));
          const after = Math.min(to, dayAfter(hour));
          if (first >= after) continue;
          more[first]! += counts[piece]! * times;
          more[after]! -= counts[piece]! * times;
        }
      }
    },
    byDay() {
      const sums = new Float64Array(windows.length);
      let sum = 0;
      for (let day = 0; day < windows.length; day += 1) {
        sum += more[day]!;
        sums[day] = sum;
      }
      return sums;
    },
  };
};
