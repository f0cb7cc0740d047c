import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { rateCompound } from '../projections/star-rating/rate-compound.ts';
import type { Rating } from '../projections/star-rating/rating.ts';
import { standardInForce } from '../projections/star-rating/standards.ts';
import type { Compound } from '../registry/registry.ts';
import type { Sql } from '../runtime/sql.ts';
import { threadBeginning } from '../runtime/thread-beginning.ts';
import type { FromRatingThread, RatingThreadSettings, ToRatingThread } from './rating-thread.ts';

/** Who makes the rater's ratings, one at a time. */
export interface RatingMaker {
  /** Resolves once ratings take no longer than they must. */
  start(): Promise<void>;
  rate(compound: Compound, at: string): Promise<Rating>;
  /** What is under way fails. */
  stop(): Promise<void>;
}

export const rateInProcess = (sql: Sql): RatingMaker => ({
  start: async () => undefined,
  rate: (compound, at) => rateCompound(sql, standardInForce(at), { compound, at }),
  stop: async () => undefined,
});

/** Rejects when the thread ends before it says something. */
const nextWord = async (worker: Worker): Promise<FromRatingThread> => {
  const over = new AbortController();
  const { signal } = over;
  const said = once(worker, 'message', { signal }) as Promise<[FromRatingThread]>;
  const ended = once(worker, 'exit', { signal }).then(() => {
    throw new Error('the thread that rates ended');
  });
  try {
    const [word] = await Promise.race([said, ended]);
    return word;
  } finally {
    over.abort();
    await Promise.allSettled([said, ended]);
  }
};

/** In a thread, which is started again should it end. It only reads, so it may be broken off. */
export const rateInThread = (databaseUrl: string): RatingMaker => {
  const workerData: RatingThreadSettings = { databaseUrl };
  let worker: Worker | undefined;
  let stopped = false;
  const started = async (): Promise<Worker> => {
    if (stopped) throw new Error('ratings are made no more');
    if (worker !== undefined) return worker;
    const own = new Worker(threadBeginning(import.meta.resolve('./rating-thread.ts')), { eval: true, workerData });
    worker = own;
    // Its error reaches whoever waits for its word.
    own.on('error', () => undefined);
    own.once('exit', () => {
      worker = undefined;
    });
    await nextWord(own);
    return own;
  };
  return {
    async start() {
      await started();
    },
    async rate(compound, at) {
      const own = await started();
      own.postMessage({ compound, at } satisfies ToRatingThread);
      const word = await nextWord(own);
      if ('rating' in word) return word.rating;
      throw new Error(word.failed);
    },
    async stop() {
      stopped = true;
      await worker?.terminate();
    },
  };
};
