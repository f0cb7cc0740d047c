import { firstIndex } from './intervals.ts';

/**
 * A device was heard at both ends of a run, and in between again and again. Unlike an `Interval` it may be a single
 * instant, and its end is part of it.
 */
export interface HeardRun {
  fromMs: number;
  toMs: number;
}

/**
 * Takes a word into runs that are in order of time; `isOneRun` says whether two words with none between them are of one.
 * No run reaches across a loss, so that the word that ended it is known exactly. The same words give the same runs,
 * whatever the order in which they come between two losses.
 */
export const hear = (runs: HeardRun[], atMs: number, isOneRun: (fromMs: number, toMs: number) => boolean): void => {
  const index = firstIndex(runs, ({ fromMs }) => fromMs > atMs);
  const before = runs[index - 1];
  const after = runs[index];
  if (before !== undefined && before.toMs >= atMs) return;
  const joinsBefore = before !== undefined && isOneRun(before.toMs, atMs);
  const joinsAfter = after !== undefined && isOneRun(atMs, after.fromMs);
  if (joinsBefore && joinsAfter) {
    before.toMs = after.toMs;
    runs.splice(index, 1);
  } else if (joinsBefore) before.toMs = atMs;
  else if (joinsAfter) after.fromMs = atMs;
  else runs.splice(index, 0, { fromMs: atMs, toMs: atMs });
};
