import { DateTime } from 'luxon';
import { isoTime } from '../../runtime/clock.ts';

export interface RatedDay {
  /** `YYYY-MM-DD` of the compound's own calendar. */
  day: string;
  /** Its end, which is the beginning of the day after. */
  at: string;
}

/** The days of a period, both ends included, each with the instant at which it is over there. */
export const daysOf = (from: string, to: string, timeZone: string): RatedDay[] => {
  const days: RatedDay[] = [];
  let next = DateTime.fromISO(from, { zone: timeZone }).startOf('day');
  for (let day = from; day <= to; day = next.toISODate()!) {
    next = next.plus({ days: 1 }).startOf('day');
    days.push({ day, at: isoTime(next.toMillis()) });
  }
  return days;
};

export const dayCount = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;
