import { DateTime } from 'luxon';
import { type Decider, Refusal } from '../event-log/decider.ts';
import { isoTime } from '../runtime/clock.ts';
import { newOrderId } from './order-id.ts';
import type { RoundEvent, RoundPlan } from './round-events.ts';

interface Occurrence {
  dueAt: string;
  until: string;
  order: string;
  checked: Readonly<Record<string, 'ok' | 'finding'>>;
  missed: boolean;
  done: boolean;
}

export interface RoundState {
  plan: RoundPlan | null;
  timeZone: string;
  ended: boolean;
  /** The newest day that was started or skipped. */
  last: string | null;
  /** The newest ones by day: an older one that was never done has been missed for long. */
  occurrences: Readonly<Record<string, Occurrence>>;
}

export type RoundCommand =
  | { type: 'plan'; plan: RoundPlan; timeZone: string; today: string }
  | { type: 'tick'; round: string; at: string }
  | { type: 'check'; occurrence: string; stop: string; result: 'ok' | 'finding'; note?: string; order?: string }
  | { type: 'end'; reason?: string };

const occurrencesKept = 10;
/** As many as come out of one look: what is left comes with the next. */
const ticksMax = 200;

const dayOf = ({ firstDay, every }: RoundPlan, index: number): DateTime => {
  const units = { day: 'days', week: 'weeks', month: 'months' } as const;
  // From the first day each: counted from the one before, a round of the 31st would stay on the 28th for ever.
  return DateTime.fromISO(firstDay, { zone: 'utc' }).plus({ [units[every.unit]]: index * every.count });
};

/** The first day after another on which a round is due; `undefined` once the plan has run out. */
export const nextDay = (plan: RoundPlan, after: string | null): string | undefined => {
  const daysEach = { day: 1, week: 7, month: 31 }[plan.every.unit] * plan.every.count;
  const passed = after === null ? 0 : DateTime.fromISO(after).diff(DateTime.fromISO(plan.firstDay), 'days').days;
  for (let index = Math.max(0, Math.floor(passed / daysEach) - 1); ; index += 1) {
    const day = dayOf(plan, index).toISODate()!;
    if (plan.lastDay !== undefined && day > plan.lastDay) return undefined;
    if (after === null || day > after) return day;
  }
};

/** When the round of a day is due and missed; a local time that a change of clocks leaves out comes an hour later. */
export const windowOf = ({ at, withinMinutes }: RoundPlan, timeZone: string, day: string) => {
  const dueMs = DateTime.fromISO(`${day}T${at}`, { zone: timeZone }).toMillis();
  return { dueAt: isoTime(dueMs), until: isoTime(dueMs + withinMinutes * 60_000) };
};

export const roundOrderId = (round: string, occurrence: string): string =>
  newOrderId(JSON.stringify(['round', round, occurrence]));

export const findingOrder = (round: string, occurrence: string, stop: string): string =>
  newOrderId(JSON.stringify(['finding', round, occurrence, stop]));

/** The next instant at which the hub has something to say by itself. */
export const nextTimer = ({ plan, timeZone, ended, last, occurrences }: RoundState): string | null => {
  if (plan === null) return null;
  const day = ended ? undefined : nextDay(plan, last);
  const ends = Object.values(occurrences).flatMap(({ until, missed, done }) => (missed || done ? [] : [until]));
  return [...ends, ...(day === undefined ? [] : [windowOf(plan, timeZone, day).dueAt])].sort()[0] ?? null;
};

const decideTick = ({ round, at }: { round: string; at: string }, state: RoundState): RoundEvent[] => {
  const { plan, timeZone, ended, occurrences } = state;
  if (plan === null) return [];
  const events: RoundEvent[] = Object.entries(occurrences)
    .filter(([, { until, missed, done }]) => !missed && !done && until <= at)
    .map(([occurrence, { dueAt, checked }]) => ({
      type: 'round.missed',
      data: { occurrence, dueAt, checked: Object.keys(checked).length, stops: plan.stops.length },
    }));
  let day = ended ? undefined : nextDay(plan, state.last);
  for (let count = 0; day !== undefined && count < ticksMax; count += 1) {
    const { dueAt, until } = windowOf(plan, timeZone, day);
    if (dueAt > at) break;
    events.push(
      until <= at
        ? { type: 'round.skipped', data: { occurrence: day, dueAt } }
        : { type: 'round.started', data: { occurrence: day, dueAt, until, order: roundOrderId(round, day) } },
    );
    day = nextDay(plan, day);
  }
  return events;
};

