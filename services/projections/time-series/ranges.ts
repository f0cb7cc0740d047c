import { binOriginMs, dayMs, hourMs } from './limits.ts';

/** From, inclusive, to, exclusive; milliseconds since the epoch. */
export type Range = readonly [fromMs: number, toMs: number];

export type Grain = 'hourly' | 'daily';
const grainMs: Record<Grain, number> = { hourly: hourMs, daily: dayMs };

/** The coarsest aggregate whose buckets fit into buckets of this width without rest. */
export const grainFor = (bucketSeconds: number): Grain | undefined => {
  if ((bucketSeconds * 1000) % dayMs === 0) return 'daily';
  return (bucketSeconds * 1000) % hourMs === 0 ? 'hourly' : undefined;
};

const floor = (ms: number, widthMs: number): number => Math.floor((ms - binOriginMs) / widthMs) * widthMs + binOriginMs;
const ceil = (ms: number, widthMs: number): number => Math.ceil((ms - binOriginMs) / widthMs) * widthMs + binOriginMs;

/** What is left of a range without the days, which are given oldest first. */
const without = (daysMs: readonly number[], [fromMs, toMs]: Range): Range[] => {
  const left: Range[] = [];
  let start = fromMs;
  for (const day of daysMs) {
    if (day >= toMs) break;
    if (day > start) left.push([start, day]);
    start = Math.max(start, day + dayMs);
  }
  return start < toMs ? [...left, [start, toMs]] : left;
};

const between = (taken: readonly Range[], [fromMs, toMs]: Range): Range[] => {
  const edges = [fromMs, ...taken.flat(), toMs];
  const gaps = Array.from({ length: taken.length + 1 }, (_, at): Range => [edges[2 * at]!, edges[2 * at + 1]!]);
  return gaps.filter(([from, to]) => from < to);
};

/**
 * Splits a time range into what the aggregates answer and what must be read itself: the edges that cut a bucket, and
 * days that changed since they were aggregated.
 */
export const splitRange = (
  range: Range,
  grain: Grain,
  changedDaysMs: readonly number[],
): { aggregated: Range[]; raw: Range[] } => {
  const inner: Range = [ceil(range[0], grainMs[grain]), floor(range[1], grainMs[grain])];
  const aggregated = without(
    [...changedDaysMs].sort((a, b) => a - b),
    inner,
  );
  return { aggregated, raw: between(aggregated, range) };
};
