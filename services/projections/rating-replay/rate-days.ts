import type { Sql } from '../../runtime/sql.ts';
import { loadPast } from '../star-rating/load-past.ts';
import { missingItems, type Standing } from '../star-rating/missing.ts';
import type { CompoundPast } from '../star-rating/past.ts';
import { ratingWindow, standingOf } from '../star-rating/rate.ts';
import type { Standard } from '../star-rating/standard.ts';
import { findStandard, standardInForce } from '../star-rating/standards.ts';
import { type ComparedDay, compareDay, type Rated } from './compare.ts';
import { daysOf, type RatedDay } from './days.ts';
import { type MeasuredDays, measuredDays } from './measured-days.ts';

export interface DaysWanted {
  /** `<id>@<version>`. */
  standard: string;
  from: string;
  to: string;
}

export interface ComparedPeriod {
  from: string;
  to: string;
  timeZone: string;
  standardsOf(at: string): { inForce: Standard; replayed: Standard };
}

const registeredAtMs = ({ register }: CompoundPast): number =>
  register.find(({ type }) => type === 'compound.registered')?.atMs ?? Number.POSITIVE_INFINITY;

/** What the measures answer over windows of so many days, on each day. */
export const measuredOver = (
  past: CompoundPast,
  days: readonly RatedDay[],
  { timeZone, windowDays }: { timeZone: string; windowDays: number },
): MeasuredDays | undefined => {
  const windows = days.map(({ at }) => ratingWindow(at, timeZone, windowDays));
  const midnightsMs: number[] = [];
  for (const { fromMs, toMs } of windows) {
    if (midnightsMs.length === 0) {
      for (let back = windowDays; back > 0; back -= 1) {
        midnightsMs.push(ratingWindow(days[0]!.at, timeZone, back).fromMs);
      }
      midnightsMs[0] = fromMs;
    }
    midnightsMs.push(toMs);
  }
  return measuredDays(past, windows, midnightsMs);
};

type Stood = Standing & { stars: number };
type Star = 1 | 2 | 3 | 4 | 5;

/** How a compound stands, in the form in which two of them are compared; the words come only when they differ. */
const comparable = (standard: Standard, stood: Stood): Rated => ({
  stars: stood.stars,
  criteria: stood.judged.map(({ criterion: { id, category }, points, pointsMax }) => ({
    ...{ id, category, points, pointsMax },
  })),
  missingFor: (stars: number) => missingItems(standard, stood, stars as Star),
});

/** A compound's days under the standard in force and under another; `null` for a day on which it wasn't registered. Pure. */
export const compareDays = (past: CompoundPast, period: ComparedPeriod): (ComparedDay | null)[] => {
  const days = daysOf(period.from, period.to, period.timeZone);
  const sinceMs = registeredAtMs(past);
  const measured = new Map<number, MeasuredDays | undefined>();
  const stand = (standard: Standard, day: number): Stood | undefined => {
    const { windowDays } = standard;
    if (!measured.has(windowDays)) measured.set(windowDays, measuredOver(past, days, { ...period, windowDays }));
    const answers = measured.get(windowDays);
    return (
      answers && standingOf(standard, answers.profile(day), (criterion) => answers.measured(day, criterion.measure))
    );
  };
  return days.map(({ day, at }, index) => {
    if (Date.parse(at) <= sinceMs) return null;
    const { inForce, replayed } = period.standardsOf(at);
    const is = stand(inForce, index);
    const wouldBe = inForce === replayed ? is : stand(replayed, index);
    if (is === undefined || wouldBe === undefined) return null;
    return compareDay(day, comparable(inForce, is), comparable(replayed, wouldBe));
  });
};

/** Reads what is known of a compound once, and compares its days. */
export const comparedDays = async (
  sql: Sql,
  { compound, timeZone, standard, from, to }: DaysWanted & { compound: string; timeZone: string },
): Promise<(ComparedDay | null)[]> => {
  const instants = daysOf(from, to, timeZone).map(({ at }) => at);
  const standardsOf = (at: string) => {
    const replayed = findStandard(standard, at);
    if (replayed === undefined) throw new Error(`there is no standard ${standard}`);
    return { inForce: standardInForce(at), replayed };
  };
  const windowDays = Math.max(
    ...instants.map(standardsOf).flatMap(({ inForce, replayed }) => [inForce.windowDays, replayed.windowDays]),
  );
  const [fromMs, toMs] = [Date.parse(instants[0]!), Date.parse(instants.at(-1)!)];
  const past = await loadPast(sql, compound, { fromMs, toMs, windowDays });
  return compareDays(past, { from, to, timeZone, standardsOf });
};
