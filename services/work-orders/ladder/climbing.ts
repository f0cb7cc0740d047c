import { isoTime } from '../../runtime/clock.ts';
import { type ClockStep, clockSteps } from '../commands.ts';
import type { Raised, WorkOrderEvent } from '../order-events.ts';
import type { Ladder } from './ladder.ts';
import { type MatterState, whistleOf } from './matter-state.ts';
import type { MatterCommand, Moment } from './matter-wish.ts';
import { addWorkingDays } from './working-days.ts';

/** As much of an open order as says when it leaves the property company. */
export interface WatchedOrder {
  order: string;
  revision: number;
  raised: Pick<Raised, 'compound' | 'title' | 'text' | 'priority' | 'serviceLevel' | 'late'>;
  /** The zone of its service hours; `null` where its clocks run day and night. */
  serviceZone: string | null;
  /** Steps whose clock ran out before they were done, and the instant they had. */
  breaches: Partial<Record<ClockStep, string>>;
  done: ClockStep[];
  paused: boolean;
  /** How and when it was closed or cancelled. */
  ended: { outcome: string; at: string } | null;
  /** That it stands, or stood, on the ladder in. */
  matter: string | null;
  matterOpen: boolean;
  /** An emergency whistle was blown for it. */
  urged: boolean;
}

const watchedFrom = (order: string, raised: Raised, revision: number): WatchedOrder => ({
  order,
  revision,
  raised: {
    compound: raised.compound,
    title: raised.title,
    ...(raised.text === undefined ? {} : { text: raised.text }),
    priority: raised.priority,
    serviceLevel: raised.serviceLevel,
    late: raised.late,
  },
  serviceZone: raised.serviceHours?.timeZone ?? null,
  breaches: {},
  done: [],
  paused: false,
  ended: null,
  matter: null,
  matterOpen: false,
  urged: false,
});

/** A step that was made by its time is no breach, whatever a clock that ran ahead said of it. */
const madeAt = (watched: WatchedOrder, steps: readonly ClockStep[], at: string): WatchedOrder => {
  const isInTime = (step: ClockStep): boolean => steps.includes(step) && at <= (watched.breaches[step] ?? '');
  return {
    ...watched,
    done: [...new Set([...watched.done, ...steps])],
    breaches: Object.fromEntries(Object.entries(watched.breaches).filter(([step]) => !isInTime(step as ClockStep))),
  };
};

const without = (steps: WatchedOrder['breaches'], gone: ClockStep): WatchedOrder['breaches'] =>
  Object.fromEntries(Object.entries(steps).filter(([step]) => step !== gone));

const afterEvent = (watched: WatchedOrder, event: WorkOrderEvent, at: string): WatchedOrder => {
  switch (event.type) {
    case 'work-order.overdue':
      return { ...watched, breaches: { ...watched.breaches, [event.data.step]: event.data.dueAt } };
    case 'work-order.overdue-withdrawn':
      return { ...watched, breaches: without(watched.breaches, event.data.step) };
    case 'work-order.acknowledged':
      return madeAt(watched, ['acknowledge'], at);
    case 'work-order.arrived':
      return madeAt(watched, ['acknowledge', 'onSite'], at);
    case 'work-order.resolved':
      return madeAt(watched, clockSteps, at);
    case 'work-order.reopened':
      return { ...watched, done: watched.done.filter((step) => step !== 'resolve') };
    case 'work-order.paused':
      return { ...watched, paused: true };
    case 'work-order.resumed':
    case 'work-order.transferred':
      return { ...watched, paused: false };
    case 'work-order.closed':
      return { ...watched, ended: { outcome: event.data.outcome, at } };
    case 'work-order.cancelled':
      return { ...watched, ended: { outcome: 'cancelled', at } };
    default:
      return watched;
  }
};

/** What `watchOrder` looks at. */
export const watchedTypes = [
  'raised',
  'overdue',
  'overdue-withdrawn',
  'acknowledged',
  'arrived',
  'resolved',
  'reopened',
  'paused',
  'resumed',
  'transferred',
  'closed',
  'cancelled',
].map((fact) => `work-order.${fact}`);

interface Told {
  order: string;
  revision: number;
  at: string;
}

