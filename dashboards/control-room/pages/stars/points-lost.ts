import type { CriterionResult } from '../../../../services/projections/star-rating/rating.ts';

/** Those that cost points, the dearest first. */
export const dearest = <Criterion extends Pick<CriterionResult, 'pointsLost'>>(
  criteria: readonly Criterion[],
): Criterion[] => criteria.filter(({ pointsLost }) => pointsLost > 0).sort((a, b) => b.pointsLost - a.pointsLost);
