import type { RecordedEvent } from '../event-log/event.ts';
import type { Projection } from '../event-log/projection.ts';
import type { Sql } from '../runtime/sql.ts';
import { type CertificateEvent, type CertificateSnapshot, isCertificateEvent } from './certificate-index.ts';
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
    former_sha256 text, former_until timestamptz);
  CREATE TABLE IF NOT EXISTS hub.registry_authority (
    compound text NOT NULL, authority text NOT NULL, certificate text NOT NULL, origin text NOT NULL,
    added_at timestamptz NOT NULL, removed_at timestamptz, revision integer NOT NULL, PRIMARY KEY (compound, authority));
  CREATE TABLE IF NOT EXISTS hub.registry_certificate (
    device text NOT NULL, serial text NOT NULL, authority text, issued_at timestamptz, valid_from timestamptz,
    valid_to timestamptz, revoked_at timestamptz, revision integer NOT NULL, PRIMARY KEY (device, serial))`;

const applyCertificate = async (sql: Sql, event: RecordedEvent & CertificateEvent): Promise<void> => {
  const { revision } = event;
  const { compound, device, occurredAt } = event.meta;
  switch (event.type) {
    case 'compound.authority-added': {
      const { authority, certificate, origin } = event.data;
      await sql.query(
        `INSERT INTO hub.registry_authority AS known VALUES ($1, $2, $3, $4, $5, NULL, $6)
         ON CONFLICT (compound, authority) DO UPDATE SET added_at = $5, removed_at = NULL, revision = $6
         WHERE known.revision < $6`,
        [compound, authority, certificate, origin, occurredAt, revision],
      );
      return;
    }
    case 'compound.authority-removed':
      await sql.query(
        `UPDATE hub.registry_authority SET removed_at = $3, revision = $4
         WHERE compound = $1 AND authority = $2 AND revision < $4`,
        [compound, event.data.authority, occurredAt, revision],
      );
      return;
    case 'device.certificate-issued': {
      const { serial, authority, validFrom, validTo } = event.data;
      await sql.query(
        `INSERT INTO hub.registry_certificate VALUES ($1, $2, $3, $4, $5, $6, NULL, $7)
         ON CONFLICT (device, serial) DO NOTHING`,
        [device, serial, authority, occurredAt, validFrom, validTo, revision],
      );
      return;
    }
    case 'device.certificate-revoked':
      await sql.query(
        `INSERT INTO hub.registry_certificate AS known (device, serial, revoked_at, revision) VALUES ($1, $2, $3, $4)
         ON CONFLICT (device, serial) DO UPDATE SET revoked_at = coalesce(known.revoked_at, $3), revision = $4
         WHERE known.revision < $4`,
        [device, event.data.serial, occurredAt, revision],
      );
  }
};

/** Nothing that is registered holds a null of its own, so nulls stand for fields that were taken away. */
const change = 'jsonb_strip_nulls(data || $2::jsonb)';

type Registration = RecordedEvent & Extract<RegistryEvent, { type: 'device.registered' }>;

/** Nothing is told of a device before its registration, and gateways bring thousands at once. */
const applyRegistrations = async (sql: Sql, events: readonly Registration[]): Promise<void> => {
  if (events.length === 0) return;
  await sql.query(
    `INSERT INTO hub.registry_device (id, compound, data, revision, registered_at)
     SELECT data ->> 'id', data ->> 'compound', data, revision, at
     FROM json_to_recordset($1::json) AS registered (data jsonb, revision integer, at timestamptz)
     ON CONFLICT (id) DO NOTHING`,
    [JSON.stringify(events.map(({ data, revision, meta }) => ({ data, revision, at: meta.occurredAt })))],
  );
};

const isRegistration = (event: RecordedEvent): event is Registration => event.type === 'device.registered';

const applyOne = async (
  sql: Sql,
  event: RecordedEvent & Exclude<RegistryEvent, CertificateEvent | Registration>,
): Promise<void> => {
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
    case 'device.changed':
      await sql.query(
        `UPDATE hub.registry_device SET data = ${change}, revision = $3, compound = coalesce($4, compound)
         WHERE id = $1 AND revision < $3`,
        [event.meta.device, data, revision, event.data.compound ?? null],
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
         WHERE username = $1 AND revision < $2`,
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
  version: 3,
  schema,
  tables: ['compound', 'device', 'credential', 'authority', 'certificate'].map((name) => `hub.registry_${name}`),
  handles: registryEventTypes,
  async apply(sql, events) {
    await applyRegistrations(sql, events.filter(isRegistration));
    for (const recorded of events) {
      if (isRegistration(recorded)) continue;
      const event = recorded as RecordedEvent & Exclude<RegistryEvent, Registration>;
      await (isCertificateEvent(event) ? applyCertificate(sql, event) : applyOne(sql, event));
    }
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
  const authorities = await sql.query<CertificateSnapshot['authorities'][number]>(
    `SELECT compound, authority, certificate, origin FROM hub.registry_authority WHERE removed_at IS NULL ORDER BY added_at`,
  );
  const revoked = await sql.query<CertificateSnapshot['revoked'][number]>(
    'SELECT device, serial FROM hub.registry_certificate WHERE revoked_at IS NOT NULL',
  );
  const revisions = await sql.query<{ stream: string; revision: number }>(
    `SELECT stream, max(revision)::integer AS revision FROM (
       SELECT 'compound-' || id AS stream, revision FROM hub.registry_compound
       UNION ALL SELECT 'compound-' || compound, revision FROM hub.registry_authority
       UNION ALL SELECT 'device-' || id, revision FROM hub.registry_device
       UNION ALL SELECT 'device-' || device, revision FROM hub.registry_credential
       UNION ALL SELECT 'device-' || device, revision FROM hub.registry_certificate) known GROUP BY stream`,
  );
  return {
    revisions: revisions.rows,
    certificates: { authorities: authorities.rows, revoked: revoked.rows },
    compounds: compounds.rows.map((row) => row.data),
    // Written into what was parsed: a spread copy of it takes twice the memory, and there may be a million.
    devices: devices.rows.map(({ data, registered_at, retired_at }) =>
      Object.assign(data, {
        registeredAt: registered_at.toISOString(),
        retiredAt: retired_at?.toISOString() ?? null,
      }),
    ),
    credentials: credentials.rows.map(({ former, until, ...present }) => ({
      ...present,
      ...(former === null || until === null ? {} : { former: { secretSha256: former, until: until.toISOString() } }),
    })),
  };
};
