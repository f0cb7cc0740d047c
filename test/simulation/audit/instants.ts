import type { RecordedEvent } from '../../../services/event-log/event.ts';
import type { Ledger } from '../ledger.ts';

export interface Stretch {
  fromMs: number;
  toMs: number;
}

/** Stretches of time between one note of the hub and the other. */
export const between = ({ hub }: Ledger, begin: string, end: string): Stretch[] => {
  const found: Stretch[] = [];
  let sinceMs: number | undefined;
  for (const { what, atMs } of hub) {
    if (what === begin) sinceMs = atMs;
    if (what !== end || sinceMs === undefined) continue;
    found.push({ fromMs: sinceMs, toMs: atMs });
    sinceMs = undefined;
  }
  return found;
};

/** A commit that takes longer holds up what follows the log. */
const slowCommitMs = 200;
/** After what kept the hub from it: it tries again, and follows what it has missed. */
const graceMs = 5_000;

/** When something was said, and by when something had to be. */
export interface Instants {
  /** When an event stood in the log. */
  committedMs(event: Pick<RecordedEvent, 'position'>): number;
  /** By when the hub says what is due then: within so long, or soon after what kept it from it. */
  latestMs(dueMs: number, withinMs?: number): number;
}

export const instantsOf = (ledger: Ledger): Instants => {
  const commits = ledger.commits.map(({ position, atMs }) => ({ position: Number(position ?? 0), atMs }));
  const slow = ledger.commits.filter(({ fromMs, atMs, isWell }) => !isWell || atMs - fromMs > slowCommitMs);
  const troubles: Stretch[] = [
    ...between(ledger, 'crashed', 'started'),
    ...between(ledger, 'log-down', 'log-up'),
    ...ledger.lags,
    ...slow.map(({ fromMs, atMs }) => ({ fromMs, toMs: atMs })),
  ].sort((a, b) => a.fromMs - b.fromMs);
  return {
    committedMs({ position }) {
      const wanted = Number(position);
      let [low, high] = [0, commits.length - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (commits[middle]!.position >= wanted) high = middle;
        else low = middle + 1;
      }
      return commits[low]?.atMs ?? 0;
    },
    latestMs(dueMs, withinMs = 1_000) {
      let latest = dueMs + withinMs;
      for (const { fromMs, toMs } of troubles) {
        if (fromMs > latest) break;
        if (toMs + graceMs > dueMs) latest = Math.max(latest, toMs + graceMs);
      }
      return latest;
    },
  };
};

/** An event of an order's stream with the time at which it stood there, and how long nothing followed it. */
export interface Told {
  event: RecordedEvent;
  data: Record<string, unknown>;
  committedMs: number;
  untilMs: number;
}

/** The orders' streams, in the order in which they were raised. */
export const orderStreams = (
  events: readonly RecordedEvent[],
  { committedMs }: Instants,
  endMs: number,
): Map<string, Told[]> => {
  const streams = new Map<string, Told[]>();
  for (const event of events) {
    if (!event.type.startsWith('work-order.')) continue;
    const order = event.stream.slice('work-order-'.length);
    const told = streams.get(order) ?? [];
    streams.set(order, told);
    const atMs = committedMs(event);
    const before = told.at(-1);
    if (before !== undefined) before.untilMs = atMs;
    const data = (event.data ?? {}) as Record<string, unknown>;
    told.push({ event, data, committedMs: atMs, untilMs: endMs });
  }
  return streams;
};
