import { z } from 'zod';
import type { RatingOutlook } from './outlook.ts';

/** `data` of `rating.at-risk`: stars are expected to be lost within the next window. */
export const ratingAtRisk = z.strictObject({
  stars: z.int().min(1).max(5),
  expectedStars: z.int().min(0).max(4),
  inDays: z.int().min(1),
  on: z.iso.date(),
  standard: z.string(),
  criteria: z.array(z.string()),
});
export type RatingAtRisk = z.infer<typeof ratingAtRisk>;

/** `data` of `rating.risk-passed`: the star was kept, or it is lost. */
export const ratingRiskPassed = z.strictObject({
  stars: z.int().min(0).max(5),
  outcome: z.enum(['recovered', 'star-lost']),
});

export type RiskEvent =
  | { type: 'rating.at-risk'; data: RatingAtRisk }
  | { type: 'rating.risk-passed'; data: z.infer<typeof ratingRiskPassed> };

/** A risk has passed once the outlook was calm for so long; on the edge it would come and go every hour. */
const calmMs = 24 * 3_600_000;

/**
 * The event that an outlook makes necessary after what was told last; `null` while nothing has turned.
 * `calmForMs`: how long the outlooks have been without a risk.
 */
export const riskEvent = (
  standing: RatingAtRisk | null,
  next: RatingOutlook,
  { calmForMs }: { calmForMs: number },
): RiskEvent | null => {
  const { stars, expectedStars, inDays, on, standard, criteria } = next;
  if (standing !== null && stars < standing.stars) {
    return { type: 'rating.risk-passed', data: { stars, outcome: 'star-lost' } };
  }
  if (standing !== null) {
    if (next.atRisk || calmForMs < calmMs) return null;
    return { type: 'rating.risk-passed', data: { stars, outcome: 'recovered' } };
  }
  if (inDays === null || on === null) return null;
  const data = { stars, expectedStars, inDays, on, standard, criteria: criteria.map(({ id }) => id) };
  return { type: 'rating.at-risk', data };
};
