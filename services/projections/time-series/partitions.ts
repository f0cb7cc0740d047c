import type { Sql } from '../../runtime/sql.ts';
import { partitionsAheadMonths } from './limits.ts';

/** Whoever makes a partition holds this lock, so that the projector and the maintenance never make the same one. */
const partitionLock = 7_809_003;
const partitionName = /^reading_(\d{4})_(\d{2})$/;

/** `2026-11`, in UTC. */
export type Month = string;

export const monthOf = (instant: string): Month => instant.slice(0, 7);

const startOfMonthMs = (month: Month, later = 0): number =>
  Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)) - 1 + later, 1);

/** This month and those ahead of need. */
export const monthsAhead = (nowMs: number): Month[] => {
  const now = new Date(nowMs).toISOString();
  return Array.from({ length: partitionsAheadMonths + 1 }, (_, later) =>
    monthOf(new Date(startOfMonthMs(now, later)).toISOString()),
  );
};

const tableOf = (month: Month): string => `reading_${month.replace('-', '_')}`;

/**
 * Whether a `month` lacks its table, in SQL. By the rows of the catalogue: `to_regclass` may still answer from before a
 * wait for the lock.
 */
export const lacksPartition = `NOT EXISTS (SELECT FROM pg_class
  WHERE relnamespace = 'hub'::regnamespace AND relname = 'reading_' || replace(month, '-', '_'))`;

export const missingMonths = async (sql: Sql, months: readonly Month[]): Promise<Month[]> => {
  const { rows } = await sql.query<{ month: Month }>(
    `SELECT month FROM unnest($1::text[]) AS month WHERE ${lacksPartition}`,
    [months],
  );
  return rows.map(({ month }) => month);
};

/**
 * Makes partitions where they are missing; inside a transaction. A table of its own that is attached, because that
 * does not keep readers of the other months waiting, as `PARTITION OF` would.
 */
export const createPartitions = async (sql: Sql, months: readonly Month[]): Promise<Month[]> => {
  await sql.query('SELECT pg_advisory_xact_lock($1)', [partitionLock]);
  const missing = await missingMonths(sql, months);
  for (const month of missing) {
    const [from, to] = [0, 1].map((later) => new Date(startOfMonthMs(month, later)).toISOString());
    await sql.query(
      `CREATE TABLE hub.${tableOf(month)} (LIKE hub.reading INCLUDING DEFAULTS INCLUDING INDEXES);
       ALTER TABLE hub.reading ATTACH PARTITION hub.${tableOf(month)} FOR VALUES FROM ('${from}') TO ('${to}')`,
    );
  }
  return missing;
};

/** Tables of the months that ended by then, oldest first. */
export const partitionsEndedBy = async (sql: Sql, boundaryMs: number): Promise<string[]> => {
  const { rows } = await sql.query<{ name: string }>(
    `SELECT partition.relname AS name FROM pg_inherits JOIN pg_class AS partition ON partition.oid = inhrelid
     WHERE inhparent = 'hub.reading'::regclass ORDER BY 1`,
  );
  return rows
    .map(({ name }) => name)
    .filter((name) => {
      const [, year, month] = partitionName.exec(name) ?? [];
      return year !== undefined && startOfMonthMs(`${year}-${month}`, 1) <= boundaryMs;
    });
};
