import { tell, type Waiting } from '../runtime/waiting.ts';
import type { NewEvent, Position, RecordedEvent } from './event.ts';

/** What the caller believes of a stream before the append: its last revision, that it doesn't exist, or nothing. */
export type ExpectedRevision = number | 'no-stream' | 'any';

export interface StreamAppend {
  stream: string;
  expectedRevision: ExpectedRevision;
  events: NewEvent[];
}

export interface AppendResult {
  /** Position of the newest event of the batch, also when every event of it was known already. */
  position: Position;
  /** How many events were stored by this call; the others were known by id. */
  stored: number;
}

export interface LogHead {
  /** `null` while the log is empty. */
  position: Position | null;
  /** Head of the hash chain, hex; whoever keeps it can show later that nothing was cut off or changed. */
  hash: string;
}

export interface ReadStreamOptions {
  fromRevision?: number;
  maxCount?: number;
  backwards?: boolean;
}

/**
 * What a reader looks at of a type: the event, all of it but its `data` (`envelope`), or nothing. A log may leave the
 * rest out, `data` then being undefined, but for the last event of a batch, which says how far it has come; one that
 * doesn't hands over everything.
 */
export type Wants = (type: string) => boolean | 'envelope';

export interface SubscribeOptions {
  signal: AbortSignal;
  /** Largest batch handed out; the consumer's pace is the only back-pressure. */
  maxCount?: number;
  /** Left out: everything. */
  wants?: Wants;
  /** For so long batches in which nothing is wanted may be kept, the newest of them standing for all. Left out: not at all. */
  patienceMs?: number;
}

/** Thrown by `append`; nothing of the stream's entry was stored. */
export class WrongExpectedRevision extends Error {
  readonly code = 'event-log.wrong-expected-revision';
  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    /** -1 when the stream doesn't exist. */
    readonly actual: number,
  ) {
    super(`stream ${stream} is at revision ${actual}, expected ${expected}`);
  }
}

/** Thrown by `append` once another writer has taken the log over. The process must stop appending for good. */
export class WriterFenced extends Error {
  readonly code = 'event-log.writer-fenced';
}

/**
 * The log, the hub's only meeting place. Backends: memory, PostgreSQL, KurrentDB and EventStoreDB.
 * One contract suite (test/contract/event-log.suite.ts) runs against all of them.
 */
export interface EventLog {
  /**
   * Appends to one or several streams and resolves when the events are durable.
   * Idempotent by event id: a known id is skipped, also when known and new ids are mixed in one call, and then the
   * expected revision is not checked for a stream all of whose events are known.
   * Atomic per stream entry. Whether entries of one call stand or fall together is the backend's affair: callers may
   * not rely on it. Any error but `WrongExpectedRevision` leaves the outcome unknown: repeat with the same ids.
   */
  append(batch: StreamAppend[]): Promise<AppendResult>;
  /** The same for the ingest, without a promise. Never throws. */
  submit(batch: StreamAppend[], waiting: Waiting<AppendResult>): void;
  /**
   * Events of one stream in order, from `fromRevision` on, at most `maxCount` (all). Empty for no stream.
   * Forwards from 0 on, or `backwards` from the newest on, unless `fromRevision` says otherwise.
   */
  readStream(stream: string, options?: ReadStreamOptions): Promise<RecordedEvent[]>;
  /** The events after `from` (`null`: from the first) in log order, without gaps, at most `maxCount`. */
  readAll(from: Position | null, maxCount: number, wants?: Wants): Promise<RecordedEvent[]>;
  /**
   * Batches after `from`, first what is stored, then live, each event once, in order, without gaps.
   * Ends when the signal aborts; reconnects by itself to its backend.
   */
  subscribe(from: Position | null, options: SubscribeOptions): AsyncIterable<RecordedEvent[]>;
  head(): Promise<LogHead>;
  /** Waits for appends under way, then frees everything. Idempotent. */
  close(): Promise<void>;
}

/** Both ways of appending, out of the one with promises. */
export const appendingBy = (append: EventLog['append']): Pick<EventLog, 'append' | 'submit'> => ({
  append,
  submit: (batch, waiting) => tell(append(batch), waiting),
});
