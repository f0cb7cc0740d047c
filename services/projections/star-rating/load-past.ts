import type { Position } from '../../event-log/event.ts';
import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import type { MinuteReading } from './band-time.ts';
import type { KeptFact, RegisterRow } from './fold.ts';
import {
  type CompoundPast,
  type CountDay,
  type DevicePast,
  innerDaysOf,
  lowMsOf,
  meetingsBackMs,
  nothingHeard,
  type Stretch,
} from './past.ts';
import { starRatingProjection } from './projection.ts';

/** Exact to the millisecond, and several times cheaper than `extract`, which counts in decimals. */
const ms = (column: string): string => `(date_part('epoch', ${column}) * 1000)::bigint`;

/**
 * Everything in one statement, which sees one state of the tables, the checkpoint among them: so the position is the one
 * that all of it was read up to. The laterals keep the planner to the index of each device.
 */
export const statement = `
  WITH own AS MATERIALIZED (
    SELECT DISTINCT device FROM hub.rating_register WHERE compound = $1 AND device IS NOT NULL),
  banded AS MATERIALIZED (
    SELECT device, count(*) = 1 AND bool_and(type = 'device.registered') AS is_one,
      min((data -> 'band' ->> 'min')::double precision) AS min, max((data -> 'band' ->> 'max')::double precision) AS max
    FROM own JOIN hub.rating_register USING (device) WHERE data -> 'band' IS NOT NULL GROUP BY device)
  SELECT 'position' AS part, NULL AS device, to_json(position) AS data
  FROM hub.projection_checkpoint WHERE projection = $2
  UNION ALL
  SELECT 'register', device,
    json_build_array(stream, revision, compound, type, ${ms('at')}, ${ms('told_at')}, data)
  FROM hub.rating_register WHERE stream = 'compound-' || $1
  UNION ALL
  SELECT 'register', own.device,
    json_build_array(r.stream, r.revision, r.compound, r.type, ${ms('r.at')}, ${ms('r.told_at')}, r.data)
  FROM own CROSS JOIN LATERAL (SELECT * FROM hub.rating_register WHERE device = own.device OFFSET 0) AS r
  UNION ALL
  SELECT 'first', own.device, to_json(${ms('first.from_at')}) FROM own CROSS JOIN LATERAL (
    SELECT from_at FROM hub.rating_heard WHERE device = own.device ORDER BY from_at LIMIT 1) AS first
  UNION ALL
  SELECT 'runs', own.device, runs.data FROM own CROSS JOIN LATERAL (
    SELECT json_build_array(array_agg(${ms('from_at')}), array_agg(${ms('to_at')})) AS data FROM (
      (SELECT from_at, to_at FROM hub.rating_heard
       WHERE device = own.device AND from_at <= $3 ORDER BY from_at DESC LIMIT 1)
      UNION ALL
      SELECT from_at, to_at FROM hub.rating_heard WHERE device = own.device AND from_at > $3 AND from_at <= $4) AS run
    HAVING count(*) > 0) AS runs
  UNION ALL
  SELECT 'sessions', own.device, told.data FROM own CROSS JOIN LATERAL (
    SELECT json_build_array(array_agg(${ms('at')}), array_agg(is_back)) AS data FROM (
      (SELECT at, is_back FROM hub.rating_session WHERE device = own.device AND at <= $3 ORDER BY at DESC LIMIT 1)
      UNION ALL
      SELECT at, is_back FROM hub.rating_session WHERE device = own.device AND at > $3 AND at <= $4) AS word
    HAVING count(*) > 0) AS told
  UNION ALL
  SELECT 'counts', own.device, counted.data FROM own CROSS JOIN LATERAL (
    SELECT json_build_array(array_agg(${ms('day')}), array_agg(counter), json_agg(hours)) AS data FROM (
      SELECT day, counter, to_json(hours) AS hours FROM hub.rating_count
      WHERE device = own.device AND (day > $3::timestamptz - interval '1 day' AND day < $6 OR day >= $7 AND day <= $4)
      UNION ALL
      SELECT min(day), counter, json_build_object('total', sum(total)) FROM hub.rating_count
      WHERE device = own.device AND day >= $6 AND day < $7 GROUP BY counter) AS days
    HAVING count(*) > 0) AS counted
  UNION ALL
  SELECT 'retention', own.device, said.data FROM own CROSS JOIN LATERAL (
    SELECT json_build_array(array_agg(${ms('at')}), array_agg(revision), array_agg(retained_days)) AS data
    FROM hub.rating_retention WHERE device = own.device AND at >= $3 AND at <= $4 HAVING count(*) > 0) AS said
  UNION ALL
  SELECT 'readings', banded.device, said.data FROM banded CROSS JOIN LATERAL (
    SELECT json_build_array(
      min(quantity), array_agg((minute + first_minute) * 60 + last_minute) FILTER (WHERE steady),
      json_agg(json_build_array(minute, quantity, minutes)) FILTER (WHERE NOT steady)) AS data
    FROM (
      SELECT date_part('epoch', hour)::bigint / 60 AS minute, quantity, first_minute, last_minute, minutes,
        banded.is_one AND low IS NOT NULL AND low >= banded.min AND high <= banded.max AS steady
      FROM hub.rating_reading WHERE device = banded.device AND hour >= $3 AND hour <= $4) AS hour
    HAVING count(*) > 0) AS said
  UNION ALL
  SELECT 'hours', NULL, json_agg(${ms('hour')} ORDER BY hour) FROM hub.rating_compound_hour
  WHERE compound = $1 AND hour >= $3 AND hour <= $4
  UNION ALL
  SELECT 'fact', NULL, json_build_array(stream, revision, type, ${ms('at')}, ${ms('told_at')}, data)
  FROM hub.rating_fact WHERE compound = $1 AND (
    at >= $3 AND at <= $4 AND type LIKE ANY (ARRAY['work-order.%', 'whistle.%', 'platform.%'])
    OR at >= $3 AND type = 'compound.gap-recorded'
    OR at >= $5 AND at <= $4 AND type LIKE 'meeting.%'
    OR at <= $4 AND type LIKE 'disclosure.%')`;

