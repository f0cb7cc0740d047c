import type { RecordedEvent } from '../../event-log/event.ts';
import type { Projection } from '../../event-log/projection.ts';
import { isOfDevice } from '../device-streams.ts';
import { evolveHealth, type Health, unheard } from './health.ts';
import { healthOf } from './queries.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.device_health (
    device text PRIMARY KEY,
    compound text,
    revision integer NOT NULL,
    telemetry_revision integer NOT NULL,
    connection text,
    connection_at timestamptz,
    last_heard_at timestamptz,
    health jsonb NOT NULL);
  CREATE INDEX IF NOT EXISTS device_health_compound ON hub.device_health (compound)`;

/** Folds a batch in memory, one row per device, so that a chatty device costs one update a batch. */
const fold = (known: Map<string, Health>, events: RecordedEvent[]): Map<string, Health> => {
  const changed = new Map<string, Health>();
  for (const event of events) {
    const device = event.meta.device;
    if (device === undefined || !isOfDevice(event.stream)) continue;
    const before = changed.get(device) ?? known.get(device) ?? unheard;
    const after = evolveHealth(before, event);
    if (after !== before) changed.set(device, after);
  }
  return changed;
};

export const deviceHealthProjection: Projection = {
  name: 'device-health',
  version: 4,
  schema,
  tables: ['hub.device_health'],
  handles: ['device.*', 'gate.*', 'charging.*', 'camera.*', 'sensor.*'],
  async apply(sql, events) {
    const devices = [...new Set(events.map((event) => event.meta.device).filter((device) => device !== undefined))];
    const changed = fold(await healthOf(sql, devices), events);
    if (changed.size === 0) return;
    const rows = [...changed].map(([device, health]) => ({ device, ...health, health }));
    await sql.query(
      `INSERT INTO hub.device_health (device, compound, revision, telemetry_revision, connection, connection_at,
         last_heard_at, health)
       SELECT device, compound, revision, "telemetryRevision", connection, "connectionAt", "lastHeardAt", health
       FROM jsonb_to_recordset($1::jsonb) AS row (device text, compound text, revision integer,
         "telemetryRevision" integer, connection text, "connectionAt" timestamptz, "lastHeardAt" timestamptz,
         health jsonb)
       ON CONFLICT (device) DO UPDATE SET compound = excluded.compound, revision = excluded.revision,
         telemetry_revision = excluded.telemetry_revision, connection = excluded.connection,
         connection_at = excluded.connection_at, last_heard_at = excluded.last_heard_at, health = excluded.health
       WHERE (device_health.revision, device_health.telemetry_revision)
         IS DISTINCT FROM (excluded.revision, excluded.telemetry_revision)
         AND device_health.revision <= excluded.revision
         AND device_health.telemetry_revision <= excluded.telemetry_revision`,
      [JSON.stringify(rows)],
    );
  },
};
