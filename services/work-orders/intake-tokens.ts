import type { RecordedEvent } from '../event-log/event.ts';
import type { Projection } from '../event-log/projection.ts';
import type { Sql } from '../runtime/sql.ts';
import { type IntakeEvent, intakeEvents, intakeStream } from './intake.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.intake_token (
    compound text PRIMARY KEY, token_sha256 text, issued_at timestamptz NOT NULL, revision integer NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS intake_token_sha256 ON hub.intake_token (token_sha256)`;

const applyOne = async (sql: Sql, event: RecordedEvent): Promise<void> => {
  const { type, data } = event as RecordedEvent & IntakeEvent;
  await sql.query(
    `INSERT INTO hub.intake_token VALUES ($1, $2, $3, $4)
     ON CONFLICT (compound) DO UPDATE SET token_sha256 = excluded.token_sha256, issued_at = excluded.issued_at,
       revision = excluded.revision
     WHERE intake_token.revision < excluded.revision`,
    [
      event.stream.slice(intakeStream('').length),
      type === 'intake.token-issued' ? data.sha256 : null,
      event.meta.occurredAt,
      event.revision,
    ],
  );
};

/** By which token residents report to which compound. */
export const intakeTokens: Projection = {
  name: 'intake-tokens',
  version: 1,
  schema,
  tables: ['hub.intake_token'],
  handles: Object.keys(intakeEvents),
  async apply(sql, events) {
    for (const event of events) await applyOne(sql, event);
  },
};

export const compoundOfToken = async (sql: Sql, sha256: string): Promise<string | undefined> => {
  const { rows } = await sql.query<{ compound: string }>(
    'SELECT compound FROM hub.intake_token WHERE token_sha256 = $1',
    [sha256],
  );
  return rows[0]?.compound;
};
