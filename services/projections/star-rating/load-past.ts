import type { Position } from '../../event-log/event.ts';
import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import type { MinuteReading } from './band-time.ts';
import type { KeptFact, RegisterRow } from './fold.ts';
import type { Interval } from './intervals.ts';
import { modelsSilentWithinADay } from './kind-silence.ts';
import {
  allHours,
  type CompoundPast,
  countCutsOf,
  type DevicePast,
  firstWindowMs,
  innerDaysOf,
  lowMsOf,
  meetingsBackMs,
  nothingHeard,
  type Stretch,
} from './past.ts';
import { starRatingProjection } from './projection.ts';

/** Exact to the millisecond, and several times cheaper than `extract`, which counts in decimals. */
const ms = (column: string): string => `(date_part('epoch', ${column}) * 1000)::bigint`;

/** A day's counts between two hours of it. */
const hourOfPiece = "(date_part('epoch', day) / 3600)::integer + begins";

/** The streams of the compound's devices that were folded further than the revisions that are known already. */
const news = `
  ever AS MATERIALIZED (
    SELECT DISTINCT device FROM hub.rating_register WHERE compound = $1 AND device IS NOT NULL),
  news AS MATERIALIZED (
    SELECT device, stream, folded.revision
    FROM ever CROSS JOIN LATERAL (VALUES ('device-' || device), ('telemetry-' || device)) AS name (stream)
    JOIN hub.rating_stream AS folded USING (stream)
    LEFT JOIN unnest($8::text[], $9::integer[]) AS known (stream, revision) USING (stream)
    WHERE known.revision IS DISTINCT FROM folded.revision)`;

/** As an array, so that the planner keeps to the index, and may read the rows of all devices page by page. */
const ofOwn = 'device = ANY (ARRAY(SELECT device FROM own))';

/**
 * Everything in one statement, which sees one state of the tables, the checkpoint among them: so the position is the one
 * that all of it was read up to. `cutsAlike` are written into it, because a row that is looked at once for all of them
 * costs half as much as one that is joined with each.
 */