/** The watched order after one event; an event that it has seen changes nothing. */
export const watchOrder = (
  watched: WatchedOrder | undefined,
  event: WorkOrderEvent,
  { order, revision, at }: Told,
): WatchedOrder | undefined => {
  if (watched !== undefined && revision <= watched.revision) return watched;
  if (event.type === 'work-order.raised') return watchedFrom(order, event.data, revision);
  return watched && { ...afterEvent(watched, event, at), revision };
};

export interface Climb {
  cause: 'breaches' | 'overdue' | 'urgent-overrun';
  atMs: number;
}

const overdueEndMs = (dueAt: string, serviceZone: string | null, { overdue }: Ladder['climbing']): number =>
  serviceZone === null
    ? Date.parse(dueAt) + overdue.hours * 3_600_000
    : addWorkingDays(Date.parse(dueAt), overdue.workingDays, serviceZone);

const isUrgent = ({ raised: { priority, late } }: WatchedOrder, { urgent }: Ladder['climbing']): boolean =>
  !late && urgent.priorities.includes(priority);

/** When an order leaves the property company, and why; `undefined` while nothing leads there. */
export const nextClimb = (watched: WatchedOrder, { climbing }: Ladder): Climb | undefined => {
  const { breaches, serviceZone, done, paused } = watched;
  if (watched.ended !== null) return undefined;
  const climbs: Climb[] = [];
  const overran = climbing.urgent.steps.flatMap((step) => breaches[step] ?? []).sort()[0];
  if (overran !== undefined && !watched.urged && isUrgent(watched, climbing))
    climbs.push({ cause: 'urgent-overrun', atMs: Date.parse(overran) });
  if (watched.matter === null) {
    const last = Object.values(breaches).sort()[climbing.breaches.count - 1];
    if (last !== undefined) climbs.push({ cause: 'breaches', atMs: Date.parse(last) });
    const open = paused ? [] : clockSteps.filter((step) => !done.includes(step));
    for (const step of open) {
      const dueAt = breaches[step];
      if (dueAt !== undefined) climbs.push({ cause: 'overdue', atMs: overdueEndMs(dueAt, serviceZone, climbing) });
    }
  }
  // Of two that come together the urgent one was put in first.
  return climbs.sort((a, b) => a.atMs - b.atMs)[0];
};

/** When the hub has something to do about it. */
export const watchTimer = (watched: WatchedOrder, ladder: Ladder): string | null => {
  if (watched.ended !== null) return watched.ended.at;
  const climb = nextClimb(watched, ladder);
  return climb === undefined ? null : isoTime(climb.atMs);
};

/**
 * The matter that hears of it. One that came by itself is named after its order, so that whoever sees the order climb
 * names the same stream.
 */
export const matterFor = ({ order, matter, matterOpen }: WatchedOrder): string => {
  if (matter === null) return `o-${order}`;
  return matterOpen ? matter : `o-${order}-urgent`;
};

/** Where an order's compound lies. */
export interface Surroundings {
  street: string | undefined;
  timeZone: string;
}

/** What the hub says of an order to its matter, which may have to be made. */
export const climbCommand = (
  watched: WatchedOrder,
  ladder: Ladder,
  { moment, where, matter }: { moment: Moment; where: Surroundings; matter: MatterState },
): MatterCommand | undefined => {
  const { order, raised, ended } = watched;
  if (ended !== null) return { ...moment, type: 'record-order-end', data: { order, outcome: ended.outcome } };
  const climb = nextClimb(watched, ladder);
  if (climb === undefined || climb.atMs > Date.parse(moment.at)) return undefined;
  const { urgent } = ladder.climbing;
  const called = urgent.departments[raised.serviceLevel] ?? urgent.otherwise;
  if (climb.cause === 'urgent-overrun' && matter.state !== 'none') {
    const departments = called.filter((department) => whistleOf(matter, department) === undefined);
    if (departments.length === 0) return undefined;
    return { ...moment, type: 'blow-emergency', data: { departments, reason: raised.title.zh } };
  }
  const { compound, title, text, priority } = raised;
  const { street, timeZone } = where;
  return {
    ...moment,
    type: 'refer',
    data: {
      ...{ compound, timeZone, title, orders: [order], priority, cause: climb.cause },
      ...(street === undefined ? {} : { street: street.slice(0, 100) }),
      ...(text === undefined ? {} : { text }),
      ...(climb.cause === 'urgent-overrun' ? { departments: called } : {}),
    },
  };
};
