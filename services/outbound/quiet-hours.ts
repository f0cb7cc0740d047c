import { DateTime } from 'luxon';
import type { QuietHours } from './notice-rules.ts';

/** Clocks of all zones differ from UTC by whole quarters of an hour: within one the day is the same everywhere. */
const quarterMs = 900_000;
const knownMax = 10_000;
const known = new Map<string, WallTime>();

interface WallTime {
  todayMs: number;
  tomorrowMs: number;
}

/** When the clock on the wall shows a time on the day of an instant, and on the next. Asking a zone's rules is dear. */
const wallTime = (atMs: number, time: string, timeZone: string): WallTime => {
  const key = `${timeZone} ${time} ${Math.floor(atMs / quarterMs)}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const [hour, minute] = time.split(':').map(Number);
  const day = DateTime.fromMillis(atMs, { zone: timeZone });
  const today = day.set({ hour: hour!, minute: minute!, second: 0, millisecond: 0 });
  const found = { todayMs: today.toMillis(), tomorrowMs: today.plus({ days: 1 }).toMillis() };
  if (known.size >= knownMax) known.clear();
  known.set(key, found);
  return found;
};

/** That instant, or the end of the quiet hours that it falls into. */
export const afterQuietHours = (atMs: number, { from, to }: QuietHours, timeZone: string): number => {
  const [begins, ends] = [wallTime(atMs, from, timeZone), wallTime(atMs, to, timeZone)];
  if (from === to) return atMs;
  if (from < to) return atMs >= begins.todayMs && atMs < ends.todayMs ? ends.todayMs : atMs;
  // Over midnight: the evening's end is tomorrow's.
  if (atMs >= begins.todayMs) return ends.tomorrowMs;
  return Math.max(atMs, ends.todayMs);
};

/** The next time that the clock on the wall shows this, after that instant. */
export const nextTimeOfDay = (atMs: number, time: string, timeZone: string): number => {
  const { todayMs, tomorrowMs } = wallTime(atMs, time, timeZone);
  return todayMs > atMs ? todayMs : tomorrowMs;
};
