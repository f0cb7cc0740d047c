import pg from 'pg';
import { isoTime } from '../../runtime/clock.ts';
import { migrate } from '../../runtime/migrate.ts';
import { openPool, transact } from '../../runtime/postgres.ts';
import type { Sql, Transact } from '../../runtime/sql.ts';
import { StartRefused } from '../../runtime/start-refused.ts';
import { genesisHash } from '../chain.ts';
import type { LogHead } from '../event-log.ts';
import { type BackupHead, readBackup, type TableHead, writeBackup } from './backup-file.ts';
import { copyIn } from './copy-in.ts';
import { copyOut } from './copy-out.ts';
import { createMonthTable, monthTables } from './shelves.ts';
import { writerLock } from './writer-session.ts';

/** What can be computed from the log again, and so is in no backup. */
export interface Rebuilt {
  /** Names of projections, whose checkpoints begin anew. */
  projections: readonly string[];
  /** With their schema. */
  tables: readonly string[];
}

export interface BackupSummary {
  head: LogHead;
  /** By table. */
  rows: Record<string, number>;
}

/** Of this database and this moment alone: who is logged in, who writes, and how its tables came about. */
const ofThisDatabase = ['migration', 'session', 'writer'];
const monthTable = /^event_\d{4}_\d{2}$/;

const connect = async (url: string, name: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url, application_name: name, keepAlive: true });
  // The query under way rejects by itself; the event must not end the process.
  client.on('error', () => {});
  await client.connect();
  return client;
};

/** The log first, then by name everything else that nobody can compute. */
const tablesOf = async (sql: Sql, rebuilt: Rebuilt): Promise<TableHead[]> => {
  const { rows } = await sql.query<{ table: string; columns: string[] }>(
    `SELECT relname AS table, array_agg(attname::text ORDER BY attnum) AS columns
     FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
     WHERE relnamespace = 'hub'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
     GROUP BY relname ORDER BY relname NOT IN ('event', 'seal'), relname`,
  );
  const isLeftOut = (table: string): boolean =>
    ofThisDatabase.includes(table) || monthTable.test(table) || rebuilt.tables.includes(`hub.${table}`);
  return rows.filter(({ table }) => !isLeftOut(table));
};

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const rowsOf = ({ table, columns }: TableHead, rebuilt: Rebuilt): string => {
  const list = columns.join(', ');
  // A checkpoint without its tables would let a read model begin in the middle.
  const without =
    table === 'projection_checkpoint' && rebuilt.projections.length > 0
      ? ` WHERE projection NOT IN (${rebuilt.projections.map(literal).join(', ')})`
      : '';
  return `COPY (SELECT ${list} FROM hub.${table}${without}) TO STDOUT`;
};

const headOf = async (sql: Sql): Promise<LogHead> => {
  const { rows } = await sql.query<{ position: string; hash: string }>(
    'SELECT last_position AS position, hash FROM hub.seal ORDER BY last_position DESC LIMIT 1',
  );
  return rows[0] ?? { position: null, hash: genesisHash };
};

/** Number of the newest migration; `undefined` where no hub has ever been. */
const schemaOf = async (sql: Sql): Promise<number | undefined> => {
  const { rows: tables } = await sql.query<{ made: boolean }>(
    `SELECT to_regclass('hub.migration') IS NOT NULL AS made`,
  );
  if (!tables[0]!.made) return undefined;
  const { rows } = await sql.query<{ newest: number | null }>('SELECT max(number) AS newest FROM hub.migration');
  return rows[0]!.newest ?? undefined;
};

/**
 * Writes everything that can't be computed to a file, as it stands at one instant; the hub goes on meanwhile. Throws
 * `StartRefused` where there is nothing to keep.
 */
