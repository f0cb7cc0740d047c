/** The only place that reads the machine's clock; everything else takes the time as an argument or a `Clock`. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

let lastMs = Number.NaN;
let lastText = '';

/** ISO 8601 in UTC with milliseconds, the one form in which the hub stores an instant. */
export const isoTime = (ms: number): string => {
  // Messages of one millisecond share its text: at forty thousand a second nearly all do.
  if (ms !== lastMs) [lastMs, lastText] = [ms, new Date(ms).toISOString()];
  return lastText;
};
