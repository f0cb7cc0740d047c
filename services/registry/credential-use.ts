import type { Clock } from '../runtime/clock.ts';
import { isoTime } from '../runtime/clock.ts';
import type { Sql } from '../runtime/sql.ts';
import type { RegistryParts } from './commands.ts';
import { takeUpCredential } from './credential-commands.ts';
import type { CertificateUse } from './device-certificate.ts';

/** A storm of reconnects is written together. */
const writeEveryMs = 5_000;

export interface CredentialUse {
  usedAt: string;
  /** It came with the password that a rotation is about to end. */
  withFormer: boolean;
}

/**
 * Remembers when each device last came with its password or with a certificate, and ends a rotation of the password once
 * the new one is used.
 */
export const keepCredentialUse = ({
  sql,
  clock,
  registry,
  failed,
  signal,
}: {
  sql: Sql;
  clock: Clock;
  registry: RegistryParts;
  failed(error: unknown): void;
  signal: AbortSignal;
}) => {
  let unwritten = new Map<string, CredentialUse>();
  let certificates = new Map<string, CertificateUse & { device: string; usedAt: string }>();
  const writeCertificates = async (): Promise<void> => {
    if (certificates.size === 0) return;
    const uses = JSON.stringify([...certificates.values()]);
    certificates = new Map();
    await sql
      .query(
        `INSERT INTO hub.certificate_use
         SELECT device, serial, authority, "validTo", "usedAt" FROM jsonb_to_recordset($1)
           AS used (device text, serial text, authority text, "validTo" timestamptz, "usedAt" timestamptz)
         ON CONFLICT (device, serial) DO UPDATE SET used_at = excluded.used_at`,
        [uses],
      )
      .catch(failed);
  };
  const writePasswords = async (): Promise<void> => {
    if (unwritten.size === 0) return;
    const uses = [...unwritten];
    unwritten = new Map();
    await sql
      .query(
        `INSERT INTO hub.credential_use SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::boolean[])
         ON CONFLICT (device) DO UPDATE SET used_at = excluded.used_at, with_former = excluded.with_former`,
        [
          uses.map(([device]) => device),
          uses.map(([, { usedAt }]) => usedAt),
          uses.map(([, { withFormer }]) => withFormer),
        ],
      )
      .catch(failed);
  };
  const writing = setInterval(() => void Promise.all([writePasswords(), writeCertificates()]), writeEveryMs);
  signal.addEventListener('abort', () => clearInterval(writing), { once: true });
  return {
    credentialUsed(device: string, which: 'present' | 'former'): void {
      const usedAt = isoTime(clock.now());
      unwritten.set(device, { usedAt, withFormer: which === 'former' });
      if (which === 'former' || registry.index.credential(device)?.former === undefined) return;
      takeUpCredential(registry, device, { occurredAt: usedAt, actor: `device:${device}` }).catch(failed);
    },
    certificateUsed(device: string, use: CertificateUse): void {
      certificates.set(`${device} ${use.serial}`, { device, usedAt: isoTime(clock.now()), ...use });
    },
  };
};

export const credentialUseOf = async (sql: Sql, device: string): Promise<CredentialUse | undefined> => {
  const { rows } = await sql.query<{ used_at: Date; with_former: boolean }>(
    'SELECT used_at, with_former FROM hub.credential_use WHERE device = $1',
    [device],
  );
  return rows[0] && { usedAt: rows[0].used_at.toISOString(), withFormer: rows[0].with_former };
};