export const backupDatabase = async (
  url: string,
  path: string,
  { rebuilt, nowMs }: { rebuilt: Rebuilt; nowMs: number },
): Promise<BackupSummary> => {
  const client = await connect(url, 'xingyuan backup');
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const schema = await schemaOf(client);
    if (schema === undefined) throw new StartRefused('There is no hub in this database: nothing was written.');
    const months = (await monthTables(client)).filter(({ state }) => state === 'attached').map(({ month }) => month);
    const head = await headOf(client);
    const about: BackupHead = { xingyuanBackup: 1, schema, at: isoTime(nowMs), months, head };
    const tables = await tablesOf(client, rebuilt);
    const written = await writeBackup(path, about, async (begin) => {
      for (const table of tables) {
        const section = begin(table);
        await copyOut(client, rowsOf(table, rebuilt), section.row);
        section.end();
      }
    });
    await client.query('COMMIT');
    return { head, rows: written };
  } finally {
    await client.end();
  }
};

const refuseUsed = async (sql: Sql): Promise<void> => {
  const { rows } = await sql.query<{ events: boolean; accounts: boolean; mine: boolean }>(
    `SELECT EXISTS (SELECT FROM hub.seal) OR EXISTS (SELECT FROM hub.event) AS events,
       EXISTS (SELECT FROM hub.account) AS accounts, pg_try_advisory_xact_lock($1) AS mine`,
    [writerLock],
  );
  const [{ events, accounts, mine }] = rows as [{ events: boolean; accounts: boolean; mine: boolean }];
  if (!mine) throw new StartRefused('A hub writes to this database: stop it, and restore into an empty one.');
  if (!events && !accounts) return;
  throw new StartRefused(
    `This database holds ${events ? 'events' : 'accounts'} already, and a backup is restored into an empty one only: ` +
      'name another database (DATABASE_URL), or another folder (HUB_DATA_DIR).',
  );
};

const refuseUnknown = async (sql: Sql, { table, columns }: TableHead): Promise<void> => {
  const { rows } = await sql.query<{ column: string }>(
    `SELECT attname AS column FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
    [`hub.${table}`],
  );
  const known = new Set(rows.map(({ column }) => column));
  const strange = columns.find((column) => !known.has(column));
  if (strange === undefined) return;
  throw new StartRefused(
    `The backup holds hub.${table}.${strange}, which this hub doesn't know: restore it with the version that wrote it.`,
  );
};

/**
 * Fills an empty database from a backup, all of it or nothing. `prepare` makes the tables that no migration makes.
 * Throws `StartRefused` for a database that is in use, and for a file that can't be restored.
 */
export const restoreDatabase = async (
  url: string,
  path: string,
  prepare: (sql: Sql) => Promise<void>,
): Promise<BackupSummary> => {
  const pool = openPool(url, { maxConnections: 2 });
  const inOne: Transact = transact(pool);
  await migrate(inOne)
    .then(() => inOne(refuseUsed))
    .finally(() => pool.end());
  const client = await connect(url, 'xingyuan restore');
  let head: LogHead = { position: null, hash: genesisHash };
  try {
    await client.query('BEGIN');
    await refuseUsed(client);
    await prepare(client);
    const rows = await readBackup(
      path,
      async (about) => {
        const known = (await schemaOf(client)) ?? 0;
        if (about.schema > known) {
          throw new StartRefused(
            `The backup (schema ${about.schema}) is of a newer hub than this one (${known}): restore it with that.`,
          );
        }
        const made = new Set((await monthTables(client)).map(({ month }) => month));
        for (const month of about.months) if (!made.has(month)) await createMonthTable(client, month);
        head = about.head;
      },
      async (table, feed) => {
        await refuseUnknown(client, table);
        await copyIn(client, `COPY hub.${table.table} (${table.columns.join(', ')}) FROM STDIN`, feed);
      },
    );
    await client.query('COMMIT');
    await client.query('ANALYZE hub.event, hub.seal');
    return { head, rows };
  } finally {
    await client.end();
  }
};
