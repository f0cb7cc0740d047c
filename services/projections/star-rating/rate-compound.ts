import type { Position } from '../../event-log/event.ts';
import type { Compound } from '../../registry/registry.ts';
import type { RegisteredDevice } from '../../registry/registry-index.ts';
import type { Sql } from '../../runtime/sql.ts';
import { starRatingProjection } from './projection.ts';
import { ratingFacts } from './queries.ts';
import { rate } from './rate.ts';
import type { Rating } from './rating.ts';
import type { Standard } from './standard.ts';

/** The rating of a compound at an instant under a standard, from what the read model knows now. */
export const rateCompound = async (
  sql: Sql,
  standard: Standard,
  { compound, devices, at }: { compound: Compound; devices: RegisteredDevice[]; at: string },
): Promise<Rating> => {
  // Read before the facts: the rating then never claims to have seen more than it has.
  const { rows } = await sql.query<{ position: Position | null }>(
    'SELECT position FROM hub.projection_checkpoint WHERE projection = $1',
    [starRatingProjection.name],
  );
  const facts = await ratingFacts(sql, { compound, devices, at, windowDays: standard.windowDays });
  return rate(standard, facts, { at, position: rows[0]?.position ?? null });
};
