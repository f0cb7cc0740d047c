/** Exact to the millisecond, and several times cheaper than `extract`, which counts in decimals. */
const ms = (column: string): string => `(date_part('epoch', ${column}) * 1000)::bigint`;

/** Numbers of all rows as bytes, which `createNumberReader` reads. */
const packed = (...numbers: string[]): string => `string_agg(${numbers.join(' || ')}, '')`;

/** The UTC hour since the epoch with which a day begins. */
const hourOfDay = "(date_part('epoch', day) / 3600)::integer";

/** What a device counted of a day by each hour that may be an edge: mostly by every one, which is how it is stored. */
const countedByCuts = `CASE WHEN cardinality(own.cuts) = 25 THEN hours
      ELSE ARRAY(SELECT hours[ends] FROM unnest(own.cuts[2:]) AS cut (ends)) END`;

const ever = `
  ever AS MATERIALIZED (
    SELECT DISTINCT device FROM hub.rating_register WHERE compound = $1 AND device IS NOT NULL)`;
const allDevices = `${ever}, news AS MATERIALIZED (SELECT device FROM ever)`;

/**
 * The compound's devices of which something was folded since `$14`, the oldest transaction that was under way when the past
 * was read before. Their streams as one array, which the index is read along: neighbours stand together there, and each by
 * itself costs twice as much.
 */
const devicesToldSince = `${ever},
  news AS MATERIALIZED (
    SELECT DISTINCT substr(stream, strpos(stream, '-') + 1) AS device FROM hub.rating_stream AS folded
    WHERE stream = ANY (ARRAY(SELECT 'device-' || device FROM ever UNION ALL SELECT 'telemetry-' || device FROM ever))
      AND age(folded.xmin) <= age($14::xid8::xid))`;

/** As an array, so that the planner keeps to the index, and may read the rows of all devices page by page. */
const ofOwn = 'device = ANY (ARRAY(SELECT device FROM own))';
const isWithin = (instant: string): string => `${instant} >= $2 AND ${instant} < $3`;

/** Days of `banded` devices, which are told by band, so that those with the same are read page by page. */
const ofReadingDays = "device = ANY (devices) AND day > $2::timestamptz - interval '1 day' AND day < $3";
const isSteady = 'is_judged_by_day AND low >= band_min AND high <= band_max';
const countedDays = "day > $4::timestamptz - interval '1 day' AND day < $3";

/** What devices counted together by an hour of the day. The server copies `hours` for each place of it that it looks at. */
const countedBy = (hour: number): string => {
  if (hour === 0) return '0';
  return hour === 24 ? 'sum(total)' : `sum(hours[${hour}])`;
};

/** The devices of which something is to be read, and which of them are read together. */
const devices = `
  own AS MATERIALIZED (
    SELECT device, bool_and(compound = $1) AS has_stayed,
      CASE WHEN bool_and(compound = $1) THEN $7::integer[] ELSE $8 END AS cuts,
      CASE WHEN count(*) = 1 AND min(at) <= $9::timestamptz THEN min(sort) END AS sort, count(band) > 0 AS is_banded,
      coalesce(bool_or(model = ANY ($10::text[])), false) AS is_soon_silent,
      count(band) = 1 AND bool_and(band IS NULL OR type = 'device.registered') AS has_one_band,
      min((band ->> 'min')::double precision) AS band_min, max((band ->> 'max')::double precision) AS band_max
    FROM news AS told_more
    CROSS JOIN LATERAL (
      SELECT compound, type, at, data -> 'band' AS band, data ->> 'model' AS model,
        concat(data -> 'kind', data -> 'features') AS sort
      FROM hub.rating_register WHERE device = told_more.device OFFSET 0) AS told
    GROUP BY device),
  alike AS MATERIALIZED (
    SELECT min(device) AS teller, array_agg(device) AS devices FROM own WHERE sort IS NOT NULL GROUP BY sort),
  banded AS MATERIALIZED (
    SELECT has_one_band AND NOT is_soon_silent AS is_judged_by_day, band_min, band_max, array_agg(device) AS devices
    FROM own WHERE is_banded GROUP BY 1, 2, 3)`;

const facts = (wanted: string): string => `
  SELECT 'fact', NULL, json_build_array(json_agg(stream), json_agg(type), json_agg(data)),
    ${packed('int4send(revision)', 'timestamptz_send(at)', 'timestamptz_send(told_at)')}
  FROM hub.rating_fact WHERE compound = $1 AND (${wanted}) HAVING count(*) > 0`;

