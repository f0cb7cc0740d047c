import type { z } from 'zod';
import { type Judged, type JudgedCategory, pointsLost, rounded } from './judged.ts';
import type { missingItem } from './rating.ts';
import { type Criterion, columnOf, type Standard } from './standard.ts';
import { points, shortfallOf } from './wording.ts';

export type MissingItem = z.infer<typeof missingItem>;
export const allStars = [1, 2, 3, 4, 5] as const;
export type Star = (typeof allStars)[number];

/** How a compound stands, before anything is put into words. */
export interface Standing {
  judged: readonly Judged[];
  categories: readonly JudgedCategory[];
  total: number;
}

/** The lowest star that a criterion which applies stands in the way of; a higher star never asks for less. */
export const lowestRefused = ({ mandatoryFrom, thresholds }: Criterion, value: number | null): number => {
  for (let stars = mandatoryFrom ?? Number.POSITIVE_INFINITY; stars <= 5; stars += 1) {
    if (value === null || value < thresholds[columnOf(stars)]) return stars;
  }
  return Number.POSITIVE_INFINITY;
};

const isLacking = ({ criterion, measured: { applicable, value } }: Judged, stars: Star): boolean =>
  applicable && lowestRefused(criterion, value) <= stars;

/** What decides on stars. */
export interface Reached {
  total: number;
  areFloorsMet: boolean;
  /** By any criterion. */
  lowestRefused: number;
}

/** The stars that a compound earns (rating rules 1, 3 and 4). */
export const starsOf = (reached: Reached, { bands }: Pick<Standard, 'bands'>): number => {
  if (!reached.areFloorsMet) return 0;
  return allStars.findLast((stars) => stars < reached.lowestRefused && reached.total >= bands[stars]) ?? 0;
};

/** How much of the total one point is: what doesn't apply leaves the denominator. */
const worthOf = ({ categories }: Standing): number => {
  const available = categories.reduce((sum, { pointsMax }) => sum + pointsMax, 0);
  return available === 0 ? 0 : 100 / available;
};

/** What the total gains once a criterion reaches the column of that star. */
const gainOf = (standing: Standing, { criterion, points: earned }: Judged, stars: Star, standard: Standard): number => {
  const reached = (criterion.points * standard.shares[columnOf(stars)]) / 100;
  return rounded(Math.max(0, reached - earned) * worthOf(standing));
};

const criteriaMissing = (standard: Standard, standing: Standing, stars: Star): MissingItem[] =>
  standing.judged
    .filter((judged) => isLacking(judged, stars))
    .map((judged) => ({
      about: 'criterion',
      id: judged.criterion.id,
      text: shortfallOf(judged.criterion, judged.measured, columnOf(stars)),
      points: judged.criterion.control ? null : gainOf(standing, judged, stars, standard),
    }));

const floorsMissing = ({ floorPercent }: Standard, standing: Standing): MissingItem[] =>
  standing.categories
    .filter(({ floorMet }) => !floorMet)
    .map(({ id, title, points: earned, pointsMax, floorPoints }) => ({
      about: 'floor',
      id,
      text: {
        zh: `${title.zh} ${points(earned)} 分，至少需 ${points(floorPoints)} 分（${points(pointsMax)} 分的 ${floorPercent} %）`,
        en: `${title.en} ${points(earned)} points, at least ${points(floorPoints)} needed (${floorPercent} % of ${points(pointsMax)})`,
      },
      points: rounded((floorPoints - earned) * worthOf(standing)),
    }));

const gainsShown = 3;

/** The total, and where the most points are still to be had. */
const totalMissing = ({ bands }: Standard, standing: Standing, stars: Star): MissingItem[] => {
  const { total, judged } = standing;
  if (total >= bands[stars]) return [];
  const gains = judged
    .map((item) => ({ ...item.criterion, gain: rounded(pointsLost(item) * worthOf(standing)) }))
    .filter(({ gain }) => gain > 0)
    .sort((a, b) => b.gain - a.gain);
  const list = (language: 'zh' | 'en', separator: string): string =>
    gains
      .slice(0, gainsShown)
      .map(({ title, gain }) => `${title[language]} +${points(gain)}`)
      .join(separator);
  return [
    {
      about: 'total',
      id: 'total',
      text: {
        zh: `总分 ${points(total)}，需 ${points(bands[stars])}；提升空间最大：${list('zh', '、')}`,
        en: `Total ${points(total)}, ${points(bands[stars])} needed; most to gain: ${list('en', ', ')}`,
      },
      points: rounded(bands[stars] - total),
      gains: gains.map(({ id, gain }) => ({ criterion: id, points: gain })),
    },
  ];
};

/** Everything that stands between a compound and that star; empty once it is earned. */
export const missingItems = (standard: Standard, standing: Standing, stars: Star): MissingItem[] => [
  ...criteriaMissing(standard, standing, stars),
  ...floorsMissing(standard, standing),
  ...totalMissing(standard, standing, stars),
];
