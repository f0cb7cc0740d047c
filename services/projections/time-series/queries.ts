import type { Sql } from '../../runtime/sql.ts';

export interface Reading {
  quantity: string;
  value: number;
  at: string;
}

/** The newest reading of each quantity of a device. */
export const latestReadings = async (sql: Sql, device: string): Promise<Reading[]> => {
  const { rows } = await sql.query<{ quantity: string; value: number; at: Date }>(
    `SELECT DISTINCT ON (quantity) quantity, value, at FROM hub.reading
     WHERE device = $1 ORDER BY quantity, at DESC`,
    [device],
  );
  return rows.map((row) => ({ quantity: row.quantity, value: row.value, at: row.at.toISOString() }));
};
