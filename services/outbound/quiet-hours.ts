import { DateTime } from 'luxon';
import type { QuietHours } from './notice-rules.ts';

const atTime = (day: DateTime, time: string): DateTime => {
  const [hour, minute] = time.split(':').map(Number);
  return day.set({ hour: hour!, minute: minute!, second: 0, millisecond: 0 });
};

/** That instant, or the end of the quiet hours that it falls into. */
export const afterQuietHours = (atMs: number, { from, to }: QuietHours, timeZone: string): number => {
  const at = DateTime.fromMillis(atMs, { zone: timeZone });
  const [begins, ends] = [atTime(at, from), atTime(at, to)];
  if (from === to) return atMs;
  if (from < to) return at >= begins && at < ends ? ends.toMillis() : atMs;
  // Over midnight: the evening's end is tomorrow's.
  if (at >= begins) return ends.plus({ days: 1 }).toMillis();
  return at < ends ? ends.toMillis() : atMs;
};

/** The next time that the clock on the wall shows this, after that instant. */
export const nextTimeOfDay = (atMs: number, time: string, timeZone: string): number => {
  const today = atTime(DateTime.fromMillis(atMs, { zone: timeZone }), time);
  return today.toMillis() > atMs ? today.toMillis() : today.plus({ days: 1 }).toMillis();
};
