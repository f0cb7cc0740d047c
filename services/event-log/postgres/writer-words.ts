import { StartRefused } from '../../runtime/start-refused.ts';
import { type ExpectedRevision, WriterFenced } from '../event-log.ts';
import type { DraftBytes } from './draft-bytes.ts';
import type { Commit } from './recent-events.ts';

/** What the writer is told. Appends carry how many failures their sender has heard of. */
export type ToWriter = { drafts: DraftBytes; failures: number } | 'close';

/** An error, without its class: only text gets from one thread to another. */
export interface Failure {
  kind: 'fenced' | 'start-refused' | 'other';
  message: string;
  stack?: string | undefined;
  /** PostgreSQL's or the system's own, by which others tell a database that is away from a defect. */
  code?: string | undefined;
}

/** An append that nothing was stored of: which one of those that are settled, and why. */
export interface Refused {
  nth: number;
  stream: string;
  expected: ExpectedRevision;
  actual: number;
}

/** Of the appends that wait longest. */
export interface Settled {
  /** Of each the position and how many events were stored, in turn; nothing for those refused. */
  results: Float64Array<ArrayBuffer>;
  refused: Refused[];
  commit: Commit | undefined;
}

/** What the writer says. */
export type FromWriter =
  | 'open'
  /** It could not become the log's writer, and has ended. */
  | { unopened: Failure }
  | Settled
  /** All that were sent so far; those that are still on their way are thrown away. */
  | { failed: Failure }
  | 'closed';

/** An end of what leads to the writer and back: of a thread, or of a channel. */
export interface Port<Said, Heard> {
  postMessage(word: Said, transfer?: readonly ArrayBuffer[]): void;
  on(event: 'message', listener: (word: Heard) => void): unknown;
  once(event: 'message', listener: (word: Heard) => void): unknown;
}

export const failureOf = (error: unknown): Failure => {
  const { message, stack, code } = error as NodeJS.ErrnoException;
  const kind = error instanceof WriterFenced ? 'fenced' : error instanceof StartRefused ? 'start-refused' : 'other';
  return { kind, message, stack, code };
};

export const errorOf = ({ kind, message, stack, code }: Failure): Error => {
  if (kind === 'fenced') return new WriterFenced(message);
  if (kind === 'start-refused') return new StartRefused(message);
  return Object.assign(new Error(message), { stack, code });
};
