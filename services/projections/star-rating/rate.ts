import { DateTime } from 'luxon';
import { isoTime } from '../../runtime/clock.ts';
import type { RatingFacts } from './facts.ts';
import { type Judged, type JudgedCategory, pointsLost, rounded, verdictOf } from './judged.ts';
import { type Measured, notApplicable } from './measures/measured.ts';
import { measure } from './measures/measures.ts';
import { allStars, lowestRefused, missingItems, type Standing, starsOf } from './missing.ts';
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
  const toMs = Date.parse(at);
  return { fromMs: DateTime.fromMillis(toMs, { zone: timeZone }).minus({ days: windowDays }).toMillis(), toMs };
};

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

/** The points that a criterion earns by a value. */
export const pointsBy = (standard: Standard, { points, thresholds }: Criterion, value: number | null): number =>
  value === null ? 0 : rounded((points * shareOf(value, thresholds, standard)) / 100);

const judge = (standard: Standard, criterion: Criterion, measured: Measured): Judged => ({
  criterion,
  measured,
  points: measured.applicable ? pointsBy(standard, criterion, measured.value) : 0,
  pointsMax: measured.applicable ? criterion.points : 0,
});

/** What a category must earn of the points that apply. */
export const floorOf = ({ floorPercent }: Standard, pointsMax: number): number =>
  rounded((pointsMax * floorPercent) / 100);

const judgeCategories = (standard: Standard, judged: readonly Judged[]): JudgedCategory[] =>
  standard.categories.map(({ id, title }) => {
    let earned = 0;
    let pointsMax = 0;
    for (const item of judged) {
      if (item.criterion.category !== id) continue;
      earned += item.points;
      pointsMax += item.pointsMax;
    }
    const points = rounded(earned);
    const floorPoints = floorOf(standard, pointsMax);
    return { id, title, points, pointsMax, floorPoints, floorMet: points >= floorPoints };
  });

/** Out of a hundred: what doesn't apply leaves the denominator. */
export const totalOf = (earned: number, available: number): number =>
  available === 0 ? 0 : rounded((100 * earned) / available);

const basisOf = (criterion: Criterion): Pick<CriterionResult, 'basis' | 'basisSources'> => ({
  basis: basisLetters(criterion),
  basisSources: basisSources(criterion),
});
/** The words on a criterion's basis are the same in every rating. */
const bases = new WeakMap<Criterion, ReturnType<typeof basisOf>>();

const resultOf = (judged: Judged, target: Column): CriterionResult => {
  const { criterion, measured, points, pointsMax } = judged;
  const basis = bases.get(criterion) ?? basisOf(criterion);
  bases.set(criterion, basis);
  return {
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
    pointsLost: pointsLost(judged),
    verdict: verdictOf(judged, target),
    verdicts: { 3: verdictOf(judged, 3), 4: verdictOf(judged, 4), 5: verdictOf(judged, 5) },
    ...basis,
    explanation: explanationOf(criterion, measured, target),
  };
};

export interface RatingAbout {
  compound: Pick<RatingFacts['compound'], 'id' | 'profile' | 'timeZone'>;
  at: string;
  /** Log position that the facts were read up to. */
  position: string | null;
}

const asked = {
  new: { zh: '只对新建小区要求', en: 'asked of new compounds only' },
  retrofit: { zh: '只对改造小区要求', en: 'asked of retrofitted compounds only' },
};

const unmeasured: Measured = {
  applicable: true,
  value: null,
  numerator: null,
  denominator: null,
  detail: () => ({ zh: '未测量', en: 'not measured' }),
};

type Profile = RatingFacts['compound']['profile'];

export const isAskedOf = ({ profiles }: Criterion, profile: Profile): boolean => profiles.includes(profile);

/** What is measured for a criterion, unless it isn't asked of compounds of that profile. */
export const measuredFor = (
  criterion: Criterion,
  profile: Profile,
  measured: (criterion: Criterion) => Measured | undefined,
): Measured =>
  isAskedOf(criterion, profile)
    ? (measured(criterion) ?? unmeasured)
    : notApplicable({ detail: () => asked[profile === 'new' ? 'retrofit' : 'new'] });

/** How a compound of that profile stands by what was measured, without a word about it. */
export const standingOf = (
  standard: Standard,
  profile: Profile,
  measured: (criterion: Criterion) => Measured | undefined,
): Standing & { stars: number } => {
  const judged = standard.criteria.map((criterion) =>
    judge(standard, criterion, measuredFor(criterion, profile, measured)),
  );
  const categories = judgeCategories(standard, judged);
  const earned = categories.reduce((sum, { points }) => sum + points, 0);
  const available = categories.reduce((sum, { pointsMax }) => sum + pointsMax, 0);
  const total = totalOf(earned, available);
  const reached = {
    total,
    areFloorsMet: categories.every(({ floorMet }) => floorMet),
    lowestRefused: Math.min(
      ...judged
        .filter(({ measured: { applicable } }) => applicable)
        .map(({ criterion, measured: { value } }) => lowestRefused(criterion, value)),
    ),
  };
  return { judged, categories, total, stars: starsOf(reached, standard) };
};

/** Stars, points and verdicts without a word about them: what re-rating a city for a year needs. Pure. */
export const standing = (standard: Standard, facts: RatingFacts): Standing & { stars: number } =>
  standingOf(standard, facts.compound.profile, (criterion) => measure(facts, criterion.measure));

const ratingOf = (
  standard: Standard,
  stood: Standing & { stars: number },
  { compound, at, position }: RatingAbout,
): Rating => {
  const targetStars = standard.profiles[compound.profile];
  const window = ratingWindow(at, compound.timeZone, standard.windowDays);
  return {
    compound: compound.id,
    standard: { id: standard.id, version: standard.version, title: standard.title },
    profile: compound.profile,
    at: isoTime(window.toMs),
    window: { from: isoTime(window.fromMs), to: isoTime(window.toMs), days: standard.windowDays },
    position,
    stars: stood.stars,
    targetStars,
    total: stood.total,
    bands: allStars.map((band) => ({ stars: band, total: standard.bands[band] })),
    categories: [...stood.categories],
    criteria: stood.judged.map((item) => resultOf(item, columnOf(targetStars))),
    missingFor: allStars
      .filter((stars) => stars > stood.stars)
      .map((stars) => ({ stars, items: missingItems(standard, stood, stars) })),
  };
};

/** The rating rule over measured values. A criterion that nobody measured has no evidence. */
export const rateMeasured = (
  standard: Standard,
  measured: ReadonlyMap<string, Measured>,
  about: RatingAbout,
): Rating => {
  const stood = standingOf(standard, about.compound.profile, ({ id }) => measured.get(id));
  return ratingOf(standard, stood, about);
};

/** The rating of a compound under a standard, from facts that were cut to `at`. Pure. */
export const rate = (
  standard: Standard,
  facts: RatingFacts,
  { at, position }: { at: string; position: string | null },
): Rating => ratingOf(standard, standing(standard, facts), { compound: facts.compound, at, position });
