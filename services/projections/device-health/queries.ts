import { isoTime } from '../../runtime/clock.ts';
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

/** How many devices are offline or silent, by compound; one without any is missing. Of these compounds, or of all. */
export const downByCompound = async (
  sql: Sql,
  nowMs: number,
  compounds: readonly string[] | null = null,
): Promise<Map<string, number>> => {
  const { rows } = await sql.query<{ compound: string; down: number }>(
    `SELECT compound, count(*)::integer AS down FROM hub.device_health
     WHERE look_from <= $1 AND (connection = 'offline' OR silent_from < $1)
       AND ($2::text[] IS NULL OR compound = ANY($2)) GROUP BY compound`,
    [isoTime(nowMs), compounds],
  );
  return new Map(rows.map(({ compound, down }) => [compound, down]));
};

/** Newest word from any device, by compound, to within five seconds. Of these compounds, or of all. */
export const lastHeardByCompound = async (
  sql: Sql,
  compounds: readonly string[] | null = null,
): Promise<Map<string, string>> => {
  const { rows } = await sql.query<{ compound: string; at: Date }>(
    `SELECT compound, last_heard_at AS at FROM hub.compound_heard
     WHERE $1::text[] IS NULL OR compound = ANY($1)`,
    [compounds],
  );
  return new Map(rows.map((row) => [row.compound, row.at.toISOString()]));
};

/** Every state channel's last value, for the ingest's start. */
export const allLevels = async (sql: Sql): Promise<{ device: string; levels: Record<string, Level> }[]> => {
  const { rows } = await sql.query<{ device: string; levels: Record<string, Level> }>(
    `SELECT device, health -> 'levels' AS levels FROM hub.device_health WHERE health ->> 'levels' <> '{}'`,
  );
  return rows;
};
