import { openEventLog } from '../event-log/open.ts';
import { catchUp, resetProjection } from '../projections/runner.ts';
import { checkDatabase } from '../runtime/check-database.ts';
import { systemClock } from '../runtime/clock.ts';
import { readConfig } from '../runtime/config.ts';
import { startEmbeddedPostgres } from '../runtime/embedded-postgres.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { StartRefused } from '../runtime/start-refused.ts';
import { readModels } from './projections.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** `npm run rebuild -- <projection>`: empties a read model and fills it again from the log, while no hub runs. */
const main = async (): Promise<void> => {
  const name = process.argv[2];
  const projection = readModels.find((candidate) => candidate.name === name);
  if (projection === undefined) {
    throw new StartRefused(
      `Name one of ${readModels.map((candidate) => candidate.name).join(', ')}: npm run rebuild -- star-rating`,
    );
  }
  const config = readConfig(process.env);
  const embedded =
    config.DATABASE_URL === undefined ? await startEmbeddedPostgres({ dataDir: config.HUB_DATA_DIR }) : undefined;
  if (config.DATABASE_URL !== undefined) await checkDatabase(config.DATABASE_URL);
  const url = config.DATABASE_URL ?? embedded!.url;
  const pool = openPool(url, { maxConnections: 4 });
  try {
    await migrate(transact(pool));
    const { log } = await openEventLog(config.EVENT_LOG_URL ?? url, { clock: systemClock, readOnly: true });
    const startedMs = systemClock.now();
    await transact(pool)((sql) => resetProjection(sql, projection));
    const events = await catchUp(log, transact(pool), projection);
    say(`${projection.name}: ${events} events in ${((systemClock.now() - startedMs) / 1000).toFixed(1)} s`);
    await log.close();
  } finally {
    await pool.end();
    await embedded?.stop();
  }
};

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof StartRefused ? error.message : (error as Error).stack}\n`);
  process.exit(1);
});
