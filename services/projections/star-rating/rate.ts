import { DateTime } from 'luxon';
import { isoTime } from '../../runtime/clock.ts';
import type { RatingFacts } from './facts.ts';
import type { Judged, JudgedCategory, Verdict } from './judged.ts';
import type { Measured } from './measures/measured.ts';
import { measure } from './measures/measures.ts';
import { missingItems } from './missing.ts';
import type { CriterionResult, Rating } from './rating.ts';
import {
  basisLetters,
  basisSources,
  type Column,
  type Criterion,
  columnOf,
  columns,
  type Standard,
} from './standard.ts';
import { explanationOf } from './wording.ts';

/** The window that a rating of that instant looks at: whole days of the compound's own calendar back from it. */
export const ratingWindow = (at: string, timeZone: string, windowDays: number): { fromMs: number; toMs: number } => {
  const to = DateTime.fromISO(at, { zone: timeZone });
  return { fromMs: to.minus({ days: windowDays }).toMillis(), toMs: to.toMillis() };
};

/** Sums of shares are compared with whole bands: what binary fractions lose must not cost a star. */
const rounded = (points: number): number => Math.round(points * 1e6) / 1e6;

/** Share of its points, in percent, that a value earns (rating rule 2). */
export const shareOf = (
  value: number,
  thresholds: Criterion['thresholds'],
  { shares, nothingBelowPercent }: Pick<Standard, 'shares' | 'nothingBelowPercent'>,
): number => {
  if (value < (thresholds[3] * nothingBelowPercent) / 100) return 0;
  if (value < thresholds[3]) return (shares[3] * value) / thresholds[3];
  // Where columns ask for the same, the highest of them is reached.
  const reached = columns.findLast((column) => value >= thresholds[column])!;
  if (reached === 5) return shares[5];
  const next: Column = reached === 3 ? 4 : 5;
  const way = (value - thresholds[reached]) / (thresholds[next] - thresholds[reached]);
  return shares[reached] + way * (shares[next] - shares[reached]);
};

const verdictOf = ({ applicable, value }: Measured, threshold: number): Verdict => {
  if (!applicable) return 'not-applicable';
  if (value === null) return 'no-evidence';
  return value >= threshold ? 'met' : 'not-met';
};

const judge = (standard: Standard, criterion: Criterion, measured: Measured): Judged => {
  const { thresholds, points } = criterion;
  const earned = measured.value === null ? 0 : (points * shareOf(measured.value, thresholds, standard)) / 100;
  return {
    criterion,
    measured,
    verdicts: {
      3: verdictOf(measured, thresholds[3]),
      4: verdictOf(measured, thresholds[4]),
      5: verdictOf(measured, thresholds[5]),
    },
    points: measured.applicable ? rounded(earned) : 0,
    pointsMax: measured.applicable ? points : 0,
  };
};

const judgeCategories = (standard: Standard, judged: readonly Judged[]): JudgedCategory[] =>
  standard.categories.map(({ id, title }) => {
    const own = judged.filter(({ criterion }) => criterion.category === id);
    const points = rounded(own.reduce((sum, item) => sum + item.points, 0));
    const pointsMax = own.reduce((sum, item) => sum + item.pointsMax, 0);
    const floorPoints = rounded((pointsMax * standard.floorPercent) / 100);
    return { id, title, points, pointsMax, floorPoints, floorMet: points >= floorPoints };
  });

const totalOf = (categories: readonly JudgedCategory[]): number => {
  const available = categories.reduce((sum, { pointsMax }) => sum + pointsMax, 0);
  const earned = categories.reduce((sum, { points }) => sum + points, 0);
  return available === 0 ? 0 : rounded((100 * earned) / available);
};

const resultOf = ({ criterion, measured, verdicts, points, pointsMax }: Judged, target: Column): CriterionResult => ({
  id: criterion.id,
  title: criterion.title,
  category: criterion.category,
  control: criterion.control,
  mandatoryFrom: criterion.mandatoryFrom,
  unit: criterion.unit,
  value: measured.value,
  numerator: measured.numerator,
  denominator: measured.denominator,
  thresholds: criterion.thresholds,
  points,
  pointsMax,
  verdict: verdicts[target],
  verdicts,
  basis: basisLetters(criterion),
  basisSources: basisSources(criterion),
  explanation: explanationOf(criterion, measured, target),
});

export interface RatingAbout {
  compound: Pick<RatingFacts['compound'], 'id' | 'profile' | 'timeZone'>;
  at: string;
  /** Log position that the facts were read up to. */
  position: string | null;
}

const allStars = [1, 2, 3, 4, 5] as const;

/** The rating rule over measured values. A criterion that nobody measured has no evidence. */
export const rateMeasured = (
  standard: Standard,
  measured: ReadonlyMap<string, Measured>,
  { compound, at, position }: RatingAbout,
): Rating => {
  const outside: Measured = {
    applicable: false,
    value: null,
    numerator: null,
    denominator: null,
    detail:
      compound.profile === 'new'
        ? { zh: '只对改造小区要求', en: 'asked of retrofitted compounds only' }
        : { zh: '只对新建小区要求', en: 'asked of new compounds only' },
  };
  const unmeasured: Measured = { ...outside, applicable: true, detail: { zh: '未测量', en: 'not measured' } };
  const judged = standard.criteria.map((criterion) =>
    judge(
      standard,
      criterion,
      criterion.profiles.includes(compound.profile) ? (measured.get(criterion.id) ?? unmeasured) : outside,
    ),
  );
  const categories = judgeCategories(standard, judged);
  const total = totalOf(categories);
  const missing = allStars.map((stars) => ({
    stars,
    items: missingItems(standard, { stars, judged, categories, total }),
  }));
  const stars = missing.findLast(({ items }) => items.length === 0)?.stars ?? 0;
  const targetStars = standard.profiles[compound.profile];
  const window = ratingWindow(at, compound.timeZone, standard.windowDays);
  return {
    compound: compound.id,
    standard: { id: standard.id, version: standard.version, title: standard.title },
    profile: compound.profile,
    at: isoTime(window.toMs),
    window: { from: isoTime(window.fromMs), to: isoTime(window.toMs), days: standard.windowDays },
    position,
    stars,
    targetStars,
    total,
    bands: allStars.map((band) => ({ stars: band, total: standard.bands[band] })),
    categories,
    criteria: judged.map((item) => resultOf(item, columnOf(targetStars))),
    missingFor: missing.filter((entry) => entry.stars > stars),
  };
};

/** The rating of a compound under a standard, from facts that were cut to `at`. Pure. */
export const rate = (
  standard: Standard,
  facts: RatingFacts,
  { at, position }: { at: string; position: string | null },
): Rating =>
  rateMeasured(
    standard,
    new Map(standard.criteria.map((criterion) => [criterion.id, measure(facts, criterion.measure)])),
    { compound: facts.compound, at, position },
  );
