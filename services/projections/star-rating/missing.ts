import type { z } from 'zod';
import type { Judged, JudgedCategory } from './judged.ts';
import type { missingItem } from './rating.ts';
import { columnOf, type Standard } from './standard.ts';
import { points, shortfallOf } from './wording.ts';

export type MissingItem = z.infer<typeof missingItem>;

export interface Standing {
  stars: 1 | 2 | 3 | 4 | 5;
  judged: readonly Judged[];
  categories: readonly JudgedCategory[];
  total: number;
}

const criteriaMissing = ({ stars, judged }: Standing): MissingItem[] => {
  const column = columnOf(stars);
  return judged
    .filter(({ criterion }) => criterion.mandatoryFrom !== null && criterion.mandatoryFrom <= stars)
    .filter(({ verdicts }) => verdicts[column] === 'not-met' || verdicts[column] === 'no-evidence')
    .map(({ criterion, measured }) => ({
      about: 'criterion',
      id: criterion.id,
      text: shortfallOf(criterion, measured, column),
    }));
};

const floorsMissing = ({ categories }: Standing, { floorPercent }: Standard): MissingItem[] =>
  categories
    .filter(({ floorMet }) => !floorMet)
    .map(({ id, title, points: earned, pointsMax, floorPoints }) => ({
      about: 'floor',
      id,
      text: {
        zh: `${title.zh} ${points(earned)} 分，至少需 ${points(floorPoints)} 分（${points(pointsMax)} 分的 ${floorPercent} %）`,
        en: `${title.en} ${points(earned)} points, at least ${points(floorPoints)} needed (${floorPercent} % of ${points(pointsMax)})`,
      },
    }));

const gainsShown = 3;

/** The total, and where the most points are still to be had. */
const totalMissing = ({ stars, judged, total }: Standing, { bands }: Standard): MissingItem[] => {
  if (total >= bands[stars]) return [];
  const gains = judged
    .map(({ criterion, points: earned, pointsMax }) => ({ title: criterion.title, gain: pointsMax - earned }))
    .filter(({ gain }) => gain > 0)
    .sort((a, b) => b.gain - a.gain)
    .slice(0, gainsShown);
  const list = (language: 'zh' | 'en', separator: string): string =>
    gains.map(({ title, gain }) => `${title[language]} +${points(gain)}`).join(separator);
  return [
    {
      about: 'total',
      id: 'total',
      text: {
        zh: `总分 ${points(total)}，需 ${points(bands[stars])}；提升空间最大：${list('zh', '、')}`,
        en: `Total ${points(total)}, ${points(bands[stars])} needed; most to gain: ${list('en', ', ')}`,
      },
    },
  ];
};

/** Everything that stands between a compound and that star (rating rules 1, 3 and 4); empty once it is earned. */
export const missingItems = (standard: Standard, standing: Standing): MissingItem[] => [
  ...criteriaMissing(standing),
  ...floorsMissing(standing, standard),
  ...totalMissing(standing, standard),
];
