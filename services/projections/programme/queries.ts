import type { Sql } from '../../runtime/sql.ts';
import { type RatingAtRisk, ratingAtRisk } from '../rating-outlook/risk.ts';

export interface StarChange {
  atMs: number;
  stars: number;
}

/** Every change of stars by compound, oldest first. */
export const starChanges = async (sql: Sql): Promise<Map<string, StarChange[]>> => {
  const { rows } = await sql.query<{ compound: string; at: Date; stars: number }>(
    'SELECT compound, at, stars FROM hub.programme_rating ORDER BY compound, at, revision',
  );
  const changes = new Map<string, StarChange[]>();
  for (const { compound, at, stars } of rows) {
    const change = { atMs: at.getTime(), stars };
    const own = changes.get(compound);
    if (own === undefined) changes.set(compound, [change]);
    else own.push(change);
  }
  return changes;
};

/** When each compound was registered. */
export const registeredAtMs = async (sql: Sql): Promise<Map<string, number>> => {
  const { rows } = await sql.query<{ compound: string; at: Date }>(
    'SELECT compound, registered_at AS at FROM hub.programme_compound',
  );
  return new Map(rows.map(({ compound, at }) => [compound, at.getTime()]));
};

/** The compounds whose star is at risk, with what was told of it. */
export const standingRisks = async (sql: Sql): Promise<Map<string, RatingAtRisk>> => {
  const { rows } = await sql.query<{ compound: string; risk: unknown }>(
    'SELECT compound, risk FROM hub.programme_risk WHERE risk IS NOT NULL',
  );
  return new Map(rows.map(({ compound, risk }) => [compound, ratingAtRisk.parse(risk)]));
};
