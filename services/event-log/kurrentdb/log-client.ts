import type { DraftEvent } from '../stored-event.ts';
import type { LogPosition } from './log-position.ts';
import type { LogRecord } from './record.ts';

/** One stream's part of a write; `expected` is the stream's last revision, -1 for no stream. */
export interface StreamWrite {
  stream: string;
  expected: number;
  events: readonly DraftEvent[];
}

export interface ReadFromStream {
  from: number | 'start' | 'end';
  maxCount: number;
  backwards?: boolean;
}

export interface ReadFromAll {
  from: LogPosition | 'start' | 'end';
  maxCount: number;
  backwards?: boolean;
}

/** A subscription as Node's streams have it: `read` takes what has come, `null` when nothing has. */
export interface LiveRecords {
  read(): LogRecord | null;
  on(event: 'readable' | 'end' | 'close', listener: () => void): void;
  on(event: 'error', listener: (error: unknown) => void): void;
  cancel(): void;
}

/**
 * What the log asks of a server, the same for both client packages. Nothing here has a deadline of its own or tries
 * again: callers do, with `ask.ts` and `sender.ts`.
 */
export interface LogClient {
  serverVersion(): Promise<string>;
  /** The position of the write's last event, or of the first writing when the server knew it. */
  append(write: StreamWrite): Promise<LogPosition | undefined>;
  /** All streams or none, in one call; left out by a client that can't, `unsupported` from a server that can't. */
  appendMany?(writes: readonly StreamWrite[]): Promise<LogPosition>;
  /** Events of the stream are hidden once they are so old, `undefined` for never; no call more where that is so. */
  keepFor(stream: string, maxAgeSeconds: number | undefined): Promise<void>;
  readStream(stream: string, options: ReadFromStream): AsyncIterable<LogRecord>;
  /** `from` itself comes first again, when it is a position. */
  readAll(options: ReadFromAll): AsyncIterable<LogRecord>;
  /** Without `from` itself. */
  subscribe(from: LogPosition | 'start'): LiveRecords;
  /** Gives up every call under way; the client goes on to be of use. */
  cancelEverything(): void;
}
