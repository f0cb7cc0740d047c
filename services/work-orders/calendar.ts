import { createRequire } from 'node:module';
import { DateTime } from 'luxon';
import { z } from 'zod';
import type { ZonedServiceHours } from '../runtime/service-hours.ts';

/**
 * The State Council's notices, by day. Of the library only the data: its functions work days out in the machine's own
 * zone, and west of Greenwich answer for the day before.
 */
const notices = z
  .object({ holidays: z.record(z.string(), z.string()), workdays: z.record(z.string(), z.string()) })
  .parse(createRequire(import.meta.url)('chinese-days/dist/chinese-days.json'));

/** Whether a day (`2026-02-17`) is worked; a year that has no notice yet goes by its weekdays. */
export const isWorkingDay = (day: string): boolean => {
  if (day in notices.workdays) return true;
  return !(day in notices.holidays) && DateTime.fromISO(day, { zone: 'utc' }).weekday <= 5;
};

/** Far beyond the longest clock: a contract whose hours never come would otherwise be asked for ever. */
const daysMax = 3_660;

interface Opening {
  fromMs: number;
  toMs: number;
}

const msOf = (day: DateTime, time: string): number => {
  const [hour, minute] = time.split(':').map(Number);
  const at = hour === 24 ? day.plus({ days: 1 }) : day.set({ hour: hour!, minute: minute! });
  return at.toMillis();
};

/** The service hours from an instant on, day by day. */
function* openings(fromMs: number, { from, to, days, timeZone }: ZonedServiceHours): Generator<Opening> {
  const firstDay = DateTime.fromMillis(fromMs, { zone: timeZone }).startOf('day');
  for (let count = 0; count < daysMax; count += 1) {
    const day = firstDay.plus({ days: count });
    if (days === 'working-days' && !isWorkingDay(day.toISODate()!)) continue;
    const opening = { fromMs: Math.max(fromMs, msOf(day, from)), toMs: msOf(day, to) };
    if (opening.fromMs < opening.toMs) yield opening;
  }
}

/** The instant at which so much service time has passed since another. Without hours the clock runs day and night. */
export const plusServiceTime = (fromMs: number, durationMs: number, hours: ZonedServiceHours | undefined): number => {
  if (hours === undefined || durationMs <= 0) return fromMs + Math.max(0, durationMs);
  let leftMs = durationMs;
  for (const opening of openings(fromMs, hours)) {
    const openMs = opening.toMs - opening.fromMs;
    if (leftMs <= openMs) return opening.fromMs + leftMs;
    leftMs -= openMs;
  }
  return fromMs + durationMs;
};

/** How much service time lies between two instants; nothing where the second comes first. */
export const serviceTimeBetween = (fromMs: number, toMs: number, hours: ZonedServiceHours | undefined): number => {
  if (toMs <= fromMs) return 0;
  if (hours === undefined) return toMs - fromMs;
  let sumMs = 0;
  for (const opening of openings(fromMs, hours)) {
    if (opening.fromMs >= toMs) break;
    sumMs += Math.min(opening.toMs, toMs) - opening.fromMs;
  }
  return sumMs;
};
