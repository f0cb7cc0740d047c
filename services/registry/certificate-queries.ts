import type { Sql } from '../runtime/sql.ts';

interface Row {
  serial: string;
  /** `null`: the operator's. */
  authority: string | null;
  issuedAt: Date | null;
  validTo: Date | null;
  revokedAt: Date | null;
  usedAt: Date | null;
}

/** What the hub issued to a device, what the device came with and what was revoked, the newest first; or one of them. */
export const certificatesOf = async (sql: Sql, device: string, serial?: string) => {
  const { rows } = await sql.query<Row>(
    `SELECT serial, coalesce(known.authority, used.authority) AS authority, issued_at AS "issuedAt",
       coalesce(known.valid_to, used.valid_to) AS "validTo", revoked_at AS "revokedAt", used_at AS "usedAt"
     FROM hub.registry_certificate known FULL JOIN hub.certificate_use used USING (device, serial)
     WHERE device = $1 AND ($2::text IS NULL OR serial = $2) ORDER BY coalesce(issued_at, used_at, revoked_at) DESC, serial LIMIT 100`,
    [device, serial ?? null],
  );
  const text = (at: Date | null): string | null => at?.toISOString() ?? null;
  return rows.map(({ issuedAt, validTo, revokedAt, usedAt, ...row }) => ({
    ...row,
    ...{ issuedAt: text(issuedAt), validTo: text(validTo), revokedAt: text(revokedAt), usedAt: text(usedAt) },
  }));
};

/** Which of these devices have certificates of the hub's, the last of which ends before then. */
export const endingBefore = async (sql: Sql, devices: readonly string[], before: string): Promise<Set<string>> => {
  const { rows } = await sql.query<{ device: string }>(
    `SELECT device FROM hub.registry_certificate WHERE device = ANY($1) AND revoked_at IS NULL
     GROUP BY device HAVING max(valid_to) < $2`,
    [devices, before],
  );
  return new Set(rows.map(({ device }) => device));
};
