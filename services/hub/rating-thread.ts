import { parentPort, workerData } from 'node:worker_threads';
import { rateCompound } from '../projections/star-rating/rate-compound.ts';
import type { Rating } from '../projections/star-rating/rating.ts';
import { standardInForce } from '../projections/star-rating/standards.ts';
import type { Compound } from '../registry/registry.ts';
import { openPool } from '../runtime/postgres.ts';

/** What the thread is told at its start. */
export interface RatingThreadSettings {
  databaseUrl: string;
}

/** One compound is asked for at a time. */
export interface ToRatingThread {
  compound: Compound;
  at: string;
}

/** Its first word, an empty one, is that it is ready. */
export type FromRatingThread = { rating: Rating } | { failed?: string };

/** Rates compounds in a thread of its own: a rating is some milliseconds that nobody else gets in the thread that makes it. */
const main = ({ databaseUrl }: RatingThreadSettings): void => {
  const port = parentPort!;
  const pool = openPool(databaseUrl, { maxConnections: 1, applicationName: 'xingyuan rater' });
  const say = (word: FromRatingThread): void => port.postMessage(word);
  const answer = ({ compound, at }: ToRatingThread): Promise<FromRatingThread> =>
    rateCompound(pool, standardInForce(at), { compound, at }).then(
      (rating) => ({ rating }),
      (error: Error) => ({ failed: error.message }),
    );
  port.on('message', (asked: ToRatingThread) => void answer(asked).then(say));
  say({});
};

main(workerData as RatingThreadSettings);
