import type { RecordedEvent } from '../../event-log/event.ts';
import type { Projection } from '../../event-log/projection.ts';
import type { Sql } from '../../runtime/sql.ts';
import { binOrigin } from './limits.ts';
import { createPartitions, monthOf } from './partitions.ts';
import { chooseStorage, readingColumns, readingIndex } from './storage.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.reading (${readingColumns}) PARTITION BY RANGE (at);
  ${readingIndex};
  -- Which quantities a device has ever measured, so that nobody searches the readings for them.
  CREATE TABLE IF NOT EXISTS hub.reading_series (
    device text NOT NULL,
    quantity text NOT NULL,
    PRIMARY KEY (device, quantity));
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

const rowsOf = ({ id, data, meta }: RecordedEvent) => {
  const { values, channel, connector } = data as Measured;
  return Object.entries(values ?? {}).map(([quantity, value]) => ({
    device: meta.device,
    compound: meta.compound,
    quantity,
    at: meta.occurredAt,
    event: id,
    channel: channel ?? (connector === undefined ? null : `connector-${connector}`),
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
       ARRAY(SELECT month FROM unnest($1::text[]) AS month
             WHERE to_regclass('hub.reading_' || replace(month, '-', '_')) IS NULL) AS missing`,
    [months],
  );
  return rows[0]!;
};

const insert = `
  WITH given AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS row (device text, quantity text, at timestamptz, event uuid,
      compound text, channel text, value double precision)
  ), series AS (
    INSERT INTO hub.reading_series SELECT DISTINCT device, quantity FROM given ON CONFLICT DO NOTHING
  ), added AS (
    INSERT INTO hub.reading (device, quantity, at, event, compound, channel, value)
    SELECT device, quantity, at, event, compound, channel, value FROM given
    ON CONFLICT DO NOTHING RETURNING at
  )`;
const insertOnly = `${insert} SELECT count(*) FROM added`;
const insertAndMark = `${insert}
  INSERT INTO hub.reading_changed_day AS known (day)
  SELECT DISTINCT date_bin('1 day', at, '${binOrigin}') FROM added ORDER BY 1
  ON CONFLICT (day) DO UPDATE SET mark = known.mark + 1`;

/**
 * One row per quantity and instant, in a hypertable where TimescaleDB can be used, else in partitions by month. A
 * reading that came with an untrusted clock stands at its receive time; one from before the retention is left out.
 */
export const timeSeriesProjection: Projection = {
  name: 'time-series',
  version: 2,
  schema,
  tables: ['hub.reading', 'hub.reading_series', 'hub.reading_changed_day', 'hub.reading_policy'],
  prepare: chooseStorage,
  handles: ['sensor.measured', 'charging.metered'],
  async apply(sql, events) {
    const rows = events.flatMap(rowsOf);
    const { partitioned, boundary, missing } = await groundFor(sql, [...new Set(rows.map(({ at }) => monthOf(at)))]);
    const kept = boundary === null ? rows : rows.filter(({ at }) => Date.parse(at) >= boundary.getTime());
    if (kept.length === 0) return;
    if (partitioned) {
      const wanted = new Set(kept.map(({ at }) => monthOf(at)));
      const months = missing.filter((month) => wanted.has(month));
      if (months.length > 0) await createPartitions(sql, months);
    } else {
      // A long outage told at once may touch more compressed readings than TimescaleDB would allow by default.
      await sql.query('SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0');
    }
    await sql.query(partitioned ? insertOnly : insertAndMark, [JSON.stringify(kept)]);
  },
};
