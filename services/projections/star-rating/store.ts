import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import { type MinuteReading, widen } from './band-time.ts';
import type { Additions } from './fold.ts';
import { silentAfterMs } from './kind-silence.ts';

export const addRegister = async (sql: Sql, { known, register }: Additions): Promise<void> => {
  if (known.size > 0) {
    const rows = [...known.values()];
    await sql.query(
      `INSERT INTO hub.rating_device (device, kind, quantities, gateways, models)
       SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::json[], $5::json[])
       ON CONFLICT (device) DO UPDATE SET kind = excluded.kind, quantities = excluded.quantities,
         gateways = excluded.gateways, models = excluded.models`,
      [
        rows.map(({ device }) => device),
        rows.map(({ kind }) => kind ?? null),
        rows.map(({ quantities }) => JSON.stringify(quantities)),
        rows.map(({ gateways }) => JSON.stringify(gateways)),
        rows.map(({ models }) => JSON.stringify(models)),
      ],
    );
  }
  if (register.length === 0) return;
  await sql.query(
    `INSERT INTO hub.rating_register (stream, revision, compound, device, type, at, told_at, data)
     SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
       $7::timestamptz[], $8::json[]) ON CONFLICT DO NOTHING`,
    [
      register.map(({ stream }) => stream),
      register.map(({ revision }) => revision),
      register.map(({ compound }) => compound),
      register.map(({ device }) => device),
      register.map(({ type }) => type),
      register.map(({ atMs }) => isoTime(atMs)),
      register.map(({ toldMs }) => isoTime(toldMs)),
      register.map(({ data }) => JSON.stringify(data)),
    ],
  );
};

export const addCompoundHours = async (sql: Sql, { compoundHours }: Additions): Promise<void> => {
  if (compoundHours.size === 0) return;
  const rows = [...compoundHours].flatMap(([compound, hours]) => [...hours].map((hourMs) => ({ compound, hourMs })));
  await sql.query(
    `INSERT INTO hub.rating_compound_hour (compound, hour) SELECT * FROM unnest($1::text[], $2::timestamptz[])
     ON CONFLICT DO NOTHING`,
    [rows.map(({ compound }) => compound), rows.map(({ hourMs }) => isoTime(hourMs))],
  );
};

/** Stored so, one number tells what was counted before any hour of the day; two days' are added up as they are. */
const cumulated = (hours: readonly number[]): number[] => {
  let sum = 0;
  return hours.map((count) => {
    sum += count;
    return sum;
  });
};

