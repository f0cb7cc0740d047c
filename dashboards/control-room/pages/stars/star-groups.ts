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

/** Cut off, not rounded, as the rating itself does: a text never shows a threshold as reached that isn't. */
export function roundedDown(value: number, decimals: number): string {
  const factor = 10 ** decimals;
  return String(Math.floor(value * factor + 1e-9) / factor);
}

/** `18 / 20`, where the value is a ratio of things that can be counted. */
export function countsText({ numerator, denominator }: Pick<CriterionResult, 'numerator' | 'denominator'>): string {
  if (numerator === null || denominator === null) return '';
  return `${roundedDown(numerator, 2)} / ${roundedDown(denominator, 2)}`;
}

export const pointsText = (points: number): string => roundedDown(points, 1);

/** The letters of a basis such as `3★ A: an official page; 4★ 5★ D: this project's default`, each once. */
export const basisLetters = (basis: string): string[] => [
  ...new Set([...basis.matchAll(/(?:^|★ )([A-Z])(?=:|$)/g)].map((match) => match[1]!)),
];

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
