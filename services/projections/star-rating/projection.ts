import type { RecordedEvent } from '../../event-log/event.ts';
import type { Projection } from '../../event-log/projection.ts';
import type { Sql } from '../../runtime/sql.ts';
import { unseenEvents } from '../unseen-events.ts';
import { fold, type KnownDevice, keptTypes } from './fold.ts';
import { addHeard } from './heard-store.ts';
import { addBand, addCompoundHours, addCounts, addFacts, addRegistered, addRetention } from './store.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.rating_stream (
    stream text PRIMARY KEY, revision integer NOT NULL);
  CREATE TABLE IF NOT EXISTS hub.rating_device (
    device text PRIMARY KEY, kind text, band jsonb);
  CREATE TABLE IF NOT EXISTS hub.rating_heard (
    device text NOT NULL, from_at timestamptz NOT NULL, to_at timestamptz NOT NULL, PRIMARY KEY (device, from_at));
  CREATE TABLE IF NOT EXISTS hub.rating_disconnect (
    device text NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (device, at));
  CREATE TABLE IF NOT EXISTS hub.rating_compound_hour (
    compound text NOT NULL, hour timestamptz NOT NULL, PRIMARY KEY (compound, hour));
  CREATE TABLE IF NOT EXISTS hub.rating_count (
    device text NOT NULL, hour timestamptz NOT NULL, counter text NOT NULL, count integer NOT NULL,
    PRIMARY KEY (device, hour, counter));
  CREATE TABLE IF NOT EXISTS hub.rating_retention (
    device text NOT NULL, revision integer NOT NULL, at timestamptz NOT NULL, retained_days double precision NOT NULL,
    PRIMARY KEY (device, revision));
  CREATE INDEX IF NOT EXISTS rating_retention_at ON hub.rating_retention (device, at);
  CREATE TABLE IF NOT EXISTS hub.rating_band (
    device text NOT NULL, hour timestamptz NOT NULL, in_minutes bigint NOT NULL, out_minutes bigint NOT NULL,
    PRIMARY KEY (device, hour));
  CREATE TABLE IF NOT EXISTS hub.rating_fact (
    stream text NOT NULL, revision integer NOT NULL, compound text NOT NULL, type text NOT NULL,
    at timestamptz NOT NULL, data jsonb NOT NULL, PRIMARY KEY (stream, revision));
  CREATE INDEX IF NOT EXISTS rating_fact_at ON hub.rating_fact (compound, type, at)`;

const knownDevices = async (sql: Sql, events: readonly RecordedEvent[]): Promise<Map<string, KnownDevice>> => {
  const devices = [...new Set(events.map(({ meta }) => meta.device).filter((device) => device !== undefined))];
  if (devices.length === 0) return new Map();
  const { rows } = await sql.query<{ device: string; kind: string | null; band: KnownDevice['band'] }>(
    'SELECT device, kind, band FROM hub.rating_device WHERE device = ANY($1)',
    [devices],
  );
  return new Map(rows.map((row) => [row.device, { ...row, kind: row.kind ?? undefined }]));
};

/** What the measures need of the past, cheap to keep and exact for any past day. */
export const starRatingProjection: Projection = {
  name: 'star-rating',
  version: 1,
  schema,
  tables: [
    'hub.rating_stream',
    'hub.rating_device',
    'hub.rating_heard',
    'hub.rating_disconnect',
    'hub.rating_compound_hour',
    'hub.rating_count',
    'hub.rating_retention',
    'hub.rating_band',
    'hub.rating_fact',
  ],
  handles: ['device.*', 'gate.*', 'charging.*', 'camera.*', 'sensor.*', ...keptTypes],
  async apply(sql, events) {
    const fresh = await unseenEvents(sql, 'hub.rating_stream', events);
    if (fresh.length === 0) return;
    const before = await knownDevices(sql, fresh);
    const additions = fold(fresh, before);
    await addRegistered(sql, additions);
    await addHeard(sql, additions, (device) => (additions.registered.get(device) ?? before.get(device))?.kind);
    await addCompoundHours(sql, additions);
    await addCounts(sql, additions);
    await addRetention(sql, additions);
    await addBand(sql, additions);
    await addFacts(sql, additions);
  },
};
