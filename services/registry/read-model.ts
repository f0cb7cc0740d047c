import type { RecordedEvent } from '../event-log/event.ts';
import type { Projection } from '../event-log/projection.ts';
import type { Sql } from '../runtime/sql.ts';
import { type RegistryEvent, registryEventTypes } from './events.ts';
import type { Compound } from './registry.ts';
import type { RegisteredDevice, RegistrySnapshot } from './registry-index.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.registry_compound (
    id text PRIMARY KEY, data jsonb NOT NULL, revision integer NOT NULL, registered_at timestamptz NOT NULL);
  CREATE TABLE IF NOT EXISTS hub.registry_device (
    id text PRIMARY KEY, compound text NOT NULL, data jsonb NOT NULL, revision integer NOT NULL,
    registered_at timestamptz NOT NULL, retired_at timestamptz);
  CREATE INDEX IF NOT EXISTS registry_device_compound ON hub.registry_device (compound);
  CREATE TABLE IF NOT EXISTS hub.registry_credential (
    username text PRIMARY KEY, device text NOT NULL, secret_sha256 text, revision integer NOT NULL,
    former_sha256 text, former_until timestamptz)`;

/** Nothing that is registered holds a null of its own, so nulls stand for fields that were taken away. */
const change = 'jsonb_strip_nulls(data || $2::jsonb)';

const applyOne = async (sql: Sql, event: RecordedEvent & RegistryEvent): Promise<void> => {
  const { revision, data } = event;
  switch (event.type) {
    case 'compound.registered':
      await sql.query('INSERT INTO hub.registry_compound VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING', [
        event.data.id,
        data,
        revision,
        event.meta.occurredAt,
      ]);
      return;
    case 'compound.changed':
      await sql.query(
        `UPDATE hub.registry_compound SET data = ${change}, revision = $3 WHERE id = $1 AND revision < $3`,
        [event.meta.compound, data, revision],
      );
      return;
    case 'device.registered':
      await sql.query('INSERT INTO hub.registry_device VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING', [
        event.data.id,
        event.data.compound,
        data,
        revision,
        event.meta.occurredAt,
      ]);
      return;
    case 'device.changed':
      await sql.query(
        `UPDATE hub.registry_device SET data = ${change}, revision = $3 WHERE id = $1 AND revision < $3`,
        [event.meta.device, data, revision],
      );
      return;
    case 'device.retired':
      await sql.query('UPDATE hub.registry_device SET retired_at = $2, revision = $3 WHERE id = $1 AND revision < $3', [
        event.meta.device,
        event.meta.occurredAt,
        revision,
      ]);
      await sql.query(
        `UPDATE hub.registry_credential SET secret_sha256 = NULL, former_sha256 = NULL, former_until = NULL, revision = $2
         WHERE device = $1 AND revision < $2`,
        [event.meta.device, revision],
      );
      return;
    case 'device.credential-issued':
      await sql.query(
        `INSERT INTO hub.registry_credential AS known VALUES ($1, $2, $3, $4) ON CONFLICT (username) DO UPDATE
           SET secret_sha256 = $3, revision = $4, former_until = $5,
             former_sha256 = CASE WHEN $5::timestamptz IS NULL THEN NULL ELSE known.secret_sha256 END
         WHERE known.revision < $4`,
        [event.data.username, event.meta.device, event.data.secretSha256, revision, event.data.formerUntil ?? null],
      );
      return;
    case 'device.credential-taken-up':
      await sql.query(
        `UPDATE hub.registry_credential SET former_sha256 = NULL, former_until = NULL, revision = $2
         WHERE username = $1 AND revision < $2`,
        [event.data.username, revision],
      );
      return;
    case 'device.credential-revoked':
      await sql.query(
        `INSERT INTO hub.registry_credential AS known VALUES ($1, $2, NULL, $3) ON CONFLICT (username) DO UPDATE
           SET secret_sha256 = NULL, former_sha256 = NULL, former_until = NULL, revision = $3 WHERE known.revision < $3`,
        [event.data.username, event.meta.device, revision],
      );
  }
};

export const registryProjection: Projection = {
  name: 'registry',
  version: 2,
  schema,
  tables: ['hub.registry_compound', 'hub.registry_device', 'hub.registry_credential'],
  handles: registryEventTypes,
  async apply(sql, events) {
    for (const event of events) await applyOne(sql, event as RecordedEvent & RegistryEvent);
  },
};

interface StoredCredential {
  username: string;
  device: string;
  secretSha256: string;
  former: string | null;
  until: Date | null;
}

/** Everything registered, for loading the index at start. */
export const registrySnapshot = async (sql: Sql): Promise<RegistrySnapshot> => {
  const compounds = await sql.query<{ data: Compound }>('SELECT data FROM hub.registry_compound');
  const devices = await sql.query<{ data: RegisteredDevice; registered_at: Date; retired_at: Date | null }>(
    'SELECT data, registered_at, retired_at FROM hub.registry_device',
  );
  const credentials = await sql.query<StoredCredential>(
    `SELECT username, device, secret_sha256 AS "secretSha256", former_sha256 AS former, former_until AS until
     FROM hub.registry_credential WHERE secret_sha256 IS NOT NULL`,
  );
  const revisions = await sql.query<{ stream: string; revision: number }>(
    `SELECT 'compound-' || id AS stream, revision FROM hub.registry_compound
     UNION ALL
     SELECT 'device-' || id, greatest(d.revision, c.revision) FROM hub.registry_device d
       LEFT JOIN (SELECT device, max(revision) AS revision FROM hub.registry_credential GROUP BY device) c ON c.device = d.id`,
  );
  return {
    revisions: revisions.rows,
    compounds: compounds.rows.map((row) => row.data),
    devices: devices.rows.map((row) => ({
      ...row.data,
      registeredAt: row.registered_at.toISOString(),
      retiredAt: row.retired_at?.toISOString() ?? null,
    })),
    credentials: credentials.rows.map(({ former, until, ...present }) => ({
      ...present,
      ...(former === null || until === null ? {} : { former: { secretSha256: former, until: until.toISOString() } }),
    })),
  };
};
