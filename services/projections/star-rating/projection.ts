import type { RecordedEvent } from '../../event-log/event.ts';
import type { Projection } from '../../event-log/projection.ts';
import type { Sql } from '../../runtime/sql.ts';
import { noteColumns, unseenEvents } from '../unseen-events.ts';
import { fold, handledTypes, type KnownDevice, openedTypes } from './fold.ts';
import { addHeard, addSessions } from './heard-store.ts';
import { forgetMonths, keptMonthsTable } from './kept-months.ts';
import { addOccasions, occasionsAtOnce } from './occasions.ts';
import {
  addCompoundHours,
  addCounts,
  addFacts,
  addReadingDays,
  addReadings,
  addRegister,
  addRetention,
} from './store.ts';

const schema = `
  -- Of version 1.
  DROP TABLE IF EXISTS hub.rating_disconnect, hub.rating_band;
  -- Of version 2.
  ALTER TABLE IF EXISTS hub.rating_device ADD COLUMN IF NOT EXISTS gateways json NOT NULL DEFAULT '[]';
  -- Of version 5.
  ALTER TABLE IF EXISTS hub.rating_device ADD COLUMN IF NOT EXISTS models json NOT NULL DEFAULT '{}';
  CREATE TABLE IF NOT EXISTS hub.rating_stream ${noteColumns};
  CREATE TABLE IF NOT EXISTS hub.rating_device (
    device text PRIMARY KEY, kind text, quantities jsonb NOT NULL, gateways json NOT NULL, models json NOT NULL);
  CREATE TABLE IF NOT EXISTS hub.rating_register (
    stream text NOT NULL, revision integer NOT NULL, compound text NOT NULL, device text, type text NOT NULL,
    at timestamptz NOT NULL, told_at timestamptz NOT NULL, data json NOT NULL, PRIMARY KEY (stream, revision));
  CREATE INDEX IF NOT EXISTS rating_register_compound ON hub.rating_register (compound, device);
  CREATE INDEX IF NOT EXISTS rating_register_device ON hub.rating_register (device);
  CREATE TABLE IF NOT EXISTS hub.rating_heard (
    device text NOT NULL, from_at timestamptz NOT NULL, to_at timestamptz NOT NULL, PRIMARY KEY (device, from_at));
  CREATE TABLE IF NOT EXISTS hub.rating_session (
    device text NOT NULL, at timestamptz NOT NULL, is_back boolean NOT NULL, PRIMARY KEY (device, at, is_back));
  CREATE TABLE IF NOT EXISTS hub.rating_compound_hour (
    compound text NOT NULL, hour timestamptz NOT NULL, PRIMARY KEY (compound, hour));
  CREATE TABLE IF NOT EXISTS hub.rating_count (
    device text NOT NULL, day timestamptz NOT NULL, counter text NOT NULL, total integer NOT NULL,
    -- What was counted by the end of each hour of the day.
    hours integer[] NOT NULL,
    PRIMARY KEY (device, day, counter));
  CREATE TABLE IF NOT EXISTS hub.rating_retention (
    device text NOT NULL, revision integer NOT NULL, at timestamptz NOT NULL, retained_days double precision NOT NULL,
    PRIMARY KEY (device, revision));
  CREATE INDEX IF NOT EXISTS rating_retention_at ON hub.rating_retention (device, at);
  CREATE TABLE IF NOT EXISTS hub.rating_reading (
    device text NOT NULL, hour timestamptz NOT NULL, quantity text NOT NULL, minutes json NOT NULL,
    PRIMARY KEY (device, hour, quantity));
  CREATE TABLE IF NOT EXISTS hub.rating_reading_day (
    device text NOT NULL, day timestamptz NOT NULL, quantity text NOT NULL, first_minute smallint NOT NULL,
    last_minute smallint NOT NULL, low double precision, high double precision,
    PRIMARY KEY (device, day, quantity));
  CREATE TABLE IF NOT EXISTS hub.rating_fact (
    stream text NOT NULL, revision integer NOT NULL, compound text NOT NULL, type text NOT NULL,
    at timestamptz NOT NULL, told_at timestamptz NOT NULL, data jsonb NOT NULL, PRIMARY KEY (stream, revision));
  CREATE INDEX IF NOT EXISTS rating_fact_at ON hub.rating_fact (compound, type, at);
  ${keptMonthsTable}`;

const knownDevices = async (sql: Sql, events: readonly RecordedEvent[]): Promise<Map<string, KnownDevice>> => {
  const devices = [...new Set(events.map(({ meta }) => meta.device).filter((device) => device !== undefined))];
  if (devices.length === 0) return new Map();
  const { rows } = await sql.query<Omit<KnownDevice, 'kind'> & { kind: string | null }>(
    'SELECT device, kind, quantities, gateways, models FROM hub.rating_device WHERE device = ANY($1)',
    [devices],
  );
  return new Map(rows.map((row) => [row.device, { ...row, kind: row.kind ?? undefined }]));
};

/** What the measures need of the past, cheap to keep and exact for any past day. */
export const starRatingProjection: Projection = {
  name: 'star-rating',
  version: 7,
  schema,
  tables: [
    'hub.rating_stream',
    'hub.rating_device',
    'hub.rating_register',
    'hub.rating_heard',
    'hub.rating_session',
    'hub.rating_compound_hour',
    'hub.rating_count',
    'hub.rating_retention',
    'hub.rating_reading',
    'hub.rating_reading_day',
    'hub.rating_fact',
    'hub.rating_month',
  ],
  handles: [
    ...new Set([
      ...['device.*', 'gate.*', 'charging.*', 'camera.*', 'sensor.*'],
      ...handledTypes,
      ...occasionsAtOnce.handles,
    ]),
  ],
  opens: openedTypes,
  async apply(sql, events) {
    const fresh = await unseenEvents(sql, 'hub.rating_stream', events);
    if (fresh.length === 0) return;
    const before = await knownDevices(sql, fresh);
    const additions = fold(fresh, before);
    await addRegister(sql, additions);
    const known = (device: string) => additions.known.get(device) ?? before.get(device);
    await addHeard(sql, additions, known);
    await addSessions(sql, additions);
    await addCompoundHours(sql, additions);
    await addCounts(sql, additions);
    await addRetention(sql, additions);
    await addReadings(sql, additions);
    await addReadingDays(sql, additions, (device) => known(device)?.kind);
    await addFacts(sql, additions);
    await addOccasions(sql, fresh);
    await forgetMonths(sql, additions);
  },
};
