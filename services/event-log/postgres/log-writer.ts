import { MessageChannel, Worker } from 'node:worker_threads';
import type { Clock } from '../../runtime/clock.ts';
import { faultPoint } from '../../runtime/fault-points.ts';
import { threadBeginning } from '../../runtime/thread-beginning.ts';
import type { Waiting } from '../../runtime/waiting.ts';
import { type AppendResult, type EventLog, WrongExpectedRevision } from '../event-log.ts';
import { draftOf } from '../stored-event.ts';
import { createDraftBytes } from './draft-bytes.ts';
import type { Commit } from './recent-events.ts';
import { serveWriter } from './serve-writer.ts';
import { openWriterSession, type SessionOptions } from './writer-session.ts';
import { errorOf, type FromWriter, type Port, type Settled, type ToWriter } from './writer-words.ts';

type WriterPort = Port<ToWriter, FromWriter>;

const inThread = (options: SessionOptions): WriterPort => {
  const worker = new Worker(threadBeginning(import.meta.resolve('./writer-thread.ts')), {
    eval: true,
    workerData: options,
  });
  // Without its writer the hub records nothing: it is to end as from any other defect, and be started anew.
  worker.on('error', (error) => {
    throw new Error("the thread of the log's writer failed, and without it nothing is recorded", { cause: error });
  });
  return worker;
};

const inProcess = (options: SessionOptions, clock: Clock): WriterPort => {
  const { port1, port2 } = new MessageChannel();
  const openSession = (ownEpoch?: number) => openWriterSession(options, ownEpoch);
  void serveWriter(port2, { openSession, clock }, () => port2.close());
  return port1;
};

/** Whose append was said to have failed while the writer had it: it may still be stored, as after a crash. */
const nobody: Waiting<AppendResult> = { done() {}, failed() {} };

/** Who waits, in the order in which the writer answers; last those whose appends are not sent yet. */
const createWaiters = () => {
  let waiters: Waiting<AppendResult>[] = [];
  let unsent = 0;
  const failAll = (error: unknown, left: Waiting<AppendResult>[]): void => {
    const told = waiters;
    waiters = left;
    unsent = 0;
    for (const waiting of told) waiting.failed(error);
  };
  return {
    add(waiting: Waiting<AppendResult>): void {
      waiters.push(waiting);
      unsent += 1;
    },
    isUnsent: (): boolean => unsent > 0,
    sent(): void {
      unsent = 0;
    },
    take: (count: number): Waiting<AppendResult>[] => waiters.splice(0, count),
    /** The writer has given all of them up. */
    givenUp: (error: unknown): void => failAll(error, []),
    /** All of them are given up here: the writer's answers are nobody's any more. */
    giveUp: (error: unknown): void => failAll(error, Array(waiters.length - unsent).fill(nobody)),
  };
};

const wordOf = (port: WriterPort): Promise<FromWriter> => new Promise((resolve) => port.once('message', resolve));

/**
 * The writer at the other end, as its callers see it: what is appended within a turn goes to it together, as bytes.
 * `onCommit` is called after each commit, before anybody is told. Throws `StartRefused` when another hub holds the log.
 */
export const connectWriter = async (
  port: WriterPort,
  onCommit: (commit: Commit) => void,
): Promise<Pick<EventLog, 'submit' | 'close'>> => {
  const first = await wordOf(port);
  if (typeof first === 'object' && 'unopened' in first) throw errorOf(first.unopened);

  const waiters = createWaiters();
  const gathered = createDraftBytes();
  let failures = 0;
  let closed: Promise<void> | undefined;

  /** Nobody who waits is told any more that it was stored: nothing may overtake what will be said again. */
  const giveUp = (error: unknown): void => {
    gathered.take();
    waiters.giveUp(error);
  };

  const send = (): void => {
    if (!waiters.isUnsent()) return;
    try {
      // What a test installs is known in this thread only, so both points of an append stand on this side.
      faultPoint('append-writing');
    } catch (error) {
      giveUp(error);
      return;
    }
    waiters.sent();
    const drafts = gathered.take();
    port.postMessage({ drafts, failures }, [drafts.texts.buffer, drafts.numbers.buffer]);
  };

  const settle = ({ results, refused, commit }: Settled): void => {
    const settled = waiters.take(results.length / 2);
    try {
      faultPoint('append-committed');
    } catch (error) {
      for (const waiting of settled) waiting.failed(error);
      giveUp(error);
      return;
    }
    if (commit !== undefined) onCommit(commit);
    for (const { nth, stream, expected, actual } of refused) {
      settled[nth]!.failed(new WrongExpectedRevision(stream, expected, actual));
      settled[nth] = nobody;
    }
    for (const [nth, waiting] of settled.entries()) {
      waiting.done({ position: String(results[2 * nth]), stored: results[2 * nth + 1]! });
    }
  };

  port.on('message', (word) => {
    if (word === 'open' || word === 'closed' || 'unopened' in word) return;
    if ('failed' in word) {
      failures += 1;
      gathered.take();
      waiters.givenUp(errorOf(word.failed));
    } else {
      settle(word);
    }
  });

  const end = async (): Promise<void> => {
    send();
    const ended = new Promise<void>((resolve) => {
      port.on('message', (word) => {
        if (word === 'closed') resolve();
      });
    });
    port.postMessage('close');
    await ended;
  };
  return {
    submit(batch, waiting) {
      if (closed !== undefined) {
        waiting.failed(new Error('the event log is closed'));
        return;
      }
      try {
        gathered.add(draftOf(batch));
      } catch (error) {
        waiting.failed(error);
        return;
      }
      // One turn of the loop gathers what arrived together.
      if (!waiters.isUnsent()) setImmediate(send);
      waiters.add(waiting);
    },
    close() {
      closed ??= end();
      return closed;
    },
  };
};

/** Opens the log's writer, in a thread of its own or in this one, which spares the memory of a thread. */
export const openLogWriter = (
  options: SessionOptions,
  { clock, hasThread, onCommit }: { clock: Clock; hasThread: boolean; onCommit(commit: Commit): void },
): Promise<Pick<EventLog, 'submit' | 'close'>> =>
  connectWriter(hasThread ? inThread(options) : inProcess(options, clock), onCommit);
