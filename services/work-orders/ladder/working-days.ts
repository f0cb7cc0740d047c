import { DateTime } from 'luxon';
import { isWorkingDay } from '../calendar.ts';

const isWorked = (day: DateTime): boolean => isWorkingDay(day.toISODate()!);

/** That many working days on from a day, or back. */
const stepped = (from: DateTime, days: number): DateTime => {
  let day = from;
  for (let left = Math.abs(days); left > 0; ) {
    day = day.plus({ days: Math.sign(days) });
    if (isWorked(day)) left -= 1;
  }
  return day;
};

const dayOf = (ms: number, timeZone: string): DateTime => DateTime.fromMillis(ms, { zone: timeZone }).startOf('day');
const endOf = (day: DateTime): number => day.plus({ days: 1 }).toMillis();

/** The end of the last of so many working days. The day itself doesn't count, as in every deadline of an office. */
export const addWorkingDays = (fromMs: number, days: number, timeZone: string): number =>
  endOf(stepped(dayOf(fromMs, timeZone), days));

/** The end of the working day that comes so many before the one whose end this is. */
export const workingDaysBefore = (dueMs: number, days: number, timeZone: string): number =>
  addWorkingDays(dueMs - 1, -days, timeZone);

/** When the first working day begins that is wholly after an instant. */
export const nextWorkingDay = (afterMs: number, timeZone: string): number => {
  const began = dayOf(afterMs, timeZone);
  if (began.toMillis() === afterMs && isWorked(began)) return afterMs;
  return stepped(began, 1).toMillis();
};
