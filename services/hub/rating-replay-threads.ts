import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { threadBeginning } from '../runtime/thread-beginning.ts';
import type { RatingReplaySettings, ToRatingReplay } from './rating-replay-thread.ts';
import type { RateReplay } from './replay-ratings.ts';

const tellEveryMs = 500;
/** The database works beside each of them. */
const threadsMax = 2;

/** What is read of a compound is looked at for a moment, and would else be copied again and again. */
const resourceLimits = { maxYoungGenerationSizeMb: 128 };

/**
 * Rates what is left of a replay in threads that live as long as that takes. They are told how busy this thread is, the
 * one that takes messages in, and rest accordingly.
 */
export const rateInThreads =
  (databaseUrl: string): RateReplay =>
  async (replay, signal) => {
    const workerData: RatingReplaySettings = { databaseUrl, replay };
    const beginning = threadBeginning(import.meta.resolve('./rating-replay-thread.ts'));
    const workers = Array.from(
      { length: threadsMax },
      () => new Worker(beginning, { eval: true, workerData, resourceLimits }),
    );
    const say = (word: ToRatingReplay): void => {
      for (const worker of workers) worker.postMessage(word);
    };
    let before = performance.eventLoopUtilization();
    const telling = setInterval(() => {
      const now = performance.eventLoopUtilization();
      say({ busy: performance.eventLoopUtilization(now, before).utilization });
      before = now;
    }, tellEveryMs);
    const stop = (): void => say('stop');
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      const ends = workers.map(
        (worker) =>
          new Promise<void>((resolve, reject) => {
            worker.once('error', reject);
            worker.once('exit', () => resolve());
          }),
      );
      const failed = (await Promise.allSettled(ends)).find((end) => end.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    } finally {
      clearInterval(telling);
      signal.removeEventListener('abort', stop);
    }
  };