/** What doesn't lie within a stretch of time, or may still move its edges. */
const always = `
  SELECT 'read' AS part, NULL AS device, json_build_array(
    (SELECT position FROM hub.projection_checkpoint WHERE projection = $11),
    pg_snapshot_xmin(pg_current_snapshot())::text) AS data, NULL::bytea AS bytes
  UNION ALL
  SELECT 'register', device,
    json_build_array(stream, revision, compound, type, ${ms('at')}, ${ms('told_at')}, data), NULL
  FROM hub.rating_register WHERE stream = 'compound-' || $1
  UNION ALL
  SELECT 'register', own.device,
    json_build_array(r.stream, r.revision, r.compound, r.type, ${ms('r.at')}, ${ms('r.told_at')}, r.data), NULL
  FROM own CROSS JOIN LATERAL (SELECT * FROM hub.rating_register WHERE device = own.device OFFSET 0) AS r
  UNION ALL
  SELECT 'told', device, NULL, NULL FROM news
  UNION ALL
  SELECT 'first', own.device, NULL, timestamptz_send(first.from_at) FROM own CROSS JOIN LATERAL (
    SELECT from_at FROM hub.rating_heard WHERE device = own.device ORDER BY from_at LIMIT 1) AS first
  UNION ALL
  SELECT 'runs', own.device, to_json(1), timestamptz_send(from_at) || timestamptz_send(to_at)
  FROM own CROSS JOIN LATERAL (
    SELECT from_at, to_at FROM hub.rating_heard
    WHERE device = own.device AND from_at < $12 ORDER BY from_at DESC LIMIT 1) AS before
  UNION ALL
  ${facts(`at >= $12 AND type = 'compound.gap-recorded'
    OR type = 'platform.reported' AND at < $12 AND at = (
      SELECT min(at) FROM hub.rating_fact WHERE compound = $1 AND type = 'platform.reported')
    OR at >= $13 AND at < $3 AND type LIKE 'meeting.%'
    OR at < $3 AND type LIKE 'disclosure.%'`)}`;

const runsWithin = (until: string): string => `
    SELECT device, from_at, ${until} AS to_at FROM hub.rating_heard WHERE ${ofOwn} AND ${isWithin('from_at')}`;
/** Of runs that had begun before the stretch, the part that lies in it. */
const runsInto = (until: string): string => `
    SELECT own.device, $2::timestamptz AS from_at, ${until} AS to_at FROM own CROSS JOIN LATERAL (
      SELECT to_at FROM hub.rating_heard
      WHERE device = own.device AND from_at < $2 ORDER BY from_at DESC LIMIT 1) AS before
    WHERE to_at >= $2`;

/** What reaches over the edges of a stretch. */
interface Edges {
  runs: string;
  wordBefore: string;
}
/** Behind months that are kept. */
const behindMonths: Edges = {
  runs: `${runsWithin('to_at')} UNION ALL ${runsInto('to_at')} AND $2 > $12`,
  wordBefore: `
      (SELECT at, is_back FROM hub.rating_session WHERE device = own.device AND at < $12 ORDER BY at DESC LIMIT 1)
      UNION ALL`,
};
/** What a run is after the month's end, is told with the months after it. */
const ofMonth: Edges = {
  runs: `${runsWithin('least(to_at, $3)')} UNION ALL ${runsInto('least(to_at, $3)')}`,
  wordBefore: '',
};

/**
 * What was told of instants from `$2` on and before `$3`, its counts from the day of `$4` on. `cutsAlike` are written into
 * it, because a row that is looked at once for all of them costs half as much as one that is joined with each.
 */
