import { Refusal } from '../../event-log/decider.ts';
import type { Sql } from '../../runtime/sql.ts';
import { binOrigin, bucketsMax } from './limits.ts';
import { type Grain, grainFor, type Range, splitRange } from './ranges.ts';
import { lastOf } from './storage.ts';

export interface Reading {
  quantity: string;
  value: number;
  at: string;
}

/** The newest reading of each quantity of a device. */
export const latestReadings = async (sql: Sql, device: string): Promise<Reading[]> => {
  const { rows } = await sql.query<{ quantity: string; value: number; at: Date }>(
    `SELECT DISTINCT ON (own.quantity) own.quantity, newest.value, newest.at FROM hub.reading_series AS own
     CROSS JOIN LATERAL (
       SELECT value, at FROM hub.reading
       WHERE series = own.id
         AND at >= coalesce((SELECT boundary FROM hub.reading_policy WHERE policy = 'retention'), '-infinity')
       ORDER BY at DESC, value DESC LIMIT 1) AS newest
     WHERE own.device = $1 ORDER BY own.quantity, newest.at DESC, newest.value DESC`,
    [device],
  );
  return rows.map((row) => ({ quantity: row.quantity, value: row.value, at: row.at.toISOString() }));
};

export interface ReadingsWanted {
  device: string;
  quantity: string;
  /** Of one channel (`connector-1`) only; left out, all channels of the device together. */
  channel?: string;
  /** Inclusive. */
  from: string;
  /** Exclusive. */
  to: string;
  bucketSeconds: number;
}

export interface Bucket {
  /** Where the bucket begins; days begin at 0:00 in UTC+8, weeks on Monday. */
  at: string;
  count: number;
  min: number;
  max: number;
  avg: number;
  /** The newest value in the bucket; of several at one instant the largest. */
  last: number;
}

interface Ground {
  partitioned: boolean;
  boundary: Date | null;
  changed: Date[];
  series: number[];
}

const groundOf = async (sql: Sql, { device, quantity, channel, from, to }: ReadingsWanted): Promise<Ground> => {
  const { rows } = await sql.query<Ground>(
    `SELECT (SELECT relkind = 'p' FROM pg_class WHERE oid = 'hub.reading'::regclass) AS partitioned,
       (SELECT boundary FROM hub.reading_policy WHERE policy = 'retention') AS boundary,
       ARRAY(SELECT day FROM hub.reading_changed_day
             WHERE day > $1::timestamptz - INTERVAL '1 day' AND day < $2::timestamptz) AS changed,
       ARRAY(SELECT id FROM hub.reading_series
             WHERE device = $3 AND quantity = $4 AND ($5::text IS NULL OR channel = $5)) AS series`,
    [from, to, device, quantity, channel ?? null],
  );
  return rows[0]!;
};

const ranges = (from: number, to: number): string => `unnest($${from}::timestamptz[], $${to}::timestamptz[])`;
const binned = (column: string): string => `date_bin(make_interval(secs => $2), ${column}, '${binOrigin}')`;
const ofSeries = 'series = ANY($1)';

const rawParts = `
  SELECT ${binned('at')} AS at, count(*) AS count, min(value) AS min, max(value) AS max, sum(value) AS sum,
    ${lastOf} AS last
  FROM ${ranges(3, 4)} AS range (from_at, to_at) CROSS JOIN LATERAL (
    SELECT at, value FROM hub.reading WHERE ${ofSeries} AND at >= from_at AND at < to_at) AS reading
  GROUP BY 1`;
const aggregatedParts = (grain: Grain): string => `
  SELECT ${binned('bucket')}, count, min, max, sum, last
  FROM ${ranges(5, 6)} AS range (from_at, to_at) CROSS JOIN LATERAL (
    SELECT * FROM hub.reading_${grain} WHERE ${ofSeries} AND bucket >= from_at AND bucket < to_at) AS part`;

const columnsOf = (list: readonly Range[]): [string[], string[]] => [
  list.map(([fromMs]) => new Date(fromMs).toISOString()),
  list.map(([, toMs]) => new Date(toMs).toISOString()),
];

/** A quantity of a device over time, one row per bucket that has readings, oldest first. */
export const readings = async (sql: Sql, wanted: ReadingsWanted): Promise<Bucket[]> => {
  const { from, to, bucketSeconds } = wanted;
  const { partitioned, boundary, changed, series } = await groundOf(sql, wanted);
  const range: Range = [Math.max(Date.parse(from), boundary?.getTime() ?? Number.NEGATIVE_INFINITY), Date.parse(to)];
  if (range[0] >= range[1]) return [];
  if ((range[1] - range[0]) / 1000 / bucketSeconds > bucketsMax) {
    throw new Refusal(
      'readings.too-many-buckets',
      `that would be more than ${bucketsMax} buckets: ask for a shorter time or wider buckets`,
    );
  }
  const grain = partitioned ? undefined : grainFor(bucketSeconds);
  const changedMs = changed.map((day) => day.getTime());
  const split = grain === undefined ? { raw: [range], aggregated: [] } : splitRange(range, grain, changedMs);
  const fromAggregates = grain !== undefined && split.aggregated.length > 0;
  const { rows } = await sql.query<Omit<Bucket, 'at'> & { at: Date }>(
    `SELECT at, sum(count)::integer AS count, min(min) AS min, max(max) AS max, sum(sum) / sum(count) AS avg,
       (max(last))[2] AS last
     FROM (${rawParts} ${fromAggregates ? `UNION ALL ${aggregatedParts(grain)}` : ''}) AS parts
     GROUP BY at ORDER BY at`,
    [series, bucketSeconds, ...columnsOf(split.raw), ...(fromAggregates ? columnsOf(split.aggregated) : [])],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
};