const statementFor = (cutsAlike: readonly number[]): string => `
  WITH ${news},
  own AS MATERIALIZED (
    SELECT device, bool_and(compound = $1) AS has_stayed,
      CASE WHEN bool_and(compound = $1) THEN $10::integer[] ELSE $11 END AS cuts,
      CASE WHEN count(*) = 1 AND min(at) <= $12::timestamptz THEN min(sort) END AS sort, count(band) > 0 AS is_banded,
      coalesce(bool_or(model = ANY ($13::text[])), false) AS is_soon_silent,
      count(band) = 1 AND bool_and(band IS NULL OR type = 'device.registered') AS has_one_band,
      min((band ->> 'min')::double precision) AS band_min, max((band ->> 'max')::double precision) AS band_max
    FROM (SELECT DISTINCT device FROM news) AS told_more
    CROSS JOIN LATERAL (
      SELECT compound, type, at, data -> 'band' AS band, data ->> 'model' AS model,
        concat(data -> 'kind', data -> 'features') AS sort
      FROM hub.rating_register WHERE device = told_more.device OFFSET 0) AS told
    GROUP BY device),
  alike AS MATERIALIZED (
    SELECT min(device) AS teller, array_agg(device) AS devices FROM own WHERE sort IS NOT NULL GROUP BY sort),
  reading_day AS MATERIALIZED (
    SELECT device, day, quantity, first_minute, last_minute,
      coalesce(has_one_band AND NOT is_soon_silent AND low >= band_min AND high <= band_max, false) AS is_steady
    FROM own JOIN hub.rating_reading_day USING (device)
    WHERE device = ANY (ARRAY(SELECT device FROM own WHERE is_banded))
      AND day > $3::timestamptz - interval '1 day' AND day <= $4)
  SELECT part, json_agg(json_build_array(device, data)) AS rows FROM (
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
  SELECT 'streams', device, json_build_array(array_agg(stream), array_agg(revision)) FROM news GROUP BY device
  UNION ALL
  SELECT 'first', own.device, to_json(${ms('first.from_at')}) FROM own CROSS JOIN LATERAL (
    SELECT from_at FROM hub.rating_heard WHERE device = own.device ORDER BY from_at LIMIT 1) AS first
  UNION ALL
  SELECT 'runs', device, json_build_array(array_agg(${ms('from_at')}), array_agg(${ms('to_at')})) FROM (
    SELECT own.device, from_at, to_at FROM own CROSS JOIN LATERAL (
      SELECT from_at, to_at FROM hub.rating_heard
      WHERE device = own.device AND from_at <= $3 ORDER BY from_at DESC LIMIT 1) AS before
    UNION ALL
    SELECT device, from_at, to_at FROM hub.rating_heard WHERE ${ofOwn} AND from_at > $3 AND from_at <= $4) AS run
  GROUP BY device
  UNION ALL
  SELECT 'sessions', device, json_build_array(
    array_agg(${ms('at')}) FILTER (WHERE NOT is_back), array_agg(${ms('at')}) FILTER (WHERE is_back)) FROM (
    SELECT own.device, at, is_back FROM own CROSS JOIN LATERAL (
      SELECT at, is_back FROM hub.rating_session WHERE device = own.device AND at <= $3 ORDER BY at DESC LIMIT 1) AS before
    UNION ALL
    SELECT device, at, is_back FROM hub.rating_session WHERE ${ofOwn} AND at > $3 AND at <= $4) AS word
  GROUP BY device
  UNION ALL
  SELECT 'counts', own.device, counted.data FROM own CROSS JOIN LATERAL (
    SELECT json_build_array(counter, array_agg(hour), array_agg(counted)) AS data FROM (
      SELECT counter, ${hourOfPiece} AS hour, hours[ends] - coalesce(hours[begins], 0) AS counted
      FROM hub.rating_count CROSS JOIN unnest(own.cuts, own.cuts[2:]) AS piece (begins, ends)
      WHERE device = own.device AND day > $14::timestamptz - interval '1 day' AND day < $4
        AND NOT (own.has_stayed AND day >= $6 AND day < $7)) AS told
    WHERE counted > 0 GROUP BY counter) AS counted
  WHERE own.sort IS NULL
  UNION ALL
  SELECT 'counts', teller, json_build_array(counter, array_agg(hour), array_agg(counted)) FROM (
    SELECT teller, counter, ${hourOfPiece} AS hour, until[place + 1] - coalesce(until[place], 0) AS counted
    FROM alike CROSS JOIN LATERAL (
      SELECT counter, day, ARRAY[${cutsAlike.map((hour) => `sum(hours[${hour}])`)}]::bigint[] AS until
      FROM hub.rating_count
      WHERE device = ANY (devices) AND day > $14::timestamptz - interval '1 day' AND day < $4
        AND NOT (day >= $6 AND day < $7)
      GROUP BY counter, day) AS by_day
    CROSS JOIN unnest($10::integer[]) WITH ORDINALITY AS cut (begins, place)) AS told
  WHERE counted > 0 GROUP BY teller, counter
  UNION ALL
  SELECT 'totals', own.device, counted.data FROM own CROSS JOIN LATERAL (
    SELECT json_build_array(array_agg(counter), array_agg(total)) AS data FROM (
      SELECT counter, sum(total) AS total FROM hub.rating_count
      WHERE device = own.device AND day >= $6 AND day < $7 GROUP BY counter) AS by_counter
    HAVING count(*) > 0) AS counted
  WHERE own.has_stayed AND $6::timestamptz < $7
  UNION ALL
  SELECT 'retention', device, json_build_array(array_agg(${ms('at')}), array_agg(revision), array_agg(retained_days))
  FROM hub.rating_retention WHERE ${ofOwn} AND at >= $3 AND at <= $4 GROUP BY device
  UNION ALL
  SELECT 'steady', device, json_build_array(
    array_agg(${ms('day')} + first_minute * 60000), array_agg(${ms('day')} + last_minute * 60000))
  FROM reading_day WHERE is_steady GROUP BY device
  UNION ALL
  SELECT 'readings', device, json_build_array(array_agg(${ms('hour')}), array_agg(quantity), json_agg(minutes))
  FROM reading_day CROSS JOIN LATERAL (
    SELECT hour, minutes FROM hub.rating_reading WHERE device = reading_day.device
      AND quantity = reading_day.quantity AND hour >= greatest(day, $3) AND hour < day + interval '1 day' AND hour <= $4
    OFFSET 0) AS of_hour
  WHERE NOT is_steady GROUP BY device
  UNION ALL
  SELECT 'hours', NULL, json_agg(${ms('hour')} ORDER BY hour) FROM hub.rating_compound_hour
  WHERE compound = $1 AND hour >= $3 AND hour <= $4
  UNION ALL
  SELECT 'fact', NULL, json_build_array(stream, revision, type, ${ms('at')}, ${ms('told_at')}, data)
  FROM hub.rating_fact WHERE compound = $1 AND (
    at >= $3 AND at <= $4 AND type LIKE ANY (ARRAY['work-order.%', 'whistle.%', 'platform.%'])
    OR at >= $3 AND type = 'compound.gap-recorded'
    OR type = 'platform.reported' AND at = (
      SELECT min(at) FROM hub.rating_fact WHERE compound = $1 AND type = 'platform.reported')
    OR at >= $5 AND at <= $4 AND type LIKE 'meeting.%'
    OR at <= $4 AND type LIKE 'disclosure.%')) AS told
  GROUP BY part`;

