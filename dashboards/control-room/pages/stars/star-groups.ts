import type { CriterionResult, Rating } from '../../../../services/projections/star-rating/rating.ts';

export interface CriterionGroup {
  /** `null`: the control items, which pass or fail and stand before everything. */
  category: Rating['categories'][number] | null;
  criteria: CriterionResult[];
}

/** Control items first, then the categories in the standard's order. */
export function groupCriteria(rating: Pick<Rating, 'categories' | 'criteria'>): CriterionGroup[] {
  const groups: CriterionGroup[] = [
    { category: null, criteria: rating.criteria.filter(({ control }) => control) },
    ...rating.categories.map((category) => ({
      category,
      criteria: rating.criteria.filter(({ control, category: id }) => !control && id === category.id),
    })),
  ];
  return groups.filter(({ criteria }) => criteria.length > 0);
}

type Column = 3 | 4 | 5;
/** One and two stars use the column of three. */
export const columnOf = (stars: number): Column => (stars >= 5 ? 5 : stars === 4 ? 4 : 3);

const percentUnits = ['%', 'percent'];

/** At most two decimals, none where there are none; a ratio in percent without a space in Chinese typography. */
export function valueText(value: number, unit: string): string {
  const rounded = String(Number(value.toFixed(2)));
  if (percentUnits.includes(unit)) return `${rounded} %`;
  return unit === '' || unit === '1' || unit === 'ratio' ? rounded : `${rounded} ${unit}`;
}

/** `18 / 20`, where the value is a ratio of things that can be counted. */
export function countsText({ numerator, denominator }: Pick<CriterionResult, 'numerator' | 'denominator'>): string {
  if (numerator === null || denominator === null) return '';
  return `${Number(numerator.toFixed(2))} / ${Number(denominator.toFixed(2))}`;
}

export const pointsText = (points: number): string => String(Number(points.toFixed(1)));

/** Points still missing to the band of so many stars; `null` where the standard has no such band. */
export function pointsToBand(rating: Pick<Rating, 'bands' | 'total'>, stars: number): number | null {
  const band = rating.bands.find((one) => one.stars === stars);
  return band === undefined ? null : Math.max(0, band.total - rating.total);
}

export interface VerdictCount {
  met: number;
  'not-met': number;
  'no-evidence': number;
  'not-applicable': number;
}
export function countVerdicts(criteria: readonly Pick<CriterionResult, 'verdict'>[]): VerdictCount {
  const count: VerdictCount = { met: 0, 'not-met': 0, 'no-evidence': 0, 'not-applicable': 0 };
  for (const { verdict } of criteria) count[verdict] += 1;
  return count;
}
