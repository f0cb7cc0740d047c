import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import type { Additions } from './fold.ts';

export const addRegistered = async (sql: Sql, { registered }: Additions): Promise<void> => {
  if (registered.size === 0) return;
  const rows = [...registered.values()];
  await sql.query(
    `INSERT INTO hub.rating_device (device, kind, band) SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[])
     ON CONFLICT (device) DO UPDATE SET kind = excluded.kind, band = excluded.band`,
    [
      rows.map(({ device }) => device),
      rows.map(({ kind }) => kind ?? null),
      rows.map(({ band }) => (band ? JSON.stringify(band) : null)),
    ],
  );
};

export const addCompoundHours = async (sql: Sql, { compoundHours }: Additions): Promise<void> => {
  if (compoundHours.size === 0) return;
  const rows = [...compoundHours.values()];
  await sql.query(
    `INSERT INTO hub.rating_compound_hour (compound, hour) SELECT * FROM unnest($1::text[], $2::timestamptz[])
     ON CONFLICT DO NOTHING`,
    [rows.map(({ compound }) => compound), rows.map(({ hourMs }) => isoTime(hourMs))],
  );
};

export const addCounts = async (sql: Sql, { counts }: Additions): Promise<void> => {
  if (counts.size === 0) return;
  const rows = [...counts.values()];
  await sql.query(
    `INSERT INTO hub.rating_count (device, hour, counter, count)
     SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::integer[])
     ON CONFLICT (device, hour, counter) DO UPDATE SET count = rating_count.count + excluded.count`,
    [
      rows.map(({ device }) => device),
      rows.map(({ hourMs }) => isoTime(hourMs)),
      rows.map(({ counter }) => counter),
      rows.map(({ count }) => count),
    ],
  );
};

export const addRetention = async (sql: Sql, { retention }: Additions): Promise<void> => {
  if (retention.length === 0) return;
  await sql.query(
    `INSERT INTO hub.rating_retention (device, revision, at, retained_days)
     SELECT * FROM unnest($1::text[], $2::integer[], $3::timestamptz[], $4::double precision[])
     ON CONFLICT DO NOTHING`,
    [
      retention.map(({ device }) => device),
      retention.map(({ revision }) => revision),
      retention.map(({ at }) => at),
      retention.map(({ retainedDays }) => retainedDays),
    ],
  );
};

export const addBand = async (sql: Sql, { band }: Additions): Promise<void> => {
  if (band.size === 0) return;
  const rows = [...band.values()];
  await sql.query(
    `INSERT INTO hub.rating_band (device, hour, in_minutes, out_minutes)
     SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::bigint[])
     ON CONFLICT (device, hour) DO UPDATE SET in_minutes = rating_band.in_minutes | excluded.in_minutes,
       out_minutes = rating_band.out_minutes | excluded.out_minutes`,
    [
      rows.map(({ device }) => device),
      rows.map(({ hourMs }) => isoTime(hourMs)),
      rows.map(({ inMinutes }) => String(inMinutes)),
      rows.map(({ outMinutes }) => String(outMinutes)),
    ],
  );
};

export const addFacts = async (sql: Sql, { facts }: Additions): Promise<void> => {
  if (facts.length === 0) return;
  await sql.query(
    `INSERT INTO hub.rating_fact (stream, revision, compound, type, at, data)
     SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::timestamptz[], $6::jsonb[])
     ON CONFLICT DO NOTHING`,
    [
      facts.map(({ stream }) => stream),
      facts.map(({ revision }) => revision),
      facts.map(({ compound }) => compound),
      facts.map(({ type }) => type),
      facts.map(({ at }) => at),
      facts.map(({ data }) => JSON.stringify(data)),
    ],
  );
};