const hourMs = 3_600_000;

type Row =
  | { part: 'position'; device: null; data: Position | null }
  | {
      part: 'register';
      device: string | null;
      data: [string, number, string, string, number, number, RegisterRow['data']];
    }
  | { part: 'streams'; device: string; data: [stream: string[], revision: number[]] }
  | { part: 'first'; device: string; data: number }
  | { part: 'runs'; device: string; data: [from: number[], to: number[]] }
  | { part: 'sessions'; device: string; data: [gone: number[] | null, back: number[] | null] }
  | { part: 'counts'; device: string; data: [counter: string, hour: number[], count: number[]] }
  | { part: 'totals'; device: string; data: [counter: string[], total: number[]] }
  | { part: 'retention'; device: string; data: [at: number[], revision: number[], days: number[]] }
  | { part: 'steady'; device: string; data: [from: number[], to: number[]] }
  | { part: 'readings'; device: string; data: [hour: number[], quantity: string[], minutes: MinuteReading[][]] }
  | { part: 'hours'; device: null; data: number[] | null }
  | { part: 'fact'; device: null; data: [string, number, string, number, number, KeptFact['data']] };

/** All rows of one part: each by itself costs the driver more than what it says. */
interface Part {
  part: Row['part'];
  rows: [device: Row['device'], data: Row['data']][];
}