export const addCounts = async (sql: Sql, { counts }: Additions): Promise<void> => {
  if (counts.size === 0) return;
  const rows = [...counts.values()];
  await sql.query(
    `INSERT INTO hub.rating_count (device, day, counter, total, hours)
     SELECT device, day, counter, total, hours::integer[]
     FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::integer[], $5::text[])
       AS added (device, day, counter, total, hours)
     ON CONFLICT (device, day, counter) DO UPDATE SET total = rating_count.total + excluded.total, hours = (
       SELECT array_agg(known + added ORDER BY hour)
       FROM unnest(rating_count.hours, excluded.hours) WITH ORDINALITY AS both_of (known, added, hour))`,
    [
      rows.map(({ device }) => device),
      rows.map(({ dayMs }) => isoTime(dayMs)),
      rows.map(({ counter }) => counter),
      rows.map(({ hours }) => hours.reduce((sum, count) => sum + count, 0)),
      rows.map(({ hours }) => `{${cumulated(hours).join(',')}}`),
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

export const addReadings = async (sql: Sql, { readings }: Additions): Promise<void> => {
  if (readings.size === 0) return;
  const hours = [...readings.values()];
  const keys = [
    hours.map(({ device }) => device),
    hours.map(({ hourMs }) => isoTime(hourMs)),
    hours.map(({ quantity }) => quantity),
  ];
  const { rows } = await sql.query<{ device: string; hour: Date; quantity: string; minutes: MinuteReading[] }>(
    `SELECT device, hour, quantity, minutes FROM hub.rating_reading
     JOIN unnest($1::text[], $2::timestamptz[], $3::text[]) AS said (device, hour, quantity)
       USING (device, hour, quantity)`,
    keys,
  );
  for (const { device, hour, quantity, minutes } of rows) {
    const own = readings.get(`${device} ${hour.getTime()} ${quantity}`)!.minutes;
    for (const reading of minutes) widen(own, reading);
  }
  await sql.query(
    `INSERT INTO hub.rating_reading (device, hour, quantity, minutes)
     SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::json[])
     ON CONFLICT (device, hour, quantity) DO UPDATE SET minutes = excluded.minutes`,
    [...keys, hours.map(({ minutes }) => JSON.stringify([...minutes.values()].sort(([one], [other]) => one - other)))],
  );
};

const dayMs = 86_400_000;

interface ReadingExtremes {
  first: number;
  last: number;
  low: number;
  high: number;
}
const noReading: ReadingExtremes = {
  ...{ first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY },
  ...{ low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY },
};

/**
 * First and last minute of each day with readings, and the lowest and highest, by which a rating judges a day without
 * looking at its minutes. Not so for a device that counts as silent within a day: there each minute matters.
 */
export const addReadingDays = async (
  sql: Sql,
  { readings }: Additions,
  kindOf: (device: string) => string | undefined,
): Promise<void> => {
  const days = new Map<string, { device: string; dayMs: number; quantity: string } & ReadingExtremes>();
  for (const { device, hourMs, quantity, minutes } of readings.values()) {
    const ofDayMs = Math.floor(hourMs / dayMs) * dayMs;
    const key = `${device} ${ofDayMs} ${quantity}`;
    const day = days.get(key) ?? { device, dayMs: ofDayMs, quantity, ...noReading };
    days.set(key, day);
    for (const [minute, low, high] of minutes.values()) {
      const minuteOfDay = (hourMs - ofDayMs) / 60_000 + minute;
      day.first = Math.min(day.first, minuteOfDay);
      day.last = Math.max(day.last, minuteOfDay);
      day.low = Math.min(day.low, low);
      day.high = Math.max(day.high, high);
    }
  }
  if (days.size === 0) return;
  const rows = [...days.values()];
  const mayBeSilentForADay = (device: string): boolean => silentAfterMs(kindOf(device)) >= dayMs;
  await sql.query(
    `INSERT INTO hub.rating_reading_day AS known (device, day, quantity, first_minute, last_minute, low, high)
     SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::smallint[], $5::smallint[],
       $6::double precision[], $7::double precision[])
     ON CONFLICT (device, day, quantity) DO UPDATE SET
       first_minute = least(known.first_minute, excluded.first_minute),
       last_minute = greatest(known.last_minute, excluded.last_minute),
       low = least(known.low, excluded.low), high = greatest(known.high, excluded.high)`,
    [
      rows.map(({ device }) => device),
      rows.map(({ dayMs: ofDayMs }) => isoTime(ofDayMs)),
      rows.map(({ quantity }) => quantity),
      rows.map(({ first }) => first),
      rows.map(({ last }) => last),
      rows.map(({ device, low }) => (mayBeSilentForADay(device) ? low : null)),
      rows.map(({ device, high }) => (mayBeSilentForADay(device) ? high : null)),
    ],
  );
};

export const addFacts = async (sql: Sql, { facts }: Additions): Promise<void> => {
  if (facts.length === 0) return;
  await sql.query(
    `INSERT INTO hub.rating_fact (stream, revision, compound, type, at, told_at, data)
     SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::jsonb[])
     ON CONFLICT DO NOTHING`,
    [
      facts.map(({ stream }) => stream),
      facts.map(({ revision }) => revision),
      facts.map(({ compound }) => compound),
      facts.map(({ type }) => type),
      facts.map(({ atMs }) => isoTime(atMs)),
      facts.map(({ toldMs }) => isoTime(toldMs)),
      facts.map(({ data }) => JSON.stringify(data)),
    ],
  );
};