const decideCheck = (command: Extract<RoundCommand, { type: 'check' }>, state: RoundState): RoundEvent[] => {
  const { occurrence, stop, result, note, order } = command;
  const found = state.occurrences[occurrence];
  if (state.plan === null || found === undefined) {
    throw new Refusal('round.unknown-occurrence', `no round of ${occurrence} is under way`);
  }
  const known = found.checked[stop];
  if (known === result) return [];
  if (known !== undefined) throw new Refusal('round.stop-checked', `stop ${stop} was checked already: ${known}`);
  if (!state.plan.stops.some(({ id }) => id === stop)) {
    throw new Refusal('round.unknown-stop', `the round has no stop ${stop}`);
  }
  if (result === 'finding' && note === undefined) {
    throw new Refusal('round.note-missing', 'note: a finding says what was found', { field: 'note' });
  }
  const data = {
    ...{ occurrence, stop, result },
    ...(note === undefined ? {} : { note }),
    ...(order === undefined ? {} : { order }),
  };
  const checked: RoundEvent = { type: 'round.stop-checked', data };
  const all = { ...found.checked, [stop]: result };
  if (!state.plan.stops.every(({ id }) => id in all)) return [checked];
  const findings = Object.values(all).filter((value) => value === 'finding').length;
  return [checked, { type: 'round.done', data: { occurrence, dueAt: found.dueAt, findings } }];
};

const decide = (command: RoundCommand, state: RoundState): RoundEvent[] => {
  if (command.type === 'tick') return decideTick(command, state);
  if (command.type === 'plan') {
    const { plan, timeZone, today } = command;
    if (state.ended) throw new Refusal('round.ended', 'the plan was ended; make a new one');
    if (state.plan !== null && state.plan.compound !== plan.compound) {
      throw new Refusal('round.not-fitting', 'compound: a plan stays with its compound', { field: 'compound' });
    }
    if (plan.firstDay < today && plan.firstDay !== state.plan?.firstDay) {
      throw new Refusal('round.not-fitting', `firstDay: ${plan.firstDay} is over`, { field: 'firstDay' });
    }
    if (JSON.stringify(plan) === JSON.stringify(state.plan)) return [];
    return [{ type: 'round.planned', data: { plan, timeZone } }];
  }
  if (state.plan === null) throw new Refusal('round.unknown', 'there is no such plan of rounds');
  if (command.type === 'check') return decideCheck(command, state);
  if (state.ended) return [];
  return [{ type: 'round.ended', data: command.reason === undefined ? {} : { reason: command.reason } }];
};

const withOccurrence = (state: RoundState, day: string, change: Partial<Occurrence>): RoundState => {
  const before = state.occurrences[day];
  if (before === undefined) return state;
  return { ...state, occurrences: { ...state.occurrences, [day]: { ...before, ...change } } };
};

const evolve = (state: RoundState, { type, data }: RoundEvent): RoundState => {
  switch (type) {
    case 'round.planned':
      return { ...state, plan: data.plan, timeZone: data.timeZone };
    case 'round.started': {
      const { occurrence, dueAt, until, order } = data;
      const fresh = { dueAt, until, order, checked: {}, missed: false, done: false };
      const all = Object.entries({ ...state.occurrences, [occurrence]: fresh }).sort(([a], [b]) => a.localeCompare(b));
      return { ...state, last: occurrence, occurrences: Object.fromEntries(all.slice(-occurrencesKept)) };
    }
    case 'round.skipped':
      return { ...state, last: data.occurrence };
    case 'round.stop-checked': {
      const checked = state.occurrences[data.occurrence]?.checked ?? {};
      return withOccurrence(state, data.occurrence, { checked: { ...checked, [data.stop]: data.result } });
    }
    case 'round.done':
      return withOccurrence(state, data.occurrence, { done: true });
    case 'round.missed':
      return withOccurrence(state, data.occurrence, { missed: true });
    case 'round.ended':
      return { ...state, ended: true };
  }
};

export const noRound: RoundState = { plan: null, timeZone: 'Asia/Shanghai', ended: false, last: null, occurrences: {} };
export const rounds: Decider<RoundState, RoundCommand, RoundEvent> = { initial: noRound, evolve, decide };
