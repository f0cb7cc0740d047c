import { z } from 'zod';
import type { Sql } from '../runtime/sql.ts';

export const contactInput = z.strictObject({
  email: z.email().max(254).nullable().default(null),
  webhook: z.string().trim().max(1000).nullable().default(null),
});
export const contact = z.object({
  person: z.string(),
  email: z.string().nullable(),
  webhook: z.string().nullable(),
});
export type Contact = z.infer<typeof contact>;

const columns = 'person, email, webhook';

/** Where people are reached: apart from the log, so that it can be erased. */
export const readContacts = async (sql: Sql): Promise<Contact[]> =>
  (await sql.query<Contact>(`SELECT ${columns} FROM hub.contact ORDER BY person`)).rows;

export const contactOf = async (
  sql: Sql,
  person: string,
): Promise<(Contact & { secret: string | null }) | undefined> => {
  const { rows } = await sql.query<Contact & { secret: string | null }>(
    `SELECT ${columns}, webhook_secret AS secret FROM hub.contact WHERE person = $1`,
    [person],
  );
  return rows[0];
};

/** `secret` signs what goes to the webhook. */
export const putContact = async (
  sql: Sql,
  { person, email, webhook }: Contact,
  secret: string | null,
): Promise<void> => {
  await sql.query(
    `INSERT INTO hub.contact (person, email, webhook, webhook_secret) VALUES ($1, $2, $3, $4)
     ON CONFLICT (person) DO UPDATE SET email = excluded.email, webhook = excluded.webhook,
       webhook_secret = excluded.webhook_secret, updated_at = now()`,
    [person, email, webhook, secret],
  );
};

/** Answers whether there was one. */
export const eraseContact = async (sql: Sql, person: string): Promise<boolean> => {
  const { rowCount } = await sql.query('DELETE FROM hub.contact WHERE person = $1', [person]);
  return rowCount !== 0;
};
