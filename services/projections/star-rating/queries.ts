import type { z } from 'zod';
import type { Sql } from '../../runtime/sql.ts';
import { cutterOf } from './cut.ts';
import type { RatingFacts } from './facts.ts';
import { loadPast } from './load-past.ts';
import { type PreviousRating, type RatingChangedData, ratingChangedData } from './rater.ts';
import type { ratingChange } from './rating.ts';

/** What the measures look at, as it was at `at`; undefined while the tables don't know the compound. */
export const ratingFacts = async (
  sql: Sql,
  { compound, at, windowDays }: { compound: string; at: string; windowDays: number },
): Promise<RatingFacts | undefined> => {
  const atMs = Date.parse(at);
  const past = await loadPast(sql, compound, { fromMs: atMs, toMs: atMs, windowDays });
  return cutterOf(past)?.({ at, windowDays });
};

export type RatingChange = z.infer<typeof ratingChange>;

/** Changes of a compound's stars, newest first. */
export const ratingHistory = async (sql: Sql, compound: string, limit: number): Promise<RatingChange[]> => {
  const { rows } = await sql.query<{ at: Date; data: RatingChangedData }>(
    `SELECT at, data FROM hub.rating_fact WHERE compound = $1 AND type = 'rating.changed'
     ORDER BY at DESC, revision DESC LIMIT $2`,
    [compound, limit],
  );
  return rows.map(({ at, data: { criteria: _, ...change } }) => ({ at: at.toISOString(), ...change }));
};

/** What the newest change of a compound left behind; `null` before its first rating. */
export const lastRating = async (sql: Sql, compound: string): Promise<PreviousRating | null> => {
  const { rows } = await sql.query<{ data: unknown }>(
    `SELECT data FROM hub.rating_fact WHERE compound = $1 AND type = 'rating.changed'
     ORDER BY at DESC, revision DESC LIMIT 1`,
    [compound],
  );
  return rows[0] === undefined ? null : ratingChangedData.parse(rows[0].data);
};
