import { firstIndex } from '../../services/projections/star-rating/intervals.ts';
import { createExpiry, isMetadata } from './server-expiry.ts';

/** What the double keeps: the part of a server that an event log meets, as EventStoreDB 23.10 does it. */
export interface StoredRecord {
  stream: string;
  revision: number;
  id: string;
  type: string;
  contentType: string;
  data: Uint8Array;
  metadata: Uint8Array;
  /** Commit and prepare position are the same for every record. */
  position: number;
  /** By the server's clock. */
  createdMs: number;
}

export type ProposedRecord = Pick<StoredRecord, 'id' | 'type' | 'contentType' | 'data' | 'metadata'>;
/** A revision, or one of the server's states. */
export type Expected = number | 'any' | 'no-stream';

export interface Write {
  stream: string;
  expected: Expected;
  records: ProposedRecord[];
}

export type Answer =
  | { kind: 'stored'; revision: number; position: number }
  | { kind: 'wrong-revision'; current: number }
  | { kind: 'access-denied' }
  | { kind: 'too-large' };

export const appendBytesMax = 1_048_576;
const bytesOf = ({ type, data, metadata }: ProposedRecord): number => data.length + metadata.length + type.length * 2;

const statistics = (number: number): ProposedRecord => ({
  id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
  type: '$statsCollected',
  contentType: 'application/json',
  data: new TextEncoder().encode('{"proc-cpu":1}'),
  metadata: new Uint8Array(),
});

/** The index writer's decision: `write` it, what was `known`, or the stream is `elsewhere`. */
const decision = (
  { stream, expected, records }: Write,
  written: readonly StoredRecord[],
  recent: ReadonlyMap<string, StoredRecord>,
): 'write' | 'elsewhere' | { known: StoredRecord } => {
  const current = written.length - 1;
  const wanted = expected === 'no-stream' ? -1 : expected;
  if (wanted !== 'any' && wanted >= current) return wanted === current ? 'write' : 'elsewhere';
  let known: StoredRecord | undefined;
  for (const [index, { id }] of records.entries()) {
    const found = wanted === 'any' ? recent.get(id) : written[wanted + 1 + index];
    if (found === undefined || found.id !== id || found.stream !== stream) {
      // Only the first decides; a known one later in the batch is written again.
      return index === 0 && wanted === 'any' ? 'write' : 'elsewhere';
    }
    known = found;
  }
  return known === undefined ? 'write' : { known };
};

/** What somebody with access to the server's files could do. */
const tampering = (all: StoredRecord[], streams: Map<string, StoredRecord[]>) => ({
  insertAfter(record: StoredRecord, added: StoredRecord): void {
    all.splice(all.indexOf(record) + 1, 0, { ...added, position: record.position + 1 });
  },
  removeFromLog(isWanted: (record: StoredRecord) => boolean): void {
    all.splice(0, all.length, ...all.filter((record) => !isWanted(record)));
    for (const [stream, records] of streams)
      streams.set(
        stream,
        records.filter((record) => !isWanted(record)),
      );
  },
});

export const createServerStore = () => {
  const all: StoredRecord[] = [];
  const streams = new Map<string, StoredRecord[]>();
  /** Ids of recent writes: the only place where the server looks when no revision is expected. */
  let recent = new Map<string, StoredRecord>();
  const listeners = new Set<() => void>();
  let nextPosition = 700;
  const metadataRefused = { now: false };

  const streamOf = (stream: string): readonly StoredRecord[] => streams.get(stream) ?? [];
  const expiry = createExpiry(all, streamOf);

  const put = (stream: string, proposed: ProposedRecord): StoredRecord => {
    const records = streams.get(stream) ?? [];
    const record = { ...proposed, stream, revision: records.length, position: nextPosition, createdMs: expiry.nowMs() };
    nextPosition += 100 + bytesOf(proposed);
    records.push(record);
    streams.set(stream, records);
    all.push(record);
    return record;
  };

  const decide = (write: Write) => decision(write, streamOf(write.stream), recent);

  const store = ({ stream, records }: Write): StoredRecord => {
    let last: StoredRecord | undefined;
    for (const proposed of records) {
      last = put(stream, proposed);
      recent.set(proposed.id, last);
    }
    return last!;
  };

  const ring = (): void => {
    for (const listener of [...listeners]) listener();
  };

  const append = (write: Write): Answer => {
    if (write.records.reduce((sum, record) => sum + bytesOf(record), 0) > appendBytesMax) return { kind: 'too-large' };
    if (metadataRefused.now && isMetadata(write.stream)) return { kind: 'access-denied' };
    const decision = decide(write);
    if (decision === 'elsewhere') return { kind: 'wrong-revision', current: streamOf(write.stream).length - 1 };
    const last = decision === 'write' ? store(write) : decision.known;
    ring();
    return { kind: 'stored', revision: last.revision, position: last.position };
  };

  return {
    append,
    /** All or nothing. */
    appendMany(writes: readonly Write[]): Answer {
      for (const write of writes) {
        if (decide(write) !== 'write') return { kind: 'wrong-revision', current: streamOf(write.stream).length - 1 };
      }
      return writes.map(append).at(-1)!;
    },
    /** The server's own records, which lie between the hub's. */
    addSystemRecord(): void {
      put('$stats-127.0.0.1:2113', statistics(nextPosition));
      ring();
    },
    streamOf,
    ...expiry,
    /** Whether the user may not write metadata. */
    metadataRefused,
    all: (): readonly StoredRecord[] => all,
    allFrom: (position: number, count?: number): readonly StoredRecord[] => {
      const first = firstIndex(all, (record) => record.position >= position);
      return all.slice(first, count === undefined ? undefined : first + count);
    },
    onAppend(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** What a restart forgets. */
    forgetRecent(): void {
      recent = new Map();
    },
    ...tampering(all, streams),
  };
};

export type ServerStore = ReturnType<typeof createServerStore>;