/**
 * Of a device with one band its steady hours, each as one number: its first minute, and in the last two digits to the
 * base of sixty the last minute of the hour. The others with all of their minutes.
 */
type ToldReadings = [
  quantity: string,
  steady: number[] | null,
  others: [minute: number, quantity: string, minutes: MinuteReading[]][] | null,
];

type Row =
  | { part: 'position'; device: null; data: Position | null }
  | {
      part: 'register';
      device: string | null;
      data: [string, number, string, string, number, number, RegisterRow['data']];
    }
  | { part: 'first'; device: string; data: number }
  | { part: 'runs'; device: string; data: [from: number[], to: number[]] }
  | { part: 'sessions'; device: string; data: [at: number[], isBack: boolean[]] }
  | { part: 'counts'; device: string; data: [day: number[], counter: string[], hours: CountDay['hours'][]] }
  | { part: 'retention'; device: string; data: [at: number[], revision: number[], days: number[]] }
  | { part: 'readings'; device: string; data: ToldReadings }
  | { part: 'hours'; device: null; data: number[] | null }
  | { part: 'fact'; device: null; data: [string, number, string, number, number, KeptFact['data']] };

const minuteMs = 60_000;

const readingsOf = ([quantity, steady, others]: ToldReadings): DevicePast['readings'] => {
  const first = (steady ?? []).map((told) => Math.floor(told / 60));
  return [
    {
      quantity,
      fromMs: first.map((minute) => minute * minuteMs),
      toMs: first.map((minute, index) => (minute - (minute % 60) + (steady![index]! % 60)) * minuteMs),
    },
    ...(others ?? []).map(([minute, of, minutes]) => ({ hourMs: minute * minuteMs, quantity: of, minutes })),
  ];
};

const partsOf = (row: Row): Partial<DevicePast> => {
  switch (row.part) {
    case 'first':
      return { firstHeardMs: row.data };
    case 'runs': {
      const [from, to] = row.data;
      const runs = from.map((fromMs, index) => ({ fromMs, toMs: to[index]! }));
      return { runs: runs.sort((a, b) => a.fromMs - b.fromMs) };
    }
    case 'sessions': {
      const [at, isBack] = row.data;
      const of = (back: boolean): number[] => at.filter((_, index) => isBack[index] === back).sort((a, b) => a - b);
      return { goneMs: of(false), backMs: of(true) };
    }
    case 'counts': {
      const [day, counter, hours] = row.data;
      const counts = day.map((dayMs, index) => ({ dayMs, counter: counter[index]!, hours: hours[index]! }));
      return { counts: counts.sort((a, b) => a.dayMs - b.dayMs) };
    }
    case 'retention': {
      const [at, revision, days] = row.data;
      const reports = at.map((atMs, index) => ({ atMs, revision: revision[index]!, retainedDays: days[index]! }));
      return { retention: reports.sort((a, b) => a.atMs - b.atMs || a.revision - b.revision) };
    }
    case 'readings':
      return { readings: readingsOf(row.data) };
    default:
      return {};
  }
};

const registerRowOf = (device: string | null, data: (Row & { part: 'register' })['data']): RegisterRow => {
  const [stream, revision, compound, type, atMs, toldMs, said] = data;
  return { stream, revision, compound, device, type, atMs, toldMs, data: said };
};

const factOf = (compound: string, data: (Row & { part: 'fact' })['data']): KeptFact => {
  const [stream, revision, type, atMs, toldMs, said] = data;
  return { stream, revision, compound, type, at: isoTime(atMs), toldAt: isoTime(toldMs), data: said };
};

/** Reads what the tables hold of a compound for the instants of a stretch of time; see `cutterOf`. */
export const loadPast = async (sql: Sql, compound: string, stretch: Stretch): Promise<CompoundPast> => {
  const inner = innerDaysOf(stretch);
  const { rows } = await sql.query<Row>(statement, [
    compound,
    starRatingProjection.name,
    isoTime(lowMsOf(stretch)),
    isoTime(stretch.toMs),
    isoTime(stretch.fromMs - meetingsBackMs),
    isoTime(inner.fromMs),
    isoTime(inner.toMs),
  ]);
  const devices = new Map<string, DevicePast>();
  const register: RegisterRow[] = [];
  const facts: KeptFact[] = [];
  let position: Position | null = null;
  let heardHoursMs: readonly number[] = [];
  for (const row of rows) {
    if (row.part === 'position') position = row.data;
    else if (row.part === 'register') register.push(registerRowOf(row.device, row.data));
    else if (row.part === 'hours') heardHoursMs = row.data ?? [];
    else if (row.part === 'fact') facts.push(factOf(compound, row.data));
    else devices.set(row.device, { ...(devices.get(row.device) ?? nothingHeard), ...partsOf(row) });
  }
  return { compound, position, register, devices, heardHoursMs, facts };
};
