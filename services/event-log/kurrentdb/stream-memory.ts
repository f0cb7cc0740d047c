import type { LogPosition } from './log-position.ts';
import type { StreamReader } from './reader.ts';
import type { LogRecord } from './record.ts';

/** Most events are about now, and a few of the newest tell; one that is uploaded late is looked for further back. */
const firstPage = 32;
const growth = 8;
const largestPage = 1_000;
/** More than this is not worth keeping: the next append reads the tail anew. */
const rememberedEventsMax = 20_000;

/** Reads only what `EventMeta.receivedAt` says; a record without it tells nothing about time. */
const receivedAtMs = ({ metadata }: LogRecord): number => {
  const meta = (metadata as { meta?: unknown } | null | undefined)?.meta;
  const [, at = ''] = typeof meta === 'string' ? (/"receivedAt":"([^"]+)"/.exec(meta) ?? []) : [];
  return Date.parse(at);
};

interface Tail {
  /** Revisions by id. */
  ids: Map<string, number>;
  /** By revision, as far as the server has told them. */
  positions: Map<number, LogPosition>;
  /** Last revision, -1 for no stream; `undefined` before the first reading. */
  end: number | undefined;
  /** Every event from this revision on is in `ids`. */
  start: number;
  /** When the oldest of them was received, as far as it says so. */
  coveredSinceMs: number;
}

const nothing = (): Tail => ({
  ids: new Map(),
  positions: new Map(),
  end: undefined,
  start: 0,
  coveredSinceMs: Number.POSITIVE_INFINITY,
});

const learn = ({ ids, positions }: Tail, { id, revision: number, position }: LogRecord): void => {
  const revision = Number(number);
  // The first of two with one id is the event; a second was let in by some other writer.
  ids.set(id, Math.min(revision, ids.get(id) ?? revision));
  positions.set(revision, position);
};

/**
 * What is known of one stream: where it ends, and the ids of its newest events.
 *
 * The server itself recognises a repetition only among what it has written lately (8 MiB of ids, none after a restart),
 * only by the first event of a batch, and stores the others a second time when the first one is new. So ids are looked
 * up here and every append names the revision that it expects, which makes the server's own check exact.
 */
export const createStreamMemory = (reader: StreamReader, stream: string) => {
  let tail = nothing();

  const readBack = async (from: number | 'end', maxCount: number): Promise<LogRecord[]> => {
    const records = await reader.stream(stream, { from, maxCount, backwards: true });
    for (const record of records) {
      learn(tail, record);
      const at = receivedAtMs(record);
      if (at < tail.coveredSinceMs) tail.coveredSinceMs = at;
    }
    // Older events may be gone from sight by age or count; then there is no more to know.
    tail.start = records.length < maxCount ? 0 : Number(records.at(-1)!.revision);
    return records;
  };

  return {
    get end(): number {
      return tail.end ?? -1;
    },
    get size(): number {
      return tail.ids.size;
    },
    revisionOf: (id: string): number | undefined => tail.ids.get(id),
    positionAt: (revision: number): LogPosition | undefined => tail.positions.get(revision),
    forget(): void {
      tail = nothing();
    },

    /**
     * Knows all events from the newest back to those received before `sinceMs`, and at least the newest few. An event
     * can't have been received before it happened: whatever is older can't be the event that is looked for.
     */
    async cover(sinceMs: number): Promise<void> {
      if (tail.ids.size > rememberedEventsMax) tail = nothing();
      if (tail.end === undefined) {
        const [newest] = await readBack('end', firstPage);
        tail.end = Number(newest?.revision ?? -1);
      }
      for (let page = firstPage * growth; tail.start > 0 && tail.coveredSinceMs >= sinceMs; page *= growth) {
        await readBack(tail.start - 1, Math.min(page, largestPage));
      }
    },

    /**
     * Learns what others have appended since. `told` is the last revision by the server's word: events that are hidden
     * by their age can't be read and still count.
     */
    async catchUp(told = -1): Promise<void> {
      for (;;) {
        const end = tail.end ?? -1;
        const records = await reader.stream(stream, { from: end + 1, maxCount: largestPage });
        for (const record of records) learn(tail, record);
        tail.end = Number(records.at(-1)?.revision ?? end);
        if (records.length < largestPage) break;
      }
      tail.end = Math.max(tail.end, told);
    },

    /** Takes in an append of this process. The server tells the last event's position only. */
    appended(ids: readonly string[], lastPosition: LogPosition | undefined): void {
      let revision = tail.end ?? -1;
      for (const id of ids) {
        revision += 1;
        tail.ids.set(id, revision);
      }
      if (lastPosition !== undefined) tail.positions.set(revision, lastPosition);
      tail.end = revision;
    },
  };
};

export type StreamMemory = ReturnType<typeof createStreamMemory>;
