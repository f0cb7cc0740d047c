import type { Sql } from '../../runtime/sql.ts';
import type { Health, Level } from './health.ts';

/** Health by device id; a device nothing was heard of is missing. */
export const healthOf = async (sql: Sql, devices: readonly string[]): Promise<Map<string, Health>> => {
  if (devices.length === 0) return new Map();
  const { rows } = await sql.query<{ device: string; health: Health }>(
    'SELECT device, health FROM hub.device_health WHERE device = ANY($1)',
    [devices],
  );
  return new Map(rows.map((row) => [row.device, row.health]));
};

/** Newest word from any device, by compound. */
export const lastHeardByCompound = async (sql: Sql): Promise<Map<string, string>> => {
  const { rows } = await sql.query<{ compound: string; at: Date }>(
    'SELECT compound, max(last_heard_at) AS at FROM hub.device_health WHERE last_heard_at IS NOT NULL GROUP BY compound',
  );
  return new Map(rows.map((row) => [row.compound, row.at.toISOString()]));
};

/** Every state channel's last value, for the ingest's start. */
export const allLevels = async (sql: Sql): Promise<{ device: string; levels: Record<string, Level> }[]> => {
  const { rows } = await sql.query<{ device: string; levels: Record<string, Level> }>(
    `SELECT device, health -> 'levels' AS levels FROM hub.device_health`,
  );
  return rows;
};