/** What a row adds to what is known of its device. */
const partsOf = (row: Row, known: DevicePast, inner: Interval): Partial<DevicePast> => {
  switch (row.part) {
    case 'first':
      return { firstHeardMs: row.data };
    case 'runs': {
      const [from, to] = row.data;
      const runs = from.map((fromMs, index) => ({ fromMs, toMs: to[index]! }));
      return { runs: runs.sort((a, b) => a.fromMs - b.fromMs) };
    }
    case 'sessions': {
      const [gone, back] = row.data;
      return { goneMs: (gone ?? []).sort((a, b) => a - b), backMs: (back ?? []).sort((a, b) => a - b) };
    }
    case 'counts': {
      const [counter, hours, counts] = row.data;
      return { counts: [...known.counts, { counter, hours, counts }] };
    }
    case 'totals': {
      const [counter, total] = row.data;
      const totals = counter.map((name, index) => ({
        ...{ counter: name, hours: [inner.fromMs / hourMs], counts: [total[index]!] },
      }));
      return { counts: [...known.counts, ...totals] };
    }
    case 'retention': {
      const [at, revision, days] = row.data;
      const reports = at.map((atMs, index) => ({ atMs, revision: revision[index]!, retainedDays: days[index]! }));
      return { retention: reports.sort((a, b) => a.atMs - b.atMs || a.revision - b.revision) };
    }
    case 'steady': {
      const [fromMs, toMs] = row.data;
      return { readings: [...known.readings, { fromMs, toMs }] };
    }
    case 'readings': {
      const [hour, quantity, minutes] = row.data;
      const hours = hour.map((hourMs, index) => ({ hourMs, quantity: quantity[index]!, minutes: minutes[index]! }));
      return { readings: [...known.readings, ...hours] };
    }
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

/** A past, and the revisions up to which it holds its devices' streams. */
export interface LoadedPast {
  past: CompoundPast;
  revisions: ReadonlyMap<string, number>;
}

/**
 * Reads what the tables hold of a compound for the instants of a stretch of time; of devices that have told nothing since
 * `known` was read, for the same stretch, that is taken over.
 */
export const loadPastSince = async (
  sql: Sql,
  compound: string,
  stretch: Stretch,
  known?: LoadedPast,
): Promise<LoadedPast> => {
  const inner = innerDaysOf(stretch);
  const cuts = countCutsOf(stretch);
  const cutsAlike = stretch.summedAlike ? cuts : [];
  const statement = { name: `load-past ${cutsAlike}`, text: statementFor(cutsAlike) };
  const { rows: parts } = await sql.query<Part>(statement, [
    compound,
    starRatingProjection.name,
    isoTime(lowMsOf(stretch)),
    isoTime(stretch.toMs),
    isoTime(stretch.fromMs - meetingsBackMs),
    isoTime(inner.fromMs),
    isoTime(inner.toMs),
    [...(known?.revisions.keys() ?? [])],
    [...(known?.revisions.values() ?? [])],
    cuts,
    [0, ...allHours.map((hour) => hour + 1)],
    stretch.summedAlike ? isoTime(stretch.fromMs) : null,
    modelsSilentWithinADay,
    isoTime(firstWindowMs(stretch)),
  ]);
  const devices = new Map<string, DevicePast>();
  const register: RegisterRow[] = [];
  const facts: KeptFact[] = [];
  const revisions = new Map(known?.revisions);
  const toldMore = new Set<string>();
  let position: Position | null = null;
  let heardHoursMs: readonly number[] = [];
  for (const row of parts.flatMap(({ part, rows }) => rows.map(([device, data]) => ({ part, device, data }) as Row))) {
    if (row.part === 'position') position = row.data;
    else if (row.part === 'register') register.push(registerRowOf(row.device, row.data));
    else if (row.part === 'hours') heardHoursMs = row.data ?? [];
    else if (row.part === 'fact') facts.push(factOf(compound, row.data));
    else if (row.part === 'streams') {
      toldMore.add(row.device);
      for (const [index, stream] of row.data[0].entries()) revisions.set(stream, row.data[1][index]!);
    } else {
      const told = devices.get(row.device) ?? nothingHeard;
      devices.set(row.device, { ...told, ...partsOf(row, told, inner) });
    }
  }
  for (const [device, told] of known?.past.devices ?? []) if (!toldMore.has(device)) devices.set(device, told);
  for (const row of known?.past.register ?? [])
    if (row.device !== null && !toldMore.has(row.device)) register.push(row);
  // In an order of their own, for the server gives them in any, and some happened at one instant.
  facts.sort((a, b) => (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : a.revision - b.revision));
  return { past: { compound, position, register, devices, heardHoursMs, facts }, revisions };
};

export const loadPast = async (sql: Sql, compound: string, stretch: Stretch): Promise<CompoundPast> =>
  (await loadPastSince(sql, compound, stretch)).past;
