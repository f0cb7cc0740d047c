import type { RecordedEvent } from '../../event-log/event.ts';
import type { Projection } from '../../event-log/projection.ts';
import { arrayText, type Sql } from '../../runtime/sql.ts';
import { binOrigin } from './limits.ts';
import { createPartitions, lacksPartition, monthOf } from './partitions.ts';
import { seriesOf } from './series.ts';
import { chooseStorage, readingColumns } from './storage.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.reading (${readingColumns}) PARTITION BY RANGE (at);
  -- What a reading is of, told once instead of in every row and every entry of an index.
  CREATE TABLE IF NOT EXISTS hub.reading_series (
    id integer PRIMARY KEY,
    device text NOT NULL,
    quantity text NOT NULL,
    compound text NOT NULL,
    channel text,
    UNIQUE NULLS NOT DISTINCT (device, quantity, compound, channel));
  CREATE INDEX IF NOT EXISTS reading_series_compound ON hub.reading_series (compound, quantity);
  -- Days with readings newer than their aggregates; mark grows with every change. Empty without aggregates.
  CREATE TABLE IF NOT EXISTS hub.reading_changed_day (
    day timestamptz PRIMARY KEY,
    mark bigint NOT NULL DEFAULT 0);
  -- When the hub last carried out a policy, and what came of it. Boundary: what lies before it is dropped.
  CREATE TABLE IF NOT EXISTS hub.reading_policy (
    policy text PRIMARY KEY,
    made_at timestamptz NOT NULL DEFAULT now(),
    ran_at timestamptz,
    boundary timestamptz,
    failed text,
    detail text)`;

interface Measured {
  values?: Record<string, number>;
  channel?: string;
  connector?: number;
}

const readingsOf = ({ id, data, meta }: RecordedEvent) => {
  const { values, channel, connector } = data as Measured;
  return Object.entries(values ?? {}).map(([quantity, value]) => ({
    device: meta.device!,
    quantity,
    compound: meta.compound!,
    channel: channel ?? (connector === undefined ? null : `connector-${connector}`),
    at: meta.occurredAt,
    event: id,
    value,
  }));
};

interface Ground {
  partitioned: boolean;
  boundary: Date | null;
  missing: string[];
}

/** What an insert has to know, in one question: storage, retention, and which of these months lack a partition. */
const groundFor = async (sql: Sql, months: string[]): Promise<Ground> => {
  const { rows } = await sql.query<Ground>(
    `SELECT (SELECT relkind = 'p' FROM pg_class WHERE oid = 'hub.reading'::regclass) AS partitioned,
       (SELECT boundary FROM hub.reading_policy WHERE policy = 'retention') AS boundary,
       ARRAY(SELECT month FROM unnest($1::text[]) AS month WHERE ${lacksPartition}) AS missing`,
    [months],
  );
  return rows[0]!;
};

const insert = `
  INSERT INTO hub.reading (series, at, event, value)
  SELECT * FROM unnest($1::integer[], $2::timestamptz[], $3::uuid[], $4::double precision[])
  ON CONFLICT DO NOTHING`;
const insertAndMark = `
  WITH added AS (${insert} RETURNING at)
  INSERT INTO hub.reading_changed_day AS known (day)
  SELECT DISTINCT date_bin('1 day', at, '${binOrigin}') FROM added ORDER BY 1
  ON CONFLICT (day) DO UPDATE SET mark = known.mark + 1`;

/**
 * One row per quantity and instant, in a hypertable where TimescaleDB can be used, else in partitions by month. A
 * reading that came with an untrusted clock stands at its receive time; one from before the retention is left out.
 */
export const timeSeriesProjection: Projection = {
  name: 'time-series',
  version: 3,
  schema,
  tables: ['hub.reading', 'hub.reading_series', 'hub.reading_changed_day', 'hub.reading_policy'],
  prepare: chooseStorage,
  handles: ['sensor.measured', 'charging.metered'],
  async apply(sql, events) {
    const all = events.flatMap(readingsOf);
    const { partitioned, boundary, missing } = await groundFor(sql, [...new Set(all.map(({ at }) => monthOf(at)))]);
    const kept = boundary === null ? all : all.filter(({ at }) => Date.parse(at) >= boundary.getTime());
    if (kept.length === 0) return;
    if (partitioned) {
      const wanted = new Set(kept.map(({ at }) => monthOf(at)));
      const months = missing.filter((month) => wanted.has(month));
      if (months.length > 0) await createPartitions(sql, months);
    } else {
      // A long outage told at once may touch more compressed readings than TimescaleDB would allow by default.
      await sql.query('SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0');
    }
    await sql.query(partitioned ? insert : insertAndMark, [
      arrayText(await seriesOf(sql, kept)),
      arrayText(kept.map(({ at }) => at)),
      arrayText(kept.map(({ event }) => event)),
      arrayText(kept.map(({ value }) => value)),
    ]);
  },
};
