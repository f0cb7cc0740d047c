import {
  type AppendResult,
  appendingBy,
  type EventLog,
  type StreamAppend,
} from '../../services/event-log/event-log.ts';
import type { Chance } from './chance.ts';
import type { CommitNote } from './ledger.ts';
import type { Scheduler } from './scheduler.ts';

/** How the log behaves towards one life of the hub. */
export interface LogFaults {
  /** While true every commit fails, as on a full disk. */
  isDown(): boolean;
  /** Whether a commit that took place is reported as failed. */
  isUnknown(chance: Chance): boolean;
  /** Whether a commit fails by itself. */
  fails(chance: Chance): boolean;
  noted(commit: CommitNote): void;
}

interface Waiting {
  batch: StreamAppend[];
  resolve(result: AppendResult): void;
  reject(error: unknown): void;
}

const never = <T>(): Promise<T> => new Promise(() => undefined);

/**
 * The log in memory as one life of the hub sees it: commits take virtual time and go out in groups, in the order of the
 * calls. A group that fails fails what waits behind it too, so that a device's later word can't overtake an earlier one.
 */
export const createFaultyLog = (log: EventLog, scheduler: Scheduler, chance: Chance, faults: LogFaults) => {
  let alive = true;
  let queue: Waiting[] = [];
  let committing = false;
  let stored = 0;
  const ended = new AbortController();

  const rejectAll = (group: Waiting[], message: string): void => {
    const all = [...group, ...queue];
    queue = [];
    for (const { reject } of all) reject(new Error(message));
  };

  const commitGroup = async (group: Waiting[], fromMs: number): Promise<void> => {
    const noted = async (isWell: boolean): Promise<void> =>
      faults.noted({ fromMs, isWell, atMs: scheduler.clock.now(), position: (await log.head()).position });
    if (faults.isDown() || faults.fails(chance)) {
      await noted(false);
      return rejectAll(group, 'the log is away');
    }
    const answers: (() => void)[] = [];
    for (const { batch, resolve, reject } of group) {
      await log.append(batch).then(
        (result) => {
          stored += result.stored;
          answers.push(() => resolve(result));
        },
        (error: unknown) => answers.push(() => reject(error)),
      );
    }
    const isUnknown = faults.isUnknown(chance);
    await noted(!isUnknown);
    scheduler.touch();
    // Between commit and answer lies the instant in which a crash leaves things stored and unacknowledged.
    await scheduler.sleep(chance.between(1, 40));
    if (!alive) return;
    if (isUnknown) rejectAll(group, 'the answer of the commit was lost');
    else for (const answer of answers) answer();
  };

  const work = async (): Promise<void> => {
    while (alive && queue.length > 0) {
      const fromMs = scheduler.clock.now();
      await scheduler.sleep(chance.hit(0.01) ? chance.between(500, 8_000) : chance.between(1, 20));
      if (!alive) return;
      const group = queue.splice(0, 500);
      await commitGroup(group, fromMs);
    }
    committing = false;
  };

  const append = (batch: StreamAppend[]): Promise<AppendResult> => {
    if (!alive) return never();
    scheduler.touch();
    return new Promise((resolve, reject) => {
      // As a real backend does, the batch is put into text at the call: the caller may change its objects afterwards.
      queue.push({ batch: structuredClone(batch), resolve, reject });
      if (committing) return;
      committing = true;
      scheduler.spawn(work);
    });
  };

  const seen: EventLog = {
    ...appendingBy(append),
    readStream: (stream, options) => (alive ? log.readStream(stream, options) : never()),
    readAll: (from, maxCount, wants) => (alive ? log.readAll(from, maxCount, wants) : never()),
    subscribe: (from, options) =>
      log.subscribe(from, { ...options, signal: AbortSignal.any([options.signal, ended.signal]) }),
    head: () => log.head(),
    close: async () => undefined,
  };
  return {
    log: seen,
    stored: () => stored,
    kill(): void {
      alive = false;
      queue = [];
      ended.abort();
    },
  };
};
