import { firstIndex } from './intervals.ts';

/**
 * A device was heard at both ends of a run, and in between again and again. Unlike an `Interval` it may be a single
 * instant, and its end is part of it.
 */
export interface HeardRun {
  fromMs: number;
  toMs: number;
}

export interface Joining {
  /** Words with no more than this between them become one run. */
  withinMs: number;
  /** Whether the device, or a gateway above it, was lost from `fromMs` on and before `toMs`, as far as was told by then. */
  wasLost(fromMs: number, toMs: number): boolean;
}

const isOneRun = ({ withinMs, wasLost }: Joining, fromMs: number, toMs: number): boolean =>
  toMs - fromMs <= withinMs && !wasLost(fromMs, toMs);

/**
 * Takes a word into runs that are in order of time. No run reaches across a loss, so that the word that ended it is
 * known exactly. The same words give the same runs, whatever the order in which they come between two losses.
 */
export const hear = (runs: HeardRun[], atMs: number, joining: Joining): void => {
  const index = firstIndex(runs, ({ fromMs }) => fromMs > atMs);
  const before = runs[index - 1];
  const after = runs[index];
  if (before !== undefined && before.toMs >= atMs) return;
  const joinsBefore = before !== undefined && isOneRun(joining, before.toMs, atMs);
  const joinsAfter = after !== undefined && isOneRun(joining, atMs, after.fromMs);
  if (joinsBefore && joinsAfter) {
    before.toMs = after.toMs;
    runs.splice(index, 1);
  } else if (joinsBefore) before.toMs = atMs;
  else if (joinsAfter) after.fromMs = atMs;
  else runs.splice(index, 0, { fromMs: atMs, toMs: atMs });
};
