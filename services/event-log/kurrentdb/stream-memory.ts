import type { LogPosition } from './log-position.ts';
import type { Reader } from './reader.ts';
import type { LogRecord } from './record.ts';

const firstPage = 64;
const nextPages = 1_000;
/** More than this is not worth keeping: the next append reads the tail anew. */
const rememberedEventsMax = 20_000;

interface Known {
  revision: number;
  position: LogPosition | undefined;
}

/** Reads only what `EventMeta.receivedAt` says; a record without it tells nothing about time. */
const receivedAtMs = ({ metadata }: LogRecord): number => {
  const meta = (metadata as { meta?: unknown } | null | undefined)?.meta;
  const [, at = ''] = typeof meta === 'string' ? (/"receivedAt":"([^"]+)"/.exec(meta) ?? []) : [];
  return Date.parse(at);
};

/**
 * What is known of one stream: where it ends, and the ids of its newest events.
 *
 * The server itself recognises a repetition only among what it has written lately (8 MiB of ids, none after a restart),
 * only by the first event of a batch, and stores the others a second time when the first one is new. So ids are looked
 * up here and every append names the revision that it expects, which makes the server's own check exact.
 */
export const createStreamMemory = (reader: Reader, stream: string) => {
  const ids = new Map<string, Known>();
  /** Last revision, -1 for no stream; `undefined` before the first reading. */
  let end: number | undefined;
  /** Every event from this revision on is in `ids`. */
  let start = 0;
  /** When the oldest of them was received, as far as it says so. */
  let coveredSinceMs = Number.POSITIVE_INFINITY;

  const forget = (): void => {
    ids.clear();
    end = undefined;
    start = 0;
    coveredSinceMs = Number.POSITIVE_INFINITY;
  };

  const learn = ({ id, revision, position }: LogRecord): void => {
    const known = ids.get(id);
    // The first of two with one id is the event; a second was let in by some other writer.
    if (known === undefined || known.revision > Number(revision)) ids.set(id, { revision: Number(revision), position });
  };

  const readBack = async (from: number | 'end', maxCount: number): Promise<LogRecord[]> => {
    const records = await reader.stream(stream, { from, maxCount, backwards: true });
    for (const record of records) {
      learn(record);
      const at = receivedAtMs(record);
      if (at < coveredSinceMs) coveredSinceMs = at;
    }
    // Older events may be gone from sight by age or count; then there is no more to know.
    start = records.length < maxCount ? 0 : Number(records.at(-1)!.revision);
    return records;
  };

  return {
    get end(): number {
      return end ?? -1;
    },
    get size(): number {
      return ids.size;
    },
    forget,
    known: (id: string): Known | undefined => ids.get(id),

    /**
     * Knows all events from the newest back to those received before `sinceMs`, and at least the newest few. An event
     * can't have been received before it happened: whatever is older can't be the event that is looked for.
     */
    async cover(sinceMs: number): Promise<void> {
      if (ids.size > rememberedEventsMax) forget();
      if (end === undefined) {
        const newest = await readBack('end', firstPage);
        end = newest.length === 0 ? -1 : Number(newest[0]!.revision);
      }
      while (start > 0 && coveredSinceMs >= sinceMs) await readBack(start - 1, nextPages);
    },

    /** Learns what others have appended since. */
    async catchUp(): Promise<void> {
      if (end === undefined) return;
      for (;;) {
        const records = await reader.stream(stream, { from: end + 1, maxCount: nextPages });
        for (const record of records) learn(record);
        end = Math.max(end, Number(records.at(-1)?.revision ?? -1));
        if (records.length < nextPages) return;
      }
    },

    /** Takes in an append of this process. The server tells the last event's position only. */
    appended(newIds: readonly string[], lastPosition: LogPosition | undefined): void {
      let revision = end ?? -1;
      for (const id of newIds) {
        revision += 1;
        ids.set(id, { revision, position: undefined });
      }
      ids.get(newIds.at(-1)!)!.position = lastPosition;
      end = revision;
    },

    /** Reads the positions of the events from a revision on, for several that were appended together. */
    async tellPositions(fromRevision: number): Promise<void> {
      const records = await reader.stream(stream, { from: fromRevision, maxCount: (end ?? -1) - fromRevision + 1 });
      for (const { id, position } of records) {
        const known = ids.get(id);
        if (known !== undefined) known.position = position;
      }
    },

    /** Position of an event that is known, read where it was not told. */
    async positionOf(id: string): Promise<LogPosition> {
      const known = ids.get(id)!;
      if (known.position === undefined) {
        const [record] = await reader.stream(stream, { from: known.revision, maxCount: 1 });
        if (record === undefined) throw new Error(`event ${known.revision} of ${stream} is not to be found again`);
        known.position = record.position;
      }
      return known.position;
    },
  };
};

export type StreamMemory = ReturnType<typeof createStreamMemory>;
