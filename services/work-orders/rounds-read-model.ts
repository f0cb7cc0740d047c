import type { RecordedEvent } from '../event-log/event.ts';
import type { Projection } from '../event-log/projection.ts';
import type { Sql } from '../runtime/sql.ts';
import { type RoundEvent, roundEvents, roundOf } from './round-events.ts';
import { nextTimer, type RoundState, rounds } from './rounds.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.round (
    id text PRIMARY KEY, compound text NOT NULL, state jsonb NOT NULL, timer_at timestamptz, revision integer NOT NULL);
  CREATE INDEX IF NOT EXISTS round_compound ON hub.round (compound, id);
  CREATE INDEX IF NOT EXISTS round_timer ON hub.round (timer_at) WHERE timer_at IS NOT NULL`;

export interface RoundRow {
  id: string;
  compound: string;
  state: RoundState;
  revision: number;
}

const evolveRow = (row: RoundRow | undefined, event: RecordedEvent): RoundRow | undefined => {
  if (row !== undefined && event.revision <= row.revision) return row;
  const state = rounds.evolve(row?.state ?? rounds.initial, event as unknown as RoundEvent);
  if (state.plan === null) return undefined;
  return { id: roundOf(event), compound: state.plan.compound, state, revision: event.revision };
};

/** Plans of rounds with what is under way, and when each has something to say. */
export const roundsProjection: Projection = {
  name: 'rounds',
  version: 1,
  schema,
  tables: ['hub.round'],
  handles: Object.keys(roundEvents),
  async apply(sql, events) {
    const { rows } = await sql.query<RoundRow>(
      'SELECT id, compound, state, revision FROM hub.round WHERE id = ANY($1)',
      [[...new Set(events.map(roundOf))]],
    );
    const known = new Map(rows.map((row) => [row.id, row]));
    for (const event of events) {
      const row = evolveRow(known.get(roundOf(event)), event);
      if (row !== undefined) known.set(row.id, row);
    }
    await sql.query(
      `INSERT INTO hub.round
         SELECT row->>'id', row->>'compound', row->'state', (row->>'timerAt')::timestamptz, (row->>'revision')::integer
         FROM jsonb_array_elements($1::jsonb) AS row
       ON CONFLICT (id) DO UPDATE SET state = excluded.state, timer_at = excluded.timer_at,
         revision = excluded.revision WHERE round.revision < excluded.revision`,
      [JSON.stringify([...known.values()].map((row) => ({ ...row, timerAt: nextTimer(row.state) })))],
    );
  },
};

/** Ids of the plans that have something to say. */
export const roundsDue = async (sql: Sql, at: string, limit: number): Promise<string[]> => {
  const { rows } = await sql.query<{ id: string }>(
    'SELECT id FROM hub.round WHERE timer_at <= $1 ORDER BY timer_at, id LIMIT $2',
    [at, limit],
  );
  return rows.map(({ id }) => id);
};

export const roundsOf = async (sql: Sql, compound: string | undefined): Promise<RoundRow[]> => {
  const { rows } = await sql.query<RoundRow>(
    `SELECT id, compound, state, revision FROM hub.round WHERE $1::text IS NULL OR compound = $1
     ORDER BY compound, id LIMIT 1000`,
    [compound ?? null],
  );
  return rows;
};
