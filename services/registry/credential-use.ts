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

/** The newest use of each, until they are written down as one list. */
const createUnwritten = <Use>(store: (uses: string) => Promise<unknown>) => {
  let unwritten = new Map<string, Use>();
  return {
    put: (key: string, use: Use): void => void unwritten.set(key, use),
    async write(): Promise<void> {
      if (unwritten.size === 0) return;
      const uses = JSON.stringify([...unwritten.values()]);
      unwritten = new Map();
      await store(uses);
    },
  };
};

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
  const passwords = createUnwritten<CredentialUse & { device: string }>((uses) =>
    sql.query(
      `INSERT INTO hub.credential_use SELECT device, "usedAt", "withFormer" FROM jsonb_to_recordset($1)
         AS used (device text, "usedAt" timestamptz, "withFormer" boolean)
       ON CONFLICT (device) DO UPDATE SET used_at = excluded.used_at, with_former = excluded.with_former`,
      [uses],
    ),
  );
  const certificates = createUnwritten<CertificateUse & { device: string; usedAt: string }>((uses) =>
    sql.query(
      `INSERT INTO hub.certificate_use SELECT device, serial, authority, "validTo", "usedAt" FROM jsonb_to_recordset($1)
         AS used (device text, serial text, authority text, "validTo" timestamptz, "usedAt" timestamptz)
       ON CONFLICT (device, serial) DO UPDATE SET used_at = excluded.used_at`,
      [uses],
    ),
  );
  const writing = setInterval(() => {
    for (const uses of [passwords, certificates]) uses.write().catch(failed);
  }, writeEveryMs);
  signal.addEventListener('abort', () => clearInterval(writing), { once: true });
  return {
    credentialUsed(device: string, which: 'present' | 'former'): void {
      const usedAt = isoTime(clock.now());
      passwords.put(device, { device, usedAt, withFormer: which === 'former' });
      if (which === 'former' || registry.index.credential(device)?.former === undefined) return;
      takeUpCredential(registry, device, { occurredAt: usedAt, actor: `device:${device}` }).catch(failed);
    },
    certificateUsed(device: string, use: CertificateUse): void {
      certificates.put(`${device} ${use.serial}`, { device, usedAt: isoTime(clock.now()), ...use });
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
