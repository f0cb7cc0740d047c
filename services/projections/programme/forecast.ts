import type { StarChange } from './queries.ts';

export type StarHistory = readonly StarChange[];

const dayMs = 86_400_000;
/** How far back the trend looks. */
export const trendDays = 90;

/** Stars at an instant; `null` before the first rating. */
export const starsAt = (history: StarHistory, atMs: number): number | null =>
  history.findLast((change) => change.atMs <= atMs)?.stars ?? null;

/** The slope of the least-squares line through values one apart. */
export const slopeOf = (values: readonly number[]): number => {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let across = 0;
  let along = 0;
  for (const [index, value] of values.entries()) {
    across += (index - middle) * (value - mean);
    along += (index - middle) ** 2;
  }
  return along === 0 ? 0 : across / along;
};

interface Holder {
  targetStars: number;
  history: StarHistory;
}

/** How many of them held their target at each of the last days; before its first rating one counts as at that rating. */
const holdersByDay = (compounds: readonly Holder[], asOfMs: number): number[] => {
  const days = Array.from({ length: trendDays + 1 }, (_, index) => asOfMs - (trendDays - index) * dayMs);
  const holders = days.map(() => 0);
  for (const { targetStars, history } of compounds) {
    const first = history[0];
    if (first === undefined) continue;
    for (const [index, atMs] of days.entries()) {
      if ((starsAt(history, atMs) ?? first.stars) >= targetStars) holders[index]! += 1;
    }
  }
  return holders;
};

/** `counted` at `endMs`, if as many compounds go on to reach and lose their target as in the last 90 days. */
export const forecastOf = (
  compounds: readonly Holder[],
  { counted, atMost, asOfMs, endMs }: { counted: number; atMost: number; asOfMs: number; endMs: number },
): number => {
  const perDay = slopeOf(holdersByDay(compounds, asOfMs));
  const forecast = Math.round(counted + (perDay * (endMs - asOfMs)) / dayMs);
  return Math.min(Math.max(forecast, 0), atMost);
};
