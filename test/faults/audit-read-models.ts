import type { EventLog } from '../../services/event-log/event-log.ts';
import type { Projection } from '../../services/event-log/projection.ts';
import { readModels } from '../../services/hub/projections.ts';
import { catchUp, resetProjection } from '../../services/projections/runner.ts';
import type { Sql, Transact } from '../../services/runtime/sql.ts';

/** Tables that no rebuild can give again, with the reason. */
const notOfTheLog: Readonly<Record<string, string>> = {
  'hub.reading_policy': 'when the hub carried a policy out is no fact of the log',
  'hub.rating_month': 'the hub keeps months of the other tables in its own time',
};

const rowOf = (table: string): string => `to_jsonb(row) AS row FROM ${table} AS row`;
const tablesOf = ({ tables }: Projection): string[] => tables.filter((table) => !(table in notOfTheLog));
const copyOf = (table: string): string => `faults.${table.replace('.', '_')}`;

const countAndSample = async (sql: Sql, query: string) => {
  const { rows } = await sql.query<{ count: string; sample: string | null }>(
    `SELECT count(*) AS count, min(row::text) AS sample FROM (${query}) AS found`,
  );
  return { count: Number(rows[0]!.count), sample: rows[0]!.sample?.slice(0, 400) };
};

const compare = async (sql: Sql, table: string): Promise<string[]> => {
  const [kept, rebuilt] = [`SELECT row FROM ${copyOf(table)}`, `SELECT ${rowOf(table)}`];
  const extra = await countAndSample(sql, `${kept} EXCEPT ALL ${rebuilt}`);
  const missing = await countAndSample(sql, `${rebuilt} EXCEPT ALL ${kept}`);
  return [
    ...(extra.count > 0 ? [`${table}: ${extra.count} rows that no rebuild gives, e.g. ${extra.sample}`] : []),
    ...(missing.count > 0
      ? [`${table}: ${missing.count} rows of the rebuild are missing, e.g. ${missing.sample}`]
      : []),
  ];
};

const auditOne = async (
  log: Pick<EventLog, 'readAll'>,
  sql: Sql,
  transact: Transact,
  projection: Projection,
): Promise<string[]> => {
  // What the hub had no time for any more is done from its own checkpoint on, as its next start would.
  await catchUp(log, transact, projection);
  for (const table of tablesOf(projection)) {
    await sql.query(`DROP TABLE IF EXISTS ${copyOf(table)}`);
    await sql.query(`CREATE UNLOGGED TABLE ${copyOf(table)} AS SELECT ${rowOf(table)}`);
  }
  await transact((own) => resetProjection(own, projection));
  await catchUp(log, transact, projection);
  const found: string[] = [];
  for (const table of tablesOf(projection)) found.push(...(await compare(sql, table)));
  return found;
};

/** Holds every read model against its own rebuild from the log, as `npm run rebuild` makes it. No hub may run. */
export const auditReadModels = async (
  log: Pick<EventLog, 'readAll'>,
  sql: Sql,
  transact: Transact,
): Promise<{ found: string[]; rows: number }> => {
  await sql.query('CREATE SCHEMA IF NOT EXISTS faults');
  const found: string[] = [];
  let rows = 0;
  for (const projection of readModels) {
    found.push(...(await auditOne(log, sql, transact, projection)));
    for (const table of tablesOf(projection)) {
      rows += (await countAndSample(sql, `SELECT ${rowOf(table)}`)).count;
    }
  }
  await sql.query('DROP SCHEMA faults CASCADE');
  return { found, rows };
};
