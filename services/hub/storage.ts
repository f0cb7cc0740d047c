import type { EventLog } from '../event-log/event-log.ts';
import { type OpenedEventLog, openEventLog } from '../event-log/open.ts';
import { checkDatabase } from '../runtime/check-database.ts';
import { systemClock } from '../runtime/clock.ts';
import { type Config, roles } from '../runtime/config.ts';
import { startEmbeddedPostgres } from '../runtime/embedded-postgres.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import type { Sql, Transact } from '../runtime/sql.ts';
import { StartRefused } from '../runtime/start-refused.ts';
import { watchAppends } from './append-watch.ts';
import { guardDisk } from './disk-guard.ts';
import type { Stops } from './stops.ts';

export interface Storage {
  databaseUrl: string;
  sql: Sql;
  transact: Transact;
  /** For the projections: they write their checkpoint with their rows, and the log gives again what a crash took. */
  transactReadModels: Transact;
  opened: OpenedEventLog;
  /** The same log for what devices say, which it takes only while there is space for it. */
  intakeLog: EventLog;
  /** A sentence while the log takes nothing. */
  untaken(): string[];
}

/** Whether other processes may write to the same log. */
export const takesSeveralWriters = ({ EVENT_LOG_URL }: Pick<Config, 'EVENT_LOG_URL'>): boolean =>
  EVENT_LOG_URL !== undefined && !/^(postgres|postgresql|memory):/.test(EVENT_LOG_URL);

/** One writer per log in PostgreSQL, so a hub over several processes needs a log that takes several. */
const refuseSplitRoles = (config: Config): void => {
  const { HUB_ROLES } = config;
  const split = HUB_ROLES.length < roles.length;
  if (!split || takesSeveralWriters(config)) return;
  throw new StartRefused(
    `HUB_ROLES=${HUB_ROLES.join(',')} splits the hub over processes, but an event log in PostgreSQL has one writer. ` +
      'Leave HUB_ROLES out, or set EVENT_LOG_URL to a kurrentdb:// or esdb:// server.',
  );
};

/** Database and log, the hub's own PostgreSQL where no DATABASE_URL names one. `died` is told its last words. */
export const openStorage = async (
  config: Config,
  logger: Logger,
  stops: Stops,
  { metrics, died, inThreads }: { metrics: Metrics; died(lastWords: string): void; inThreads: boolean },
): Promise<Storage> => {
  refuseSplitRoles(config);
  let url = config.DATABASE_URL;
  if (url === undefined) {
    const embedded = await startEmbeddedPostgres({
      dataDir: config.HUB_DATA_DIR,
      log: (line) => logger.debug({ postgres: line }),
    });
    stops.add('PostgreSQL', embedded.stop);
    url = embedded.url;
    embedded.died.then(died);
  }
  if (config.DATABASE_URL !== undefined) await checkDatabase(config.DATABASE_URL);
  if (config.EVENT_LOG_URL?.startsWith('postgres')) await checkDatabase(config.EVENT_LOG_URL, 'EVENT_LOG_URL');
  const pool = openPool(url, { maxConnections: 15 });
  stops.add('the database connections', () => pool.end());
  await migrate(transact(pool));
  const opened = await openEventLog(config.EVENT_LOG_URL ?? url, {
    clock: systemClock,
    retentionDays: config.HUB_TELEMETRY_RETENTION_DAYS,
    writerInThread: inThreads,
  });
  stops.add('the event log', () => opened.log.close());
  const { log, untaken } = watchAppends(opened.log, systemClock);
  const isLocal = config.DATABASE_URL === undefined && config.EVENT_LOG_URL === undefined;
  const disk = isLocal ? await guardDisk({ folder: config.HUB_DATA_DIR, logger, metrics }) : undefined;
  if (disk !== undefined) stops.add('the look at the disk', disk.stop);
  return {
    databaseUrl: url,
    sql: pool,
    transact: transact(pool),
    transactReadModels: transact(pool, { durable: false }),
    opened: { ...opened, log },
    intakeLog: disk?.guarded(log) ?? log,
    untaken: () => [...untaken(), ...(disk?.refusing() ?? [])],
  };
};
