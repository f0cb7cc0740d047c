import { parentPort, workerData } from 'node:worker_threads';
import { openPostgresEventLog } from '../event-log/postgres/postgres-event-log.ts';
import type { Commit } from '../event-log/postgres/recent-events.ts';
import { createRunner, type ProjectionStatus } from '../projections/runner.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/logger.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { readModels } from './projections.ts';

/** What the thread is told at its start. */
export interface ReadModelSettings {
  databaseUrl: string;
  eventLogUrl: string;
  logLevel: string;
}

export type ToReadModels = { commit: Commit } | { rebuild: string; request: number } | 'stop';

export type FromReadModels =
  | { status: ProjectionStatus[] }
  /** Bytes of commits that were taken, so that the writer knows how many are on their way. */
  | { tookBytes: number }
  | { request: number; failed?: string }
  | 'started';

const statusMs = 250;

/**
 * The read models in a thread of their own: the ingest, which nobody may hold up, keeps the other core. The thread gets
 * each commit from the writer and asks the database only for what it missed.
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
  const rebuild = async (name: string, request: number): Promise<void> => {
    try {
      await runner.rebuild(name);
      say({ request });
    } catch (error) {
      say({ request, failed: (error as Error).message });
    }
  };
  port.on('message', (word: ToReadModels) => {
    if (word === 'stop') void stop();
    else if ('commit' in word) {
      log.take(word.commit);
      say({ tookBytes: word.commit.rows.byteLength });
    } else void rebuild(word.rebuild, word.request);
  });
};

await main(workerData as ReadModelSettings);
