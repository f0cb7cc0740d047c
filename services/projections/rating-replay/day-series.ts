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
  touched: TouchedDays;
}

/** For each hour since `firstHour`, from which day on windows touch it, and from which on none does any more. */
interface TouchedDays {
  firstHour: number;
  from: Int32Array;
  to: Int32Array;
}

const touchedDays = (windows: readonly Interval[]): TouchedDays => {
  const firstHour = Math.floor((windows[0]?.fromMs ?? 0) / hourMs);
  const hours = Math.max(0, Math.ceil((windows.at(-1)?.toMs ?? 0) / hourMs) - firstHour);
  const from = new Int32Array(hours);
  const to = new Int32Array(hours);
  for (let hour = 0; hour < hours; hour += 1) {
    const beginMs = (firstHour + hour) * hourMs;
    from[hour] = firstIndex(windows, ({ toMs }) => toMs > beginMs);
    to[hour] = firstIndex(windows, ({ fromMs }) => fromMs >= beginMs + hourMs);
  }
  return { firstHour, from, to };
};

export const dayWindows = (windows: readonly Interval[], midnightsMs: readonly number[]): DayWindows => {
  const edgesMs = [...new Set(windows.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].sort((a, b) => a - b);
  const places = new Map(edgesMs.map((ms, place) => [ms, place]));
  return {
    ...{ windows, edgesMs, midnightsMs, touched: touchedDays(windows) },
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
  for (let place = 0; place < edgesMs.length; place += 1) {
    const atMs = edgesMs[place]!;
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
  const none = new Float64Array(edgesMs.length);
  return (ordered) => {
    if (ordered.length === 0) return none;
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

/** Devices whose time counts in all of the window of each of some days, put together. */
interface WholeWindows {
  range: DayRange;
  devices: number;
  /** Up to each edge. */
  spentBefore: Float64Array;
  lostBefore: Float64Array;
}

/** Nearly all devices stand for all days alike: so their sums are added up first, and then looked at once for each day. */
export const createWholeWindows = (edges: number) => {
  const byRange = new Map<string, WholeWindows>();
  return {
    add(range: DayRange, spentBefore: Float64Array, lostBefore: Float64Array): void {
      if (range.from >= range.to) return;
      const key = `${range.from} ${range.to}`;
      let own = byRange.get(key);
      if (own === undefined) {
        own = { range, devices: 0, spentBefore: new Float64Array(edges), lostBefore: new Float64Array(edges) };
        byRange.set(key, own);
      }
      own.devices += 1;
      for (let edge = 0; edge < edges; edge += 1) {
        own.spentBefore[edge]! += spentBefore[edge]!;
        own.lostBefore[edge]! += lostBefore[edge]!;
      }
    },
    together: (): Iterable<WholeWindows> => byRange.values(),
  };
};

/** Counts what windows touch, piece by piece, on all of the days at once. */
export interface CountSums {
  /** What was counted from `sinceMs` on, as often as `weight` says, on those of the days whose windows touch it. */
  add(series: readonly CountSeries[], weight: (counter: string) => number, days: DayRange & { sinceMs: number }): void;
  /** The sums of the days. */
  byDay(): Float64Array;
}

export const createCountSums = ({ windows, touched }: DayWindows): CountSums => {
  /** How much more there is on a day than on the day before. */
  const more = new Float64Array(windows.length + 1);
  return {
    add(series, weight, { from, to, sinceMs }) {
      const sinceHour = sinceMs / hourMs - 1;
      for (const { counter, hours, counts } of series) {
        const times = weight(counter);
        if (times === 0) continue;
        for (let piece = 0; piece < hours.length; piece += 1) {
          const hour = hours[piece]! - touched.firstHour;
          if (hours[piece]! <= sinceHour || hour < 0 || hour >= touched.from.length) continue;
          const first = Math.max(from, touched.from[hour]!);
          const after = Math.min(to, touched.to[hour]!);
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
