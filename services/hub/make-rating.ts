import { rateCompound } from '../projections/star-rating/rate-compound.ts';
import type { Rating } from '../projections/star-rating/rating.ts';
import { standardInForce } from '../projections/star-rating/standards.ts';
import type { Compound } from '../registry/registry.ts';
import type { Sql } from '../runtime/sql.ts';

/** Makes the rater's ratings, one at a time. */
export type MakeRating = (compound: Compound, at: string) => Promise<Rating>;

export const makeRatings =
  (sql: Sql): MakeRating =>
  (compound, at) =>
    rateCompound(sql, standardInForce(at), { compound, at });
