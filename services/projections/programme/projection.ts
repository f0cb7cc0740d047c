import type { RecordedEvent } from '../../event-log/event.ts';
import type { Projection } from '../../event-log/projection.ts';
import type { Sql } from '../../runtime/sql.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.programme_compound (
    compound text PRIMARY KEY, registered_at timestamptz NOT NULL);
  CREATE TABLE IF NOT EXISTS hub.programme_rating (
    compound text NOT NULL, revision integer NOT NULL, at timestamptz NOT NULL, stars integer NOT NULL,
    PRIMARY KEY (compound, revision));
  CREATE TABLE IF NOT EXISTS hub.programme_risk (
    compound text PRIMARY KEY, revision integer NOT NULL, at timestamptz NOT NULL, risk jsonb)`;

const applyOne = async (sql: Sql, event: RecordedEvent): Promise<void> => {
  const { compound, occurredAt } = event.meta;
  if (compound === undefined) return;
  if (event.type === 'compound.registered') {
    await sql.query('INSERT INTO hub.programme_compound VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      compound,
      occurredAt,
    ]);
  } else if (event.type === 'rating.changed') {
    await sql.query('INSERT INTO hub.programme_rating VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [
      compound,
      event.revision,
      occurredAt,
      (event.data as { to: number }).to,
    ]);
  } else {
    await sql.query(
      `INSERT INTO hub.programme_risk VALUES ($1, $2, $3, $4) ON CONFLICT (compound) DO UPDATE
         SET revision = excluded.revision, at = excluded.at, risk = excluded.risk
         WHERE programme_risk.revision < excluded.revision`,
      [compound, event.revision, occurredAt, event.type === 'rating.at-risk' ? JSON.stringify(event.data) : null],
    );
  }
};

/** What the yearly programme of star compounds is counted from: who rose and fell when, and whose star is at risk. */
export const programmeProjection: Projection = {
  name: 'programme',
  version: 1,
  schema,
  tables: ['hub.programme_compound', 'hub.programme_rating', 'hub.programme_risk'],
  handles: ['compound.registered', 'rating.changed', 'rating.at-risk', 'rating.risk-passed'],
  async apply(sql, events) {
    for (const event of events) await applyOne(sql, event);
  },
};
