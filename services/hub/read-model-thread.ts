import { parentPort, workerData } from 'node:worker_threads';
import { openPostgresEventLog } from '../event-log/postgres/postgres-event-log.ts';
import type { Commit } from '../event-log/postgres/recent-events.ts';
import { createRunner, type ProjectionStatus } from '../projections/runner.ts';
import type { Rating } from '../projections/star-rating/rating.ts';
import type { Compound } from '../registry/registry.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/logger.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { makeRatings } from './make-rating.ts';
import { readModels } from './projections.ts';

/** What the thread is told at its start. */
export interface ReadModelSettings {
  databaseUrl: string;
  eventLogUrl: string;
  logLevel: string;
}

/** Each is answered once. */
export type Question = { rebuild: string } | { rate: Compound; at: string };

export type ToReadModels = { commit: Commit } | { question: Question; request: number } | 'stop';

export type FromReadModels =
  | { status: ProjectionStatus[] }
  /** Bytes of commits that were taken, so that the writer knows how many are on their way. */
  | { tookBytes: number }
  | { request: number; rating?: Rating | undefined; failed?: string }
  | 'started';

const statusMs = 250;

/**
 * The read models in a thread of their own: the ingest, which nobody may hold up, keeps the other core. The thread gets
 * each commit from the writer and asks the database only for what it missed. The rater's ratings are made here too: one
 * is some milliseconds that nobody else gets in the thread that makes it, and the API's answers can't wait so long.
 */
const main = async (settings: ReadModelSettings): Promise<void> => {
  const port = parentPort!;
  const say = (word: FromReadModels): void => port.postMessage(word);
  const pool = openPool(settings.databaseUrl, { maxConnections: 10, applicationName: 'xingyuan read models' });
  const log = await openPostgresEventLog({ url: settings.eventLogUrl, clock: systemClock, readOnly: true });
  const runner = createRunner(
    {
      log,
      transact: transact(pool, { durable: false }),
      clock: systemClock,
      logger: createLogger(settings.logLevel),
      // Told over there: the status says all of it.
      metrics: createMetrics(),
    },
    [...readModels],
  );
  await runner.start();
  say({ status: runner.status() });
  say('started');
  const telling = setInterval(() => say({ status: runner.status() }), statusMs);

  const stop = async (): Promise<void> => {
    clearInterval(telling);
    await runner.stop();
    await log.close();
    await pool.end();
    port.close();
  };
  const rate = makeRatings(pool);
  const answer = async (question: Question): Promise<Rating | undefined> => {
    if ('rate' in question) return rate(question.rate, question.at);
    await runner.rebuild(question.rebuild);
    return undefined;
  };
  port.on('message', (word: ToReadModels) => {
    if (word === 'stop') void stop();
    else if ('commit' in word) {
      log.take(word.commit);
      say({ tookBytes: word.commit.rows.byteLength });
    } else {
      const { question, request } = word;
      answer(question).then(
        (rating) => say({ request, rating }),
        (error: Error) => say({ request, failed: error.message }),
      );
    }
  });
};

await main(workerData as ReadModelSettings);
