import type { Sql } from '../../runtime/sql.ts';
import { logStream } from '../log-stream.ts';
import type { ExpiredShelf } from '../verify-chain.ts';

export const shelfExpiredType = 'log.shelf-expired';

export interface ShelfExpired {
  /** `2026-11`, UTC. */
  month: string;
  events: number;
  firstPosition: number;
  lastPosition: number;
}

/** The months whose end of keeping is on record. */
export const expiredShelves = async (sql: Sql): Promise<ExpiredShelf[]> => {
  const { rows } = await sql.query<{ data: string }>(
    `SELECT data FROM hub.event WHERE stream = $1 AND type = $2 AND shelf = '-infinity' ORDER BY revision`,
    [logStream, shelfExpiredType],
  );
  return rows.map(({ data }) => {
    const { month, firstPosition, lastPosition } = JSON.parse(data) as ShelfExpired;
    return { shelf: month, firstPosition, lastPosition };
  });
};
