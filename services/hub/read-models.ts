import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Commit } from '../event-log/postgres/recent-events.ts';
import type { ProjectionStatus, Runner } from '../projections/runner.ts';
import type { Rating } from '../projections/star-rating/rating.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { threadBeginning } from '../runtime/thread-beginning.ts';
import type { MakeRating } from './make-rating.ts';
import { readModels } from './projections.ts';
import type { FromReadModels, Question, ReadModelSettings, ToReadModels } from './read-model-thread.ts';

/** More than this on its way to a thread that doesn't keep up is left to the database. */
const underWayBytesMax = 64 * 1024 * 1024;
const restartSeconds = 1;

/** Registers who gets every commit. */
export type PassOn = (listener: (commit: Commit) => void) => void;

interface Parts {
  settings: ReadModelSettings;
  passOn: PassOn;
  logger: Logger;
  metrics: Metrics;
}

interface Thread {
  /** Resolves once the read models follow the log. Rejects when the thread ends before. */
  started: Promise<void>;
  ended: Promise<void>;
  say(word: ToReadModels): void;
  /** Rejects when the thread ends before it has answered. */
  ask(question: Question): Promise<Rating | undefined>;
  stop(): void;
  underWayBytes(): number;
}

const startThread = (settings: ReadModelSettings, takeStatus: (status: ProjectionStatus[]) => void): Thread => {
  const beginning = threadBeginning(import.meta.resolve('./read-model-thread.ts'));
  const worker = new Worker(beginning, { eval: true, workerData: settings });
  const waiting = new Map<number, { resolve(rating?: Rating): void; reject(error: Error): void }>();
  let over: Error | undefined;
  let requests = 0;
  let underWayBytes = 0;
  const say = (word: ToReadModels): void => {
    if (typeof word === 'object' && 'commit' in word) underWayBytes += word.commit.rows.byteLength;
    worker.postMessage(word);
  };
  let hasStarted = false;
  let isStarted: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    isStarted = resolve;
  });
  worker.on('message', (word: FromReadModels) => {
    if (word === 'started') {
      hasStarted = true;
      isStarted();
    } else if ('status' in word) takeStatus(word.status);
    else if ('tookBytes' in word) underWayBytes -= word.tookBytes;
    else {
      const { resolve, reject } = waiting.get(word.request)!;
      waiting.delete(word.request);
      if (word.failed === undefined) resolve(word.rating);
      else reject(new Error(word.failed));
    }
  });
  const ended = new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
  const endedEarly = ended.then(() => {
    throw new Error('the thread of the read models ended');
  });
  endedEarly.catch((error: Error) => {
    over = error;
    for (const { reject } of waiting.values()) reject(error);
  });
  const started = Promise.race([answered, endedEarly]);
  // Nobody waits for a thread that is started again; that it ended is seen by `ended`.
  started.catch(() => undefined);
  return {
    started,
    ended,
    say,
    ask: (question) =>
      new Promise((resolve, reject) => {
        if (over !== undefined) throw over;
        requests += 1;
        waiting.set(requests, { resolve, reject });
        say({ question, request: requests });
      }),
    stop() {
      // On a busy machine its start alone may take longer than a stop may, and what it breaks off is a transaction.
      if (hasStarted) say('stop');
      else void worker.terminate();
    },
    underWayBytes: () => underWayBytes,
  };
};

/** Runs the read models in a thread of their own, where ratings are made too, and starts it again should it end. */
export const runReadModels = ({ settings, passOn, logger, metrics }: Parts): Runner & { rate: MakeRating } => {
  let status: ProjectionStatus[] = [];
  let stopping = false;
  let thread: Thread | undefined;
  let watching: Promise<void> | undefined;

  const takeStatus = (next: ProjectionStatus[]): void => {
    const before = new Map(status.map(({ projection, events }) => [projection, events]));
    for (const { projection, lagSeconds, failing, events } of next) {
      metrics.projectionLagSeconds.set({ projection }, lagSeconds);
      metrics.projectionFailing.set({ projection }, failing === null ? 0 : 1);
      metrics.projectionEvents.inc({ projection }, Math.max(0, events - (before.get(projection) ?? 0)));
    }
    status = next;
  };
  const allFailing = (failing: string): void =>
    takeStatus(
      readModels.map(({ name }) => {
        const known = status.find(({ projection }) => projection === name);
        return { projection: name, position: known?.position ?? null, lagSeconds: 0, events: 0, failing };
      }),
    );

  const watch = async (): Promise<void> => {
    while (!stopping) {
      try {
        await thread?.ended;
      } catch (error) {
        logger.error({ err: error }, 'the read models failed');
      }
      if (stopping) return;
      allFailing('the thread of the read models ended and is being started again');
      await sleep(restartSeconds * 1000);
      if (!stopping) thread = startThread(settings, takeStatus);
    }
  };

  passOn((commit) => {
    if (thread !== undefined && thread.underWayBytes() < underWayBytesMax) thread.say({ commit });
  });
  return {
    async start() {
      thread = startThread(settings, takeStatus);
      await thread.started;
      watching = watch();
    },
    async rebuild(name) {
      await thread!.ask({ rebuild: name });
    },
    rate: async (compound, at) => (await thread!.ask({ rate: compound, at }))!,
    status: () => status,
    async stop() {
      stopping = true;
      thread?.stop();
      await Promise.allSettled([thread?.ended, watching]);
    },
  };
};

/** Several runners as one. */
export const joinRunners = (runners: readonly Runner[]): Runner => ({
  async start() {
    for (const runner of runners) await runner.start();
  },
  async rebuild(name) {
    const own = runners.find((runner) => runner.status().some(({ projection }) => projection === name));
    if (own === undefined) throw new Error(`no projection ${name}`);
    await own.rebuild(name);
  },
  status: () => runners.flatMap((runner) => runner.status()),
  async stop() {
    await Promise.all(runners.map((runner) => runner.stop()));
  },
});
