import { z } from 'zod';
import { contractOf, eventTypes } from '../../../devices/vocabulary.ts';
import type { RecordedEvent } from '../../event-log/event.ts';
import type { Projection } from '../../event-log/projection.ts';
import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import { isOfDevice } from '../device-streams.ts';
import { evolveHealth, type Health, unheard } from './health.ts';
import { healthOf } from './queries.ts';
import { silenceOf } from './silence.ts';

/** A compound's newest word is written no oftener than this: of a hundred devices somebody always speaks. */
const heardStepSeconds = 5;

// Room in every page for a row's next version: of a hundred updates ninety-nine then write no index.
const schema = `
  CREATE TABLE IF NOT EXISTS hub.device_health (
    device text PRIMARY KEY,
    compound text,
    revision integer NOT NULL,
    telemetry_revision integer NOT NULL,
    connection text,
    connection_at timestamptz,
    last_heard_at timestamptz,
    silent_from timestamptz,
    look_from timestamptz,
    health json NOT NULL) WITH (fillfactor = 90);
  CREATE INDEX IF NOT EXISTS device_health_compound ON hub.device_health (compound);
  CREATE INDEX IF NOT EXISTS device_health_look_from ON hub.device_health (look_from) WHERE look_from IS NOT NULL;
  CREATE TABLE IF NOT EXISTS hub.compound_heard (compound text PRIMARY KEY, last_heard_at timestamptz NOT NULL)`;

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

const writeHealth = async (sql: Sql, changed: Map<string, Health>): Promise<void> => {
  const rows = [...changed].map(([device, health]) => ({ device, ...health, ...silenceOf(health), health }));
  await sql.query(
    `INSERT INTO hub.device_health (device, compound, revision, telemetry_revision, connection, connection_at,
       last_heard_at, silent_from, look_from, health)
     SELECT device, compound, revision, "telemetryRevision", connection, "connectionAt", "lastHeardAt", "silentFrom",
       "lookFrom", health
     FROM json_to_recordset($1::json) AS row (device text, compound text, revision integer,
       "telemetryRevision" integer, connection text, "connectionAt" timestamptz, "lastHeardAt" timestamptz,
       "silentFrom" timestamptz, "lookFrom" timestamptz, health json)
     ON CONFLICT (device) DO UPDATE SET compound = excluded.compound, revision = excluded.revision,
       telemetry_revision = excluded.telemetry_revision, connection = excluded.connection,
       connection_at = excluded.connection_at, last_heard_at = excluded.last_heard_at,
       silent_from = excluded.silent_from, look_from = excluded.look_from, health = excluded.health
     WHERE (device_health.revision, device_health.telemetry_revision)
       IS DISTINCT FROM (excluded.revision, excluded.telemetry_revision)
       AND device_health.revision <= excluded.revision
       AND device_health.telemetry_revision <= excluded.telemetry_revision`,
    [JSON.stringify(rows)],
  );
};

const heardOf = (changed: Map<string, Health>): Map<string, string> => {
  const stepMs = heardStepSeconds * 1000;
  const newest = new Map<string, string>();
  for (const { compound, lastHeardAt } of changed.values()) {
    if (compound === null || lastHeardAt === null) continue;
    const at = isoTime(Math.floor(Date.parse(lastHeardAt) / stepMs) * stepMs);
    if (at > (newest.get(compound) ?? '')) newest.set(compound, at);
  }
  return newest;
};

/** What is there already is not even asked to conflict, which would write a lock into its row. */
const writeHeard = async (sql: Sql, changed: Map<string, Health>): Promise<void> => {
  const heard = [...heardOf(changed)];
  if (heard.length === 0) return;
  await sql.query(
    `INSERT INTO hub.compound_heard (compound, last_heard_at)
     SELECT new.compound, new.at FROM unnest($1::text[], $2::timestamptz[]) AS new (compound, at)
     WHERE NOT EXISTS (SELECT FROM hub.compound_heard AS known
       WHERE known.compound = new.compound AND known.last_heard_at >= new.at)
     ON CONFLICT (compound) DO UPDATE SET last_heard_at = excluded.last_heard_at`,
    [heard.map(([compound]) => compound), heard.map(([, at]) => at)],
  );
};

const mayTellBattery = (type: string): boolean => {
  const contract = contractOf(type);
  return !(contract instanceof z.ZodObject) || 'batteryPercent' in contract.shape || 'values' in contract.shape;
};

export const deviceHealthProjection: Projection = {
  name: 'device-health',
  version: 7,
  schema,
  tables: ['hub.device_health', 'hub.compound_heard'],
  handles: ['device.*', 'gate.*', 'charging.*', 'camera.*', 'sensor.*'],
  opens: ['device.*', ...eventTypes.filter(mayTellBattery)],
  async apply(sql, events) {
    const devices = [...new Set(events.map((event) => event.meta.device).filter((device) => device !== undefined))];
    const changed = fold(await healthOf(sql, devices), events);
    if (changed.size === 0) return;
    await writeHealth(sql, changed);
    await writeHeard(sql, changed);
  },
};
