import type { Sql } from '../../runtime/sql.ts';
import { keptShelf, type Shelf, shelfBounds } from '../retention.ts';

/** How a shelf stands in the column. */
export const shelfDate = (shelf: Shelf = keptShelf): string => (shelf === keptShelf ? '-infinity' : `${shelf}-01`);

const tableOf = (month: Shelf): string => `event_${month.replace('-', '_')}`;
const tableName = /^event_(\d{4})_(\d{2})$/;

/** A month's own table. */
export interface MonthTable {
  month: Shelf;
  /** With its schema. */
  table: string;
  /** A crash may leave one half taken out of the log (`detaching`) or taken out and not dropped yet (`detached`). */
  state: 'attached' | 'detaching' | 'detached';
}

/** Tables of the months, oldest first, those too that a crash left half dropped. */
export const monthTables = async (sql: Sql): Promise<MonthTable[]> => {
  const { rows } = await sql.query<{ name: string; state: MonthTable['state'] }>(
    `SELECT relname AS name,
       CASE inhdetachpending WHEN false THEN 'attached' WHEN true THEN 'detaching' ELSE 'detached' END AS state
     FROM pg_class
     LEFT JOIN pg_inherits ON inhrelid = pg_class.oid
     WHERE relnamespace = 'hub'::regnamespace AND relkind = 'r' AND relname LIKE 'event_%' ORDER BY relname`,
  );
  return rows.flatMap(({ name, state }) => {
    const [, year, month] = tableName.exec(name) ?? [];
    return year === undefined ? [] : [{ month: `${year}-${month}`, table: `hub.${name}`, state }];
  });
};

/**
 * Makes a month's table, inside a transaction. A table of its own that is attached, because that does not keep readers
 * of the other months waiting, as `PARTITION OF` would.
 */
export const createMonthTable = async (sql: Sql, month: Shelf): Promise<void> => {
  const { endMs } = shelfBounds(month);
  const end = new Date(endMs).toISOString().slice(0, 10);
  const table = `hub.${tableOf(month)}`;
  await sql.query(
    `CREATE TABLE ${table} (LIKE hub.event INCLUDING DEFAULTS INCLUDING INDEXES);
     ALTER TABLE hub.event ATTACH PARTITION ${table} FOR VALUES FROM ('${shelfDate(month)}') TO ('${end}')`,
  );
};
