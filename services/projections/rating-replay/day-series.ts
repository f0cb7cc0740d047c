import type { Interval } from '../star-rating/intervals.ts';
import type { CountDay } from '../star-rating/past.ts';

const hourMs = 3_600_000;

/** The windows of the days of a period, and all their edges in order, so that sums are taken once up to each. */
export interface DayWindows {
  windows: readonly Interval[];
  edgesMs: readonly number[];
  /** Of each window, the places of its two edges. */
  from: readonly number[];
  to: readonly number[];
}

export const dayWindows = (windows: readonly Interval[]): DayWindows => {
  const edgesMs = [...new Set(windows.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].sort((a, b) => a - b);
  const places = new Map(edgesMs.map((ms, place) => [ms, place]));
  return {
    ...{ windows, edgesMs },
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

/** Counts by the hour, summed up; an hour that a window only touches counts too, as everywhere. */
export interface HourSums {
  within(fromMs: number, toMs: number): number;
}

/** Sums of the counters of one device, each as often as `weight` says; `undefined` where none weighs anything. */
export const hourSums = (days: readonly CountDay[], weight: (counter: string) => number): HourSums | undefined => {
  const weights = new Map<string, number>();
  for (const { counter } of days) if (!weights.has(counter)) weights.set(counter, weight(counter));
  const own = days.filter(({ counter }) => weights.get(counter)! > 0);
  if (own.length === 0) return undefined;
  const firstMs = own[0]!.dayMs;
  const hours = Math.round((own.at(-1)!.dayMs - firstMs) / hourMs) + 24;
  const sums = new Float64Array(hours + 1);
  for (const { dayMs, counter, hours: counts } of own) {
    const place = Math.round((dayMs - firstMs) / hourMs);
    const times = weights.get(counter)!;
    // Days that lie in every window come as one number.
    if ('total' in counts) sums[place + 1]! += counts.total * times;
    else for (let hour = 0; hour < counts.length; hour += 1) sums[place + hour + 1]! += counts[hour]! * times;
  }
  for (let hour = 1; hour <= hours; hour += 1) sums[hour]! += sums[hour - 1]!;
  const upTo = (hour: number): number => sums[Math.min(Math.max(hour, 0), hours)]!;
  return {
    within: (fromMs, toMs) =>
      Math.max(0, upTo(Math.ceil((toMs - firstMs) / hourMs)) - upTo(Math.floor((fromMs - firstMs) / hourMs))),
  };
};
