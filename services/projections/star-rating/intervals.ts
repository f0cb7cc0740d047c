/** A stretch of time, milliseconds since the epoch; the end is not part of it. */
export interface Interval {
  fromMs: number;
  toMs: number;
}

/** Index of the first of sorted items that passes; their number when none does. */
export const firstIndex = <Item>(sorted: readonly Item[], passes: (item: Item) => boolean): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** The same time, in order and without overlaps. */
export const union = (intervals: readonly Interval[]): Interval[] => {
  const merged: Interval[] = [];
  for (const next of [...intervals].sort((a, b) => a.fromMs - b.fromMs)) {
    if (next.toMs <= next.fromMs) continue;
    const last = merged.at(-1);
    if (last !== undefined && next.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, next.toMs);
    else merged.push({ ...next });
  }
  return merged;
};

const isOrdered = (intervals: readonly Interval[]): boolean => {
  let endMs = Number.NEGATIVE_INFINITY;
  for (const { fromMs, toMs } of intervals) {
    if (fromMs <= endMs || toMs <= fromMs) return false;
    endMs = toMs;
  }
  return true;
};

/** `union` for who only reads it: mostly it is in order already, and needs no copy. */
const ordered = (intervals: readonly Interval[]): readonly Interval[] =>
  isOrdered(intervals) ? intervals : union(intervals);

export const clip = (intervals: readonly Interval[], to: Interval): Interval[] =>
  intervals
    .map(({ fromMs, toMs }) => ({ fromMs: Math.max(fromMs, to.fromMs), toMs: Math.min(toMs, to.toMs) }))
    .filter(({ fromMs, toMs }) => fromMs < toMs);

/** `clip` for intervals in order and without overlaps, for which it need not look at all of them; mostly it cuts none. */
export const clipOrdered = (ordered: readonly Interval[], to: Interval): readonly Interval[] => {
  const first = ordered[0];
  if (first === undefined || (first.fromMs >= to.fromMs && ordered.at(-1)!.toMs <= to.toMs)) return ordered;
  const clipped: Interval[] = [];
  const low = firstIndex(ordered, ({ toMs }) => toMs > to.fromMs);
  for (let index = low; index < ordered.length && ordered[index]!.fromMs < to.toMs; index += 1) {
    const whole = ordered[index]!;
    const fromMs = Math.max(whole.fromMs, to.fromMs);
    const toMs = Math.min(whole.toMs, to.toMs);
    if (fromMs === whole.fromMs && toMs === whole.toMs) clipped.push(whole);
    else if (fromMs < toMs) clipped.push({ fromMs, toMs });
  }
  return clipped;
};

/** The time of `intervals` that is in none of `taken`. */
export const subtract = (intervals: readonly Interval[], taken: readonly Interval[]): Interval[] => {
  if (intervals.length === 0) return [];
  const away = ordered(taken);
  const left: Interval[] = [];
  let next = 0;
  for (const { fromMs, toMs } of ordered(intervals)) {
    let cursorMs = fromMs;
    while (next < away.length && away[next]!.toMs <= cursorMs) next += 1;
    for (; next < away.length && away[next]!.fromMs < toMs; next += 1) {
      const hole = away[next]!;
      if (hole.fromMs > cursorMs) left.push({ fromMs: cursorMs, toMs: hole.fromMs });
      cursorMs = hole.toMs;
      // The hole may reach into the next interval.
      if (hole.toMs > toMs) break;
    }
    if (cursorMs < toMs) left.push({ fromMs: cursorMs, toMs });
  }
  return left;
};

export const lengthMs = (intervals: readonly Interval[]): number =>
  ordered(intervals).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);

/** When `durationMs` from `startMs` on is over, on a clock that stands still during `pauses`. */
export const endOfPausedMs = (startMs: number, durationMs: number, pauses: readonly Interval[]): number => {
  let endMs = startMs + durationMs;
  // Asked for every word of a device, and mostly there was no pause at all.
  if (pauses.length === 0) return endMs;
  for (const pause of ordered(pauses)) {
    if (pause.toMs <= startMs) continue;
    if (pause.fromMs >= endMs) break;
    endMs += pause.toMs - Math.max(pause.fromMs, startMs);
  }
  return endMs;
};
