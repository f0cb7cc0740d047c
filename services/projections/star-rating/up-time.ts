import type { HeardRun } from './heard-runs.ts';
import { endOfPausedMs, firstIndex, type Interval, subtract } from './intervals.ts';

/** What is known of the presence of a device or a gateway; all in order of time. */
export interface Heard {
  runs: readonly HeardRun[];
  /** It was said to be gone. */
  goneMs: readonly number[];
  /** It was said to be back. */
  backMs: readonly number[];
  silentAfterMs: number;
}

const never = Number.POSITIVE_INFINITY;

/**
 * When a run that ends after `atMs` was heard again. One that reaches across is of words that were known before the loss
 * was told: it had been heard again, nobody knows when, and no time is held against it.
 */
const heardFromMs = (run: HeardRun | undefined, atMs: number): number =>
  run === undefined ? never : Math.max(run.fromMs, atMs);

const heardAfterMs = ({ runs }: Pick<Heard, 'runs'>, atMs: number): number =>
  heardFromMs(runs[firstIndex(runs, ({ toMs }) => toMs > atMs)], atMs);

/** It is known to be away from `fromMs` on; what it was heard with before, was at `sinceMs` or earlier. */
interface Absence extends Interval {
  sinceMs: number;
}

/** From each time that it was gone until it was heard again. */
const losses = ({ runs, goneMs, backMs }: Heard): Absence[] => {
  let [back, run] = [0, 0];
  return goneMs.map((atMs) => {
    while (back < backMs.length && backMs[back]! <= atMs) back += 1;
    while (run < runs.length && runs[run]!.toMs <= atMs) run += 1;
    return { sinceMs: atMs, fromMs: atMs, toMs: Math.min(backMs[back] ?? never, heardFromMs(runs[run], atMs)) };
  });
};

/** From the end of the time that it may be silent on, until its next word. */
const silences = ({ runs, silentAfterMs }: Heard, gaps: readonly Interval[]): Absence[] =>
  runs.flatMap(({ toMs: lastMs }, index) => {
    const fromMs = endOfPausedMs(lastMs, silentAfterMs, gaps);
    const toMs = runs[index + 1]?.fromMs ?? never;
    return toMs > fromMs ? [{ sinceMs: lastMs, fromMs, toMs }] : [];
  });

/** The gateway that a device was heard beneath for a while. */
export interface Beneath extends Interval {
  gateway: Heard;
}

export interface UpTimeOptions {
  /** When nobody could have heard it: the clock of silence stands still. In order and without overlaps. */
  gaps: readonly Interval[];
  beneath: readonly Beneath[];
}

export interface UpTime {
  /** From each word on until it fell silent, or it, or its gateway, was known to be gone. */
  up: Interval[];
  /** Not up, having been up until its gateway was gone or fell silent. */
  gatewayDown: Interval[];
}

export const upTime = (heard: Heard, { gaps, beneath }: UpTimeOptions): UpTime => {
  const { runs, silentAfterMs } = heard;
  const held = runs.map(({ fromMs, toMs }) => ({ fromMs, toMs: endOfPausedMs(toMs, silentAfterMs, gaps) }));
  const byItself = subtract(held, losses(heard));
  if (beneath.length === 0) return { up: byItself, gatewayDown: [] };
  const lost: Absence[] = [];
  const silent: Absence[] = [];
  for (const { gateway, fromMs: beginMs, toMs: endMs } of beneath) {
    // Whoever is heard beneath a gateway shows that it isn't gone.
    const cut = (absences: Absence[]): Absence[] =>
      absences
        .filter(({ sinceMs }) => sinceMs >= beginMs && sinceMs < endMs)
        .map((absence) => ({ ...absence, toMs: Math.min(absence.toMs, endMs, heardAfterMs(heard, absence.sinceMs)) }));
    lost.push(...cut(losses(gateway)));
    silent.push(...cut(silences(gateway, gaps)));
  }
  const up = subtract(byItself, lost);
  const wasUp = ({ sinceMs }: Absence): boolean => {
    const last = byItself[firstIndex(byItself, ({ toMs }) => toMs >= sinceMs)];
    return last !== undefined && last.fromMs <= sinceMs;
  };
  return { up, gatewayDown: subtract([...lost, ...silent].filter(wasUp), up) };
};
