import { DateTime } from 'luxon';
import { z } from 'zod';
import { isoTime } from '../../runtime/clock.ts';
import { bilingual, instant } from '../../runtime/schema.ts';
import { ratedOf, refusedBy } from '../rating-replay/compare.ts';
import type { RatingFacts } from '../star-rating/facts.ts';
import { rate } from '../star-rating/rate.ts';
import type { Rating } from '../star-rating/rating.ts';
import { columnOf, type Standard } from '../star-rating/standard.ts';
import { standardName } from '../star-rating/standards.ts';
import { amount } from '../star-rating/wording.ts';
import { patternDays, projectForward } from './project-forward.ts';

export const ratingOutlook = z.object({
  compound: z.string(),
  at: instant,
  standard: z.string(),
  stars: z.int(),
  targetStars: z.int(),
  /** Stars are expected to be lost within the next window. */
  atRisk: z.boolean(),
  /** It holds its target and is expected to lose it. */
  losesTarget: z.boolean(),
  /** The fewest within the next window. */
  expectedStars: z.int(),
  /** The first day looked at on which stars are lost; `null` while none are. */
  inDays: z.int().nullable(),
  on: z.iso.date().nullable(),
  days: z.array(z.object({ inDays: z.int(), on: z.iso.date(), stars: z.int(), total: z.number() })),
  /** What takes the star, on that day. */
  criteria: z.array(
    z.object({
      id: z.string(),
      title: bilingual,
      unit: z.string(),
      value: z.number().nullable(),
      expectedValue: z.number().nullable(),
      threshold: z.number().nullable(),
      text: bilingual,
    }),
  ),
  method: bilingual,
});
export type RatingOutlook = z.infer<typeof ratingOutlook>;

const method = {
  zh: `假设一切维持最近 ${patternDays * 24} 小时的状况：统计期向前推移，旧的日子移出，最近 ${patternDays * 24} 小时反复计入；尚未逾期的事项视为按时完成。`,
  en: `Assumes that all goes on as in the last ${patternDays * 24} h: the window moves on, old days leave it and the last ${patternDays * 24} h come in again and again; what isn't late yet is taken to be done in time.`,
};

/** Days ahead that are looked at: close together where there is still time for little, and the whole window. */
export const daysAhead = (windowDays: number): number[] => [
  ...[1, 2, 3, 5, 7, 10, 14, 21].filter((days) => days < windowDays),
  windowDays,
];

type Unit = Parameters<typeof amount>[1];

const criteriaAtRisk = (now: Rating, then: Rating): RatingOutlook['criteria'] => {
  const lost = then.stars + 1;
  return refusedBy(ratedOf(then), ratedOf(now), lost).map((id) => {
    const expected = then.criteria.find((criterion) => criterion.id === id)!;
    const value = now.criteria.find((criterion) => criterion.id === id)?.value ?? null;
    const threshold = expected.thresholds?.[columnOf(lost)] ?? null;
    const words = (number: number | null) =>
      number === null ? { zh: '无证据', en: 'no evidence' } : amount(number, expected.unit as Unit);
    const [is, becomes, asked] = [words(value), words(expected.value), words(threshold)];
    return {
      id,
      title: expected.title,
      unit: expected.unit,
      value,
      expectedValue: expected.value,
      threshold,
      text: {
        zh: `${expected.title.zh}：现 ${is.zh}，预计 ${becomes.zh}，${lost}★ 要求 ${asked.zh}`,
        en: `${expected.title.en}: ${is.en} now, ${becomes.en} expected, ${lost}★ asks for ${asked.en}`,
      },
    };
  });
};

export interface OutlookParts {
  standard: Standard;
  at: string;
  /** The facts of the last days up to `at`. */
  factsOver(days: number): RatingFacts;
}

/** The stars expected in the next window, and what would take them. Pure. */
export const outlook = ({ standard, at, factsOver }: OutlookParts): RatingOutlook => {
  const { windowDays } = standard;
  const whole = factsOver(windowDays);
  const recent = factsOver(Math.min(patternDays, windowDays));
  const now = rate(standard, whole, { at, position: null });
  const zoned = DateTime.fromISO(at, { zone: whole.compound.timeZone });
  const ahead = daysAhead(windowDays).map((inDays) => {
    const facts = projectForward({ whole, recent, rest: factsOver(windowDays - inDays) }, inDays);
    const rating = rate(standard, facts, { at: isoTime(facts.atMs), position: null });
    return { inDays, on: zoned.plus({ days: inDays }).toISODate()!, rating };
  });
  const lost = ahead.find(({ rating }) => rating.stars < now.stars);
  const expectedStars = Math.min(now.stars, ...ahead.map(({ rating }) => rating.stars));
  return {
    compound: whole.compound.id,
    at: now.at,
    standard: standardName(standard),
    stars: now.stars,
    targetStars: now.targetStars,
    atRisk: lost !== undefined,
    losesTarget: now.stars >= now.targetStars && expectedStars < now.targetStars,
    expectedStars,
    inDays: lost?.inDays ?? null,
    on: lost?.on ?? null,
    days: ahead.map(({ inDays, on, rating }) => ({ inDays, on, stars: rating.stars, total: rating.total })),
    criteria: lost === undefined ? [] : criteriaAtRisk(now, lost.rating),
    method,
  };
};
