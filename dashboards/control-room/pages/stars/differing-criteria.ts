import type { CriterionResult, Rating } from '../../../../services/projections/star-rating/rating.ts';

/** Criteria whose value or verdict is another in the second rating, as the second has them. */
export function differingCriteria(
  first: Pick<Rating, 'criteria'>,
  second: Pick<Rating, 'criteria'>,
): Pick<CriterionResult, 'id' | 'title'>[] {
  const before = new Map(first.criteria.map((criterion) => [criterion.id, criterion]));
  return second.criteria.filter(({ id, value, verdict }) => {
    const other = before.get(id);
    return other?.value !== value || other.verdict !== verdict;
  });
}
