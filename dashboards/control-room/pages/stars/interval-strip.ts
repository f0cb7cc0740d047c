export interface StateInterval {
  from: string;
  to: string;
  state: string;
}

/** `plain` is as it should be, `bad` counts against the criterion, `excused` is seen but not the subject's own. */
export type IntervalTone = 'plain' | 'bad' | 'excused' | 'unseen';

const tones: Record<string, IntervalTone> = {
  up: 'plain',
  'in-band': 'plain',
  down: 'bad',
  'out-of-band': 'bad',
  'gateway-down': 'excused',
  'not-observed': 'unseen',
  'no-reading': 'unseen',
};
/** A state that the page doesn't know yet must not pass for a good one. */
export const toneOfState = (state: string): IntervalTone => tones[state] ?? 'unseen';

export interface StripPiece {
  key: string;
  /** Both in percent of the window. */
  startPercent: number;
  widthPercent: number;
  state: string;
  tone: IntervalTone;
}

/** Narrower than this a piece would not be seen; an outage of a minute still counts. */
const widthPercentMin = 0.25;

export function stripPieces(intervals: readonly StateInterval[], window: { from: string; to: string }): StripPiece[] {
  const from = Date.parse(window.from);
  const span = Date.parse(window.to) - from;
  if (span <= 0) return [];
  return intervals.flatMap((interval) => {
    const start = Math.max(0, Date.parse(interval.from) - from);
    const end = Math.min(span, Date.parse(interval.to) - from);
    if (end <= start) return [];
    const widthPercent = Math.max(widthPercentMin, ((end - start) / span) * 100);
    const startPercent = Math.min(100 - widthPercent, (start / span) * 100);
    const { state } = interval;
    return [{ key: `${interval.from} ${state}`, startPercent, widthPercent, state, tone: toneOfState(state) }];
  });
}

/** Less than this share of the window, and the strip shows only what there is: a device of yesterday isn't a dot. */
const shareMin = 0.2;

/** What the strip reaches over: the window, or the time within it of which anything is known, where that is short. */
export function stripSpan(
  intervals: readonly StateInterval[],
  window: { from: string; to: string },
): { from: string; to: string } {
  const [beginMs, endMs] = [Date.parse(window.from), Date.parse(window.to)];
  const firstMs = Math.max(beginMs, Math.min(endMs, ...intervals.map(({ from }) => Date.parse(from))));
  const share = (endMs - firstMs) / (endMs - beginMs);
  const from = share > 0 && share < shareMin ? new Date(firstMs).toISOString() : window.from;
  return { from, to: window.to };
}

export interface StateTotal {
  state: string;
  tone: IntervalTone;
  ms: number;
  count: number;
}

/** How long and how often each state was, the longest first, for those who can't see the strip. */
export function stateTotals(intervals: readonly StateInterval[]): StateTotal[] {
  const totals = new Map<string, StateTotal>();
  for (const { state, from, to } of intervals) {
    const total = totals.get(state) ?? { state, tone: toneOfState(state), ms: 0, count: 0 };
    total.ms += Math.max(0, Date.parse(to) - Date.parse(from));
    total.count += 1;
    totals.set(state, total);
  }
  return [...totals.values()].sort((a, b) => b.ms - a.ms);
}
