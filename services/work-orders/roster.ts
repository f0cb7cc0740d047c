import { z } from 'zod';
import { type Decider, Refusal } from '../event-log/decider.ts';

/** 楼宇管家, the technician of a trade, the control room, and who is called when they don't answer. */
export const dutyRoles = ['steward', 'technician', 'control-room', 'supervisor'] as const;
export type DutyRole = (typeof dutyRoles)[number];

const id = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'kebab-case')
  .max(64);
const day = z.iso.date();
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM');
const person = z.string().trim().min(1).max(100);

export const shift = z.strictObject({
  id,
  person,
  role: z.enum(dutyRoles),
  /** Left out: every building, or every trade. */
  building: id.optional(),
  trade: z.string().trim().min(1).max(64).optional(),
  /** Monday is 1; left out, every day. */
  weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).optional(),
  /** Worked and free days by the State Council's notice, unless the compound's own list says otherwise. */
  on: z.enum(['every-day', 'working-days', 'free-days']).default('every-day'),
  /** In the compound's zone. An end that isn't after the beginning is on the next day; both alike are 24 hours. */
  from: time,
  to: time,
  firstDay: day.optional(),
  lastDay: day.optional(),
});
export type Shift = z.infer<typeof shift>;

export const swap = z.strictObject({
  id,
  shift: id,
  /** The day on which the shift begins. */
  day,
  person,
  reason: z.string().max(500).optional(),
});
export type Swap = z.infer<typeof swap>;

/** The compound's own word on a day: `null` takes it back, and the country's calendar holds. */
export const dayNamed = z.strictObject({ day, working: z.boolean().nullable() });

/** A compound's duty roster, on stream `roster-<compound>`. The order of the shifts is the order in which people are called. */
export const rosterEvents = {
  'roster.drawn-up': z.strictObject({ shifts: z.array(shift).max(500) }),
  'roster.swapped': swap,
  'roster.swap-withdrawn': z.strictObject({ id }),
  'roster.day-named': dayNamed,
} as const satisfies Record<string, z.ZodType>;

type Events = typeof rosterEvents;
export type RosterEvent = { [Type in keyof Events]: { type: Type; data: z.infer<Events[Type]> } }[keyof Events];

export interface Roster {
  shifts: Shift[];
  swaps: Swap[];
  /** Days that the compound named itself: worked or free. */
  days: Record<string, boolean>;
}

export type RosterCommand =
  | { type: 'draw-up'; data: { shifts: Shift[] } }
  | { type: 'swap'; data: Swap }
  | { type: 'withdraw-swap'; data: { id: string } }
  | { type: 'name-day'; data: z.infer<typeof dayNamed> };

export const rosterStream = (compound: string): string => `roster-${compound}`;

/** Swaps of long ago say nothing about who is on duty. */
const swapsMax = 1_000;

const checkShifts = (shifts: readonly Shift[]): void => {
  const ids = new Set<string>();
  for (const { id: shiftId, firstDay, lastDay } of shifts) {
    if (ids.has(shiftId))
      throw new Refusal('roster.duplicate-shift', `two shifts are called ${shiftId}`, { field: 'shifts' });
    if (firstDay !== undefined && lastDay !== undefined && lastDay < firstDay) {
      throw new Refusal('roster.days-reversed', `${shiftId}: its last day is before its first`, { field: 'shifts' });
    }
    ids.add(shiftId);
  }
};

const decide = (command: RosterCommand, roster: Roster): RosterEvent[] => {
  switch (command.type) {
    case 'draw-up':
      checkShifts(command.data.shifts);
      return [{ type: 'roster.drawn-up', data: command.data }];
    case 'swap': {
      const swapped = roster.shifts.find((candidate) => candidate.id === command.data.shift);
      if (swapped === undefined) {
        throw new Refusal('roster.unknown-shift', `the roster has no shift ${command.data.shift}`, { field: 'shift' });
      }
      return [{ type: 'roster.swapped', data: command.data }];
    }
    case 'withdraw-swap':
      if (!roster.swaps.some((candidate) => candidate.id === command.data.id)) {
        throw new Refusal('roster.unknown-swap', `the roster has no swap ${command.data.id}`);
      }
      return [{ type: 'roster.swap-withdrawn', data: command.data }];
    case 'name-day':
      return [{ type: 'roster.day-named', data: command.data }];
  }
};

const evolve = (roster: Roster, event: RosterEvent): Roster => {
  switch (event.type) {
    case 'roster.drawn-up':
      return { ...roster, shifts: event.data.shifts };
    case 'roster.swapped': {
      const others = roster.swaps.filter(({ shift: of, day: on }) => of !== event.data.shift || on !== event.data.day);
      return { ...roster, swaps: [...others, event.data].slice(-swapsMax) };
    }
    case 'roster.swap-withdrawn':
      return { ...roster, swaps: roster.swaps.filter((candidate) => candidate.id !== event.data.id) };
    case 'roster.day-named': {
      const { [event.data.day]: _before, ...days } = roster.days;
      return {
        ...roster,
        days: event.data.working === null ? days : { ...days, [event.data.day]: event.data.working },
      };
    }
  }
};

export const emptyRoster: Roster = { shifts: [], swaps: [], days: {} };

export const roster: Decider<Roster, RosterCommand, RosterEvent> = { initial: emptyRoster, evolve, decide };
