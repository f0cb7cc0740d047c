import { endOfPausedMs, type Interval, subtract, union } from './intervals.ts';

/**
 * A device was heard at both ends of a run, and in between never silent for longer than its kind allows. Unlike an
 * `Interval` it may be a single instant, and its end is part of it.
 */
export interface HeardRun {
  fromMs: number;
  toMs: number;
}

/**
 * Runs joined where no silence longer than `silentAfterMs` lies between them, and no word of a disconnection. The result
 * doesn't depend on the order in which runs arrive, so late and repeated messages are harmless; only a disconnection that
 * is told late and falls inside a joined run is lost, and it was shorter than `silentAfterMs`.
 */
export const joinRuns = (
  runs: readonly HeardRun[],
  disconnectsMs: readonly number[],
  silentAfterMs: number,
): HeardRun[] => {
  const joined: HeardRun[] = [];
  for (const next of [...runs].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1);
    const cut = last !== undefined && disconnectsMs.some((atMs) => atMs >= last.toMs && atMs < next.fromMs);
    if (last !== undefined && !cut && next.fromMs - last.toMs <= silentAfterMs) {
      last.toMs = Math.max(last.toMs, next.toMs);
    } else joined.push({ ...next });
  }
  return joined;
};

/** From each disconnection until the device was heard again. */
const downAfter = (disconnectsMs: readonly number[], runs: readonly HeardRun[]): Interval[] =>
  disconnectsMs.map((atMs) => {
    const back = runs.find((run) => run.toMs > atMs);
    return { fromMs: atMs, toMs: back === undefined ? Number.POSITIVE_INFINITY : Math.max(atMs, back.fromMs) };
  });

export interface Heard {
  runs: readonly HeardRun[];
  disconnectsMs: readonly number[];
}

export interface UpTimeOptions {
  silentAfterMs: number;
  /** Outages of the hub: the clock of silence stands still, because nobody listened. */
  gaps: readonly Interval[];
  /** The gateway it is heard beneath: nothing beneath a gateway that is gone can be heard. */
  gateway?: Heard | undefined;
}

/** When a device was up: from each word on until it fell silent, or it, or its gateway, was known to be gone. */
export const upTime = ({ runs, disconnectsMs }: Heard, { silentAfterMs, gaps, gateway }: UpTimeOptions): Interval[] => {
  const sorted = [...runs].sort((a, b) => a.fromMs - b.fromMs);
  const held = sorted.map(({ fromMs, toMs }) => ({ fromMs, toMs: endOfPausedMs(toMs, silentAfterMs, gaps) }));
  const gatewayRuns = [...(gateway?.runs ?? []), ...sorted].sort((a, b) => a.fromMs - b.fromMs);
  const down = [...downAfter(disconnectsMs, sorted), ...downAfter(gateway?.disconnectsMs ?? [], gatewayRuns)];
  return subtract(union(held), down);
};
