import { randomBytes } from 'node:crypto';
import { Refusal } from '../event-log/decider.ts';
import { isoTime } from '../runtime/clock.ts';
import type { Sql } from '../runtime/sql.ts';
import { compoundOrRefuse, deviceOrRefuse, type Meta, type RegistryParts, registerDevice } from './commands.ts';
import { type Credential, secretHash } from './credential.ts';
import { issueCredential } from './credential-commands.ts';

/** Crockford's alphabet: no letter is taken for a digit when a code is read from a sticker. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 60 bits, in groups of four. */
const codeLength = 12;

const newCode = (): string =>
  [...randomBytes(codeLength)]
    .map((byte) => alphabet[byte % alphabet.length])
    .join('')
    .replace(/(.{4})(?=.)/g, '$1-');

/** As it was meant, however it was typed. */
const plainCode = (typed: string): string =>
  typed
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');

export interface Enrolment {
  compound: string;
  /** The one device that may be claimed; `null` for gateways that enrol themselves. */
  device: string | null;
  dialect: string | null;
  usesLeft: number;
  expiresAt: string;
}

export interface EnrolmentParts extends RegistryParts {
  sql: Sql;
}

const keep = async (sql: Sql, code: string, enrolment: Enrolment, actor: string): Promise<void> => {
  const { compound, device, dialect, usesLeft, expiresAt } = enrolment;
  // A device has one code: whoever asks for another has lost the one before.
  if (device !== null) await sql.query('DELETE FROM hub.enrolment WHERE device = $1', [device]);
  await sql.query('INSERT INTO hub.enrolment VALUES ($1, $2, $3, $4, $5, $6, $7)', [
    ...[secretHash(plainCode(code)), compound, device, dialect, usesLeft, actor, expiresAt],
  ]);
};

const expiryOf = ({ occurredAt }: Meta, hours: number): string => isoTime(Date.parse(occurredAt) + hours * 3_600_000);

/** A code that gives one device its credential, once. */
export const newClaimCode = async (parts: EnrolmentParts, id: string, hours: number, meta: Meta) => {
  const { compound, gateway } = deviceOrRefuse(parts.index, id);
  if (gateway !== undefined) {
    throw new Refusal('enrolment.not-fitting', `${id} speaks through the gateway ${gateway} and has no credential`);
  }
  const code = newCode();
  const expiresAt = expiryOf(meta, hours);
  await keep(parts.sql, code, { compound, device: id, dialect: null, usesLeft: 1, expiresAt }, meta.actor ?? '');
  return { code, expiresAt };
};

/** A key with which gateways of a compound register themselves. */
export const newProvisioningKey = async (
  parts: EnrolmentParts,
  compound: string,
  { dialect, gateways, hours }: { dialect: string; gateways: number; hours: number },
  meta: Meta,
) => {
  compoundOrRefuse(parts.index, compound);
  if (dialect !== 'auto' && !parts.dialects.includes(dialect)) {
    throw new Refusal('enrolment.not-fitting', `dialect: there is no dialect ${dialect}`, { field: 'dialect' });
  }
  const key = newCode();
  const expiresAt = expiryOf(meta, hours);
  await keep(parts.sql, key, { compound, device: null, dialect, usesLeft: gateways, expiresAt }, meta.actor ?? '');
  return { key, expiresAt };
};

interface Taken {
  compound: string;
  device: string | null;
  dialect: string | null;
}

/** Whoever comes first has it: nobody else gets the same use. */
const takeUse = async (sql: Sql, sha256: string, at: string): Promise<Taken> => {
  const { rows } = await sql.query<Taken>(
    `UPDATE hub.enrolment SET uses_left = uses_left - 1
     WHERE secret_sha256 = $1 AND uses_left > 0 AND expires_at > $2 RETURNING compound, device, dialect`,
    [sha256, at],
  );
  if (rows[0] === undefined) {
    throw new Refusal('enrolment.unknown', 'the code is wrong, used already or expired; ask for a new one');
  }
  return rows[0];
};

const giveBack = (sql: Sql, sha256: string) =>
  sql.query('UPDATE hub.enrolment SET uses_left = uses_left + 1 WHERE secret_sha256 = $1', [sha256]);

const slugOf = (serial: string): string =>
  serial
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');

const gatewayOf = async (
  parts: EnrolmentParts,
  { compound, dialect }: Taken,
  serial: string | undefined,
  meta: Meta,
) => {
  const slug = slugOf(serial ?? '');
  if (serial === undefined || slug === '') {
    throw new Refusal('enrolment.not-fitting', 'serial: name the serial number of the gateway', { field: 'serial' });
  }
  const id = `${compound}-${slug}`.slice(0, 64).replace(/-+$/, '');
  const { credential } = await registerDevice(
    parts,
    {
      ...{ id, compound, kind: 'gateway', dialect: dialect ?? 'auto', name: serial, externalId: serial },
      ...{ covers: [], features: [], adopted: true },
    },
    meta,
  );
  return { device: id, compound, credential: credential! };
};

/** Turns a code or key into a credential. `serial` names a gateway that comes with a provisioning key. */
export const enrol = async (
  parts: EnrolmentParts,
  { code, serial }: { code: string; serial?: string | undefined },
  meta: Meta,
): Promise<{ device: string; compound: string; credential: Credential }> => {
  const sha256 = secretHash(plainCode(code));
  const taken = await takeUse(parts.sql, sha256, meta.occurredAt);
  try {
    if (taken.device === null) return await gatewayOf(parts, taken, serial, meta);
    const { username, password } = await issueCredential(parts, taken.device, meta);
    const { compound } = deviceOrRefuse(parts.index, taken.device);
    return { device: taken.device, compound, credential: { username, password } };
  } catch (error) {
    await giveBack(parts.sql, sha256);
    throw error;
  }
};

/** No key of the compound counts from now on, nor any code of its devices. Answers how many did. */
export const revokeEnrolments = async (sql: Sql, compound: string): Promise<number> => {
  const { rows } = await sql.query('DELETE FROM hub.enrolment WHERE compound = $1 RETURNING 1', [compound]);
  return rows.length;
};
