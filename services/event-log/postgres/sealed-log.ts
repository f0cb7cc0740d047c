import type { Clock } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import type { EventLog } from '../event-log.ts';
import { gatherSeals } from '../gather-seals.ts';
import { gathering, sealsGatheredType } from '../gathering.ts';
import { logStream } from '../log-stream.ts';
import { numberedByPosition, type SealedLog } from '../prove-events.ts';
import { type EventRow, eventColumns, storedOf } from './event-row.ts';
import { type SealRow, sealColumns, sealOf } from './seal-row.ts';

/** What a proof reads of the log in PostgreSQL. */
export const sealedPostgresLog = (sql: Sql): SealedLog => ({
  ...numberedByPosition,
  async head() {
    const { rows } = await sql.query<SealRow>(
      `SELECT ${sealColumns} FROM hub.seal ORDER BY last_position DESC LIMIT 1`,
    );
    const [newest] = rows.map(sealOf);
    return newest === undefined ? null : { position: newest.lastPosition, hash: newest.hash };
  },
  async sealsAfter(position, limit) {
    const { rows } = await sql.query<SealRow>(
      `SELECT ${sealColumns} FROM hub.seal WHERE last_position > $1 ORDER BY last_position LIMIT $2`,
      [position, limit],
    );
    return rows.map(sealOf);
  },
  async hashAt(position) {
    const { rows } = await sql.query<{ hash: string }>('SELECT hash FROM hub.seal WHERE last_position = $1', [
      position,
    ]);
    return rows[0]?.hash;
  },
  async eventsOf(stretches) {
    // Position by position: the planner takes a range that it learns row by row for a good part of the table.
    const positions = stretches.flatMap(({ firstPosition, lastPosition }) =>
      Array.from({ length: lastPosition - firstPosition + 1 }, (_, place) => firstPosition + place),
    );
    const { rows } = await sql.query<EventRow>(
      `SELECT ${eventColumns} FROM hub.event WHERE position = ANY($1::bigint[]) ORDER BY position`,
      [positions],
    );
    return rows.map(storedOf);
  },
  async gatherings() {
    const { rows } = await sql.query<{ position: string; data: string }>(
      `SELECT position, data FROM hub.event WHERE stream = $1 AND type = $2 AND shelf = '-infinity' ORDER BY revision`,
      [logStream, sealsGatheredType],
    );
    return rows.map(({ position, data }) => ({ position, gathering: gathering.parse(JSON.parse(data)) }));
  },
});

export interface Proofs {
  /** For proofs that events stand in the log. */
  sealed: SealedLog;
  /** Says in the log what its newest seals were, so that proofs stay short. Answers how many runs of them. */
  gather(): Promise<number>;
}

export const proofsOf = (parts: { pool: Sql; append: EventLog['append']; clock: Clock }): Proofs => {
  const sealed = sealedPostgresLog(parts.pool);
  return { sealed, gather: () => gatherSeals({ ...parts, sealed }) };
};
