import { DateTime } from 'luxon';
import { isWorkingDay } from './calendar.ts';
import type { DutyRole, Roster, Shift } from './roster.ts';

export interface DutyQuestion {
  role?: DutyRole | undefined;
  building?: string | undefined;
  trade?: string | undefined;
}

export interface OnDuty {
  person: string;
  role: DutyRole;
  shift: string;
  until: string;
}

const minutesOf = (time: string): { hour: number; minute: number } => {
  const [hour, minute] = time.split(':').map(Number);
  return { hour: hour!, minute: minute! };
};

/** Whether the shift begins on that day at all. */
const isHeldOn = ({ days }: Roster, shift: Shift, date: DateTime): boolean => {
  const day = date.toISODate()!;
  if (shift.firstDay !== undefined && day < shift.firstDay) return false;
  if (shift.lastDay !== undefined && day > shift.lastDay) return false;
  if (shift.weekdays !== undefined && !shift.weekdays.includes(date.weekday)) return false;
  if (shift.on === 'every-day') return true;
  return (days[day] ?? isWorkingDay(day)) === (shift.on === 'working-days');
};

/** The turn of a shift that an instant falls into: today's, or one that began yesterday and runs over midnight. */
const turnAt = (roster: Roster, shift: Shift, at: DateTime): { person: string; until: string } | undefined => {
  for (const date of [at.startOf('day'), at.startOf('day').minus({ days: 1 })]) {
    const from = date.set(minutesOf(shift.from));
    const nextDay = shift.to <= shift.from;
    const to = date.plus({ days: nextDay ? 1 : 0 }).set(minutesOf(shift.to));
    if (at < from || at >= to || !isHeldOn(roster, shift, date)) continue;
    const swapped = roster.swaps.find(({ shift: of, day }) => of === shift.id && day === date.toISODate());
    return { person: swapped?.person ?? shift.person, until: to.toUTC().toISO()! };
  }
  return undefined;
};

/** How closely a shift is meant for what is asked; `undefined` where it is for another building, trade or role. */
const closeness = (shift: Shift, { role, building, trade }: DutyQuestion): number | undefined => {
  if (role !== undefined && shift.role !== role) return undefined;
  if (shift.building !== undefined && shift.building !== building) return undefined;
  if (shift.trade !== undefined && shift.trade !== trade) return undefined;
  return (shift.building === undefined ? 0 : 2) + (shift.trade === undefined ? 0 : 1);
};

/**
 * Who has duty at that instant, in the order in which they are called: first those of this very building, then of this
 * trade, then of everything, each as the roster lists them, nobody twice.
 */
export const onDuty = (roster: Roster, question: DutyQuestion, atMs: number, timeZone: string): OnDuty[] => {
  const meant = roster.shifts.flatMap((shift) => {
    const score = closeness(shift, question);
    return score === undefined ? [] : [{ shift, score }];
  });
  // Most compounds have no roster, and asking a zone's rules is dear.
  if (meant.length === 0) return [];
  const at = DateTime.fromMillis(atMs, { zone: timeZone });
  const found = meant.flatMap(({ shift, score }) => {
    const turn = turnAt(roster, shift, at);
    return turn === undefined ? [] : [{ score, ...turn, role: shift.role, shift: shift.id }];
  });
  const inOrder = found.sort((left, right) => right.score - left.score);
  const firstOf = new Set<string>();
  return inOrder.flatMap(({ score: _score, ...duty }) => {
    if (firstOf.has(duty.person)) return [];
    firstOf.add(duty.person);
    return [duty];
  });
};
