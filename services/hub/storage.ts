import { type OpenedEventLog, openEventLog } from '../event-log/open.ts';
import { checkDatabase } from '../runtime/check-database.ts';
import { systemClock } from '../runtime/clock.ts';
import { type Config, roles } from '../runtime/config.ts';
import { startEmbeddedPostgres } from '../runtime/embedded-postgres.ts';
import type { Logger } from '../runtime/logger.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import type { Sql, Transact } from '../runtime/sql.ts';
import { StartRefused } from '../runtime/start-refused.ts';
import { watchAppends } from './append-watch.ts';
import type { Stops } from './stops.ts';

export interface Storage {
  sql: Sql;
  transact: Transact;
  opened: OpenedEventLog;
  /** A sentence while the log takes nothing. */
  untaken(): string[];
}

/** One writer per log in PostgreSQL, so a hub over several processes needs a log that takes several. */
const refuseSplitRoles = ({ HUB_ROLES, EVENT_LOG_URL }: Config): void => {
  const split = HUB_ROLES.length < roles.length;
  const takesSeveral = EVENT_LOG_URL !== undefined && !/^(postgres|postgresql|memory):/.test(EVENT_LOG_URL);
  if (!split || takesSeveral) return;
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
  died: (lastWords: string) => void,
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
  const opened = await openEventLog(config.EVENT_LOG_URL ?? url, { clock: systemClock });
  stops.add('the event log', () => opened.log.close());
  const { log, untaken } = watchAppends(opened.log, systemClock);
  return { sql: pool, transact: transact(pool), opened: { ...opened, log }, untaken };
};
