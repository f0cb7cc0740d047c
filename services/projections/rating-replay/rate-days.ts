import type { Sql } from '../../runtime/sql.ts';
import { loadLongPast } from '../star-rating/load-past.ts';
import { missingItems, type Star } from '../star-rating/missing.ts';
import type { CompoundPast, Stretch } from '../star-rating/past.ts';
import { ratingWindow, standingOf } from '../star-rating/rate.ts';
import type { Standard } from '../star-rating/standard.ts';
import { findStandard, standardInForce } from '../star-rating/standards.ts';
import { answerOn } from './answers.ts';
import { type ComparedDay, compareDay, type Rated } from './compare.ts';
import { type DayWindows, dayWindows } from './day-series.ts';
import { daysOf, type RatedDay } from './days.ts';
import { type MeasuredDays, measuredDays } from './measured-days.ts';
import { starsByDay } from './stars-by-day.ts';

export interface DaysWanted {
  /** `<id>@<version>`. */
  standard: string;
  from: string;
  to: string;
}

interface ComparedStandards {
  inForce: Standard;
  replayed: Standard;
}

/** The days that are compared, and what they have in common for every compound of their time zone. */
export interface ComparedPeriod {
  days: readonly (RatedDay & ComparedStandards)[];
  /** For standards whose windows have so many days. */
  windows(windowDays: number): DayWindows;
}

const windowsOf = (days: readonly RatedDay[], timeZone: string, windowDays: number): DayWindows => {
  const windows = days.map(({ at }) => ratingWindow(at, timeZone, windowDays));
  const beforeFirst = Array.from({ length: windowDays }, (_, day) => windowDays - day).map(
    (back) => ratingWindow(days[0]!.at, timeZone, back).fromMs,
  );
  return dayWindows(windows, [...beforeFirst, ...windows.map(({ toMs }) => toMs)]);
};

export const comparedPeriod = ({
  from,
  to,
  timeZone,
  standardsOf,
}: Omit<DaysWanted, 'standard'> & { timeZone: string; standardsOf(at: string): ComparedStandards }): ComparedPeriod => {
  const days = daysOf(from, to, timeZone).map((day) => ({ ...day, ...standardsOf(day.at) }));
  const known = new Map<number, DayWindows>();
  return {
    days,
    windows(windowDays) {
      const windows = known.get(windowDays) ?? windowsOf(days, timeZone, windowDays);
      known.set(windowDays, windows);
      return windows;
    },
  };
};

const registeredAtMs = ({ register }: CompoundPast): number =>
  register.find(({ type }) => type === 'compound.registered')?.atMs ?? Number.POSITIVE_INFINITY;

/** How a compound stands on one day, in the form in which two of them are compared. */
const ratedOn = (standard: Standard, { profiles, answers }: MeasuredDays, day: number): Rated => {
  const stood = standingOf(standard, profiles[day]!, ({ measure }) => answerOn(answers(measure), day));
  return {
    stars: stood.stars,
    criteria: () =>
      stood.judged.map(({ criterion: { id, category }, points, pointsMax }) => ({ id, category, points, pointsMax })),
    missingFor: (stars) => missingItems(standard, stood, stars as Star),
  };
};

/** A compound's days under the standard in force and under another; `null` for a day on which it wasn't registered. Pure. */
export const compareDays = (past: CompoundPast, { days, windows }: ComparedPeriod): (ComparedDay | null)[] => {
  const sinceMs = registeredAtMs(past);
  const measured = new Map<number, MeasuredDays | undefined>();
  const measuredFor = ({ windowDays }: Standard): MeasuredDays | undefined => {
    if (!measured.has(windowDays)) measured.set(windowDays, measuredDays(past, windows(windowDays)));
    return measured.get(windowDays);
  };
  const known = new Map<Standard, Uint8Array>();
  const starsUnder = (standard: Standard, answers: MeasuredDays): Uint8Array => {
    const stars = known.get(standard) ?? starsByDay(standard, answers);
    known.set(standard, stars);
    return stars;
  };
  return days.map(({ day, at, inForce, replayed }, index) => {
    if (Date.parse(at) <= sinceMs) return null;
    const [is, wouldBe] = [measuredFor(inForce), measuredFor(replayed)];
    if (is === undefined || wouldBe === undefined) return null;
    const starsInForce = starsUnder(inForce, is)[index]!;
    const starsReplayed = starsUnder(replayed, wouldBe)[index]!;
    if (starsInForce === starsReplayed) return { day, starsInForce, starsReplayed, criteria: [] };
    return compareDay(day, ratedOn(inForce, is, index), ratedOn(replayed, wouldBe, index));
  });
};

const hourMs = 3_600_000;

/** What has to be read of a compound for a period; its counts in no smaller pieces than the windows make. */
const stretchOf = ({ days, windows }: ComparedPeriod): Stretch => {
  const lengths = [...new Set(days.flatMap(({ inForce, replayed }) => [inForce.windowDays, replayed.windowDays]))];
  const edges = lengths.flatMap((windowDays) => windows(windowDays).edgesMs);
  const hours = edges.flatMap((ms) => [Math.floor(ms / hourMs), Math.ceil(ms / hourMs)]);
  return {
    fromMs: Date.parse(days[0]!.at),
    toMs: Date.parse(days.at(-1)!.at),
    windowDays: Math.max(...lengths),
    summedAlike: true,
    cutHours: [...new Set(hours.map((hour) => hour % 24))],
  };
};

interface PeriodToRead {
  key: string;
  period: ComparedPeriod;
  stretch: Stretch;
}

/** A city is rated over the same period, one compound after the other. */
let newest: PeriodToRead | undefined;
const periodToRead = ({ standard, from, to, timeZone }: DaysWanted & { timeZone: string }): PeriodToRead => {
  const key = [standard, from, to, timeZone].join(' ');
  if (newest?.key !== key) {
    const standardsOf = (at: string): ComparedStandards => {
      const replayed = findStandard(standard, at);
      if (replayed === undefined) throw new Error(`there is no standard ${standard}`);
      return { inForce: standardInForce(at), replayed };
    };
    const period = comparedPeriod({ from, to, timeZone, standardsOf });
    newest = { key, period, stretch: stretchOf(period) };
  }
  return newest;
};

/** Reads what is known of a compound once, and compares its days. */
export const comparedDays = async (
  sql: Sql,
  { compound, ...wanted }: DaysWanted & { compound: string; timeZone: string },
): Promise<(ComparedDay | null)[]> => {
  const { period, stretch } = periodToRead(wanted);
  return compareDays(await loadLongPast(sql, compound, stretch), period);
};