const withinStretch = (cutsAlike: readonly number[], { runs, wordBefore }: Edges): string => `
  SELECT 'runs' AS part, device, to_json(count(*)) AS data,
    ${packed('timestamptz_send(from_at)', 'timestamptz_send(to_at)')} AS bytes FROM (${runs}) AS run
  GROUP BY device
  UNION ALL
  SELECT part, own.device, to_json(words), bytes FROM own CROSS JOIN LATERAL (
    SELECT CASE WHEN is_back THEN 'back' ELSE 'gone' END AS part, count(*) AS words,
      ${packed('timestamptz_send(at)')} AS bytes
    FROM (${wordBefore}
      SELECT at, is_back FROM hub.rating_session WHERE device = own.device AND ${isWithin('at')}) AS word
    GROUP BY is_back) AS told
  UNION ALL
  SELECT 'days', own.device, counted.data, NULL FROM own CROSS JOIN LATERAL (
    SELECT json_build_array(counter, sum(total) FILTER (WHERE is_inner), own.cuts,
      array_agg(${hourOfDay}) FILTER (WHERE NOT is_inner), json_agg(${countedByCuts}) FILTER (WHERE NOT is_inner)) AS data
    FROM hub.rating_count
    CROSS JOIN LATERAL (SELECT own.has_stayed AND day >= $5 AND day < $6 AS is_inner) AS of_day
    WHERE device = own.device AND ${countedDays} GROUP BY counter) AS counted
  WHERE own.sort IS NULL
  UNION ALL
  SELECT 'counts', teller, json_build_array(counter, array_agg(hour), array_agg(counted)), NULL FROM (
    SELECT teller, counter, ${hourOfDay} + begins AS hour, until[place + 1] - until[place] AS counted
    FROM alike CROSS JOIN LATERAL (
      SELECT counter, day, ARRAY[${cutsAlike.map(countedBy)}]::bigint[] AS until
      FROM hub.rating_count
      WHERE device = ANY (devices) AND ${countedDays}
      GROUP BY counter, day) AS by_day
    CROSS JOIN unnest($7::integer[]) WITH ORDINALITY AS cut (begins, place)) AS told
  WHERE counted > 0 GROUP BY teller, counter
  UNION ALL
  SELECT 'retention', device, to_json(count(*)),
    ${packed('timestamptz_send(at)', 'int4send(revision)', 'float8send(retained_days)')}
  FROM hub.rating_retention WHERE ${ofOwn} AND ${isWithin('at')} GROUP BY device
  UNION ALL
  SELECT 'steady', device, to_json(days), bytes FROM banded CROSS JOIN LATERAL (
    SELECT device, count(*) AS days,
      ${packed('timestamptz_send(day)', 'int2send(first_minute)', 'int2send(last_minute)')} AS bytes
    FROM hub.rating_reading_day WHERE ${ofReadingDays} AND ${isSteady} GROUP BY device) AS of_days
  UNION ALL
  SELECT 'readings', device, json_build_array(array_agg(${ms('hour')}), array_agg(quantity), json_agg(minutes)), NULL
  FROM banded CROSS JOIN LATERAL (
    SELECT device, day, quantity FROM hub.rating_reading_day
    WHERE ${ofReadingDays} AND (${isSteady}) IS NOT TRUE OFFSET 0) AS reading_day
  CROSS JOIN LATERAL (
    SELECT hour, minutes FROM hub.rating_reading WHERE device = reading_day.device
      AND quantity = reading_day.quantity AND hour >= day AND hour < day + interval '1 day' AND ${isWithin('hour')}
    OFFSET 0) AS of_hour
  GROUP BY device
  UNION ALL
  SELECT 'hours', NULL, to_json(count(*)), ${packed('timestamptz_send(hour)')} FROM hub.rating_compound_hour
  WHERE compound = $1 AND ${isWithin('hour')}
  UNION ALL
  ${facts(`${isWithin('at')} AND type LIKE ANY (ARRAY['work-order.%', 'whistle.%', 'platform.%'])`)}`;

const byPart = (told: string): string =>
  `SELECT part, json_agg(device) AS devices, json_agg(data) AS data, string_agg(bytes, '') AS bytes
   FROM (${told}) AS told GROUP BY part`;

/**
 * Everything in one statement, which sees one state of the tables, the checkpoint among them: so the position is the one
 * that all of it was read up to. `isSince` asks for those devices only of which something was told; in a statement of its
 * own, because one that may ask for all of them is planned anew each time, which takes longer than reading.
 */
export const pastStatement = ({ cutsAlike, isSince }: { cutsAlike: readonly number[]; isSince: boolean }): string => `
  WITH ${isSince ? devicesToldSince : allDevices}, ${devices}
  ${byPart(`${always} UNION ALL ${withinStretch(cutsAlike, behindMonths)}`)}`;

/** Keeps what was told within a month as one row, in the form in which `pastStatement` gives it. */
export const monthStatement = (cutsAlike: readonly number[]): string => `
  WITH ${allDevices}, ${devices}
  INSERT INTO hub.rating_month (compound, month, shape, cuts, told, bytes)
  SELECT $1, $2, $11, $7, coalesce(json_agg(json_build_object('part', part, 'devices', devices, 'data', data)), '[]'), coalesce(string_agg(bytes, ''), '')
  FROM (${byPart(withinStretch(cutsAlike, ofMonth))}) AS of_month
  ON CONFLICT (compound, month) DO UPDATE SET
    id = DEFAULT, shape = excluded.shape, cuts = excluded.cuts, told = excluded.told, bytes = excluded.bytes`;
