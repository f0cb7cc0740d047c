import type { DeviceFacts, RatingFacts, WorkOrderFacts } from '../star-rating/facts.ts';
import { clip, type Interval, union } from '../star-rating/intervals.ts';

const dayMs = 86_400_000;
/** Two days, so that what devices do by night and by day is in it, and one bad hour isn't all of it. */
export const patternDays = 2;

/** What minutes have shown, over and over again for weeks, would be millions of copies: it is drawn out to a day. */
const drawnOutMs = dayMs;

/** What is to come: `of`, over and over again from its end until `untilMs`. */
const repeated = (intervals: readonly Interval[], of: Interval, untilMs: number): Interval[] => {
  const shownMs = of.toMs - of.fromMs;
  if (shownMs <= 0) return [];
  const lengthMs = Math.max(shownMs, drawnOutMs);
  const placeOf = (instantMs: number): number => of.toMs + Math.round(((instantMs - of.fromMs) * lengthMs) / shownMs);
  const within = clip(intervals, of).map(({ fromMs, toMs }) => ({ fromMs: placeOf(fromMs), toMs: placeOf(toMs) }));
  const copies: Interval[] = [];
  for (let shiftMs = 0; of.toMs + shiftMs < untilMs; shiftMs += lengthMs) {
    for (const { fromMs, toMs } of within) copies.push({ fromMs: fromMs + shiftMs, toMs: toMs + shiftMs });
  }
  return clip(copies, { fromMs: of.toMs, toMs: untilMs });
};

const repeatedInstants = (instants: readonly number[], of: Interval, untilMs: number): number[] =>
  repeated(
    instants.map((atMs) => ({ fromMs: atMs, toMs: atMs + 1 })),
    of,
    untilMs,
  ).map(({ fromMs }) => fromMs);

const summed = (
  rest: Readonly<Record<string, number>>,
  recent: Readonly<Record<string, number>>,
  times: number,
): Record<string, number> => {
  const sum = { ...rest };
  for (const [counter, count] of Object.entries(recent)) sum[counter] = (sum[counter] ?? 0) + count * times;
  return sum;
};

/** A device that is younger than the pattern repeats what it did since it first spoke. */
const patternOf = ({ registeredAtMs, firstHeardAtMs }: DeviceFacts, atMs: number): Interval => ({
  fromMs: Math.max(atMs - patternDays * dayMs, registeredAtMs, firstHeardAtMs ?? 0),
  toMs: atMs,
});

interface Device {
  rest: DeviceFacts;
  recent: DeviceFacts | undefined;
  newest: DeviceFacts | undefined;
}

const deviceForward = ({ rest, recent, newest }: Device, atMs: number, untilMs: number): DeviceFacts => {
  const pattern = patternOf(rest, atMs);
  const on = (field: 'up' | 'gatewayDown' | 'notObserved' | 'inBand' | 'outOfBand'): Interval[] =>
    union([...rest[field], ...repeated(recent?.[field] ?? [], pattern, untilMs)]);
  const times = (untilMs - atMs) / Math.max(pattern.toMs - pattern.fromMs, 1);
  return {
    ...rest,
    up: on('up'),
    gatewayDown: on('gatewayDown'),
    notObserved: on('notObserved'),
    inBand: on('inBand'),
    outOfBand: on('outOfBand'),
    counts: summed(rest.counts, recent?.counts ?? {}, times),
    // The newest report is taken to be renewed.
    retainedDays: newest?.retainedDays ?? null,
  };
};

/** An order that isn't late yet is taken to be done by its time; one that is late stays as it is. */
const orderForward = (order: WorkOrderFacts, atMs: number): WorkOrderFacts => {
  const onTime = (dueMs: number | null): number | null => (dueMs !== null && dueMs >= atMs ? dueMs : null);
  const resolvedAtMs = order.resolvedAtMs ?? onTime(order.dueResolveMs);
  return {
    ...order,
    acknowledgedAtMs: order.acknowledgedAtMs ?? atMs,
    arrivedAtMs: order.arrivedAtMs ?? onTime(order.dueOnSiteMs),
    resolvedAtMs,
    closedAtMs: order.closedAtMs ?? (order.cancelledAtMs === null ? onTime(order.dueResolveMs) : null),
  };
};

export interface CutFacts {
  /** Over the whole window up to now. */
  whole: RatingFacts;
  /** Over the days of it that will still be in the window then. */
  rest: RatingFacts;
  /** Over the last `patternDays`. */
  recent: RatingFacts;
}

/**
 * The facts of a compound in `inDays`, if everything goes on as in the last two days: the oldest days leave the window,
 * the last two come in again and again. What people owe is taken to be done in time unless it is late already.
 */
export const projectForward = ({ whole, rest, recent }: CutFacts, inDays: number): RatingFacts => {
  const { atMs } = whole;
  const aheadMs = inDays * dayMs;
  const untilMs = atMs + aheadMs;
  const window = { fromMs: whole.window.fromMs + aheadMs, toMs: untilMs };
  const pattern = { fromMs: atMs - patternDays * dayMs, toMs: atMs };
  const recentOf = new Map(recent.devices.map((facts) => [facts.device.id, facts]));
  const newestOf = new Map(whole.devices.map((facts) => [facts.device.id, facts]));
  return {
    ...rest,
    atMs: untilMs,
    window,
    devices: rest.devices.map((facts) => {
      const { id } = facts.device;
      return deviceForward({ rest: facts, recent: recentOf.get(id), newest: newestOf.get(id) }, atMs, untilMs);
    }),
    gaps: union([...rest.gaps, ...repeated(recent.gaps, pattern, untilMs)]),
    gatewayGaps: [
      ...rest.gatewayGaps,
      ...recent.gatewayGaps.flatMap(({ gateway, ...gap }) =>
        repeated([gap], pattern, untilMs).map((copy) => ({ gateway, ...copy })),
      ),
    ],
    heardHoursMs: [...rest.heardHoursMs, ...repeatedInstants(recent.heardHoursMs, pattern, untilMs)],
    workOrders: rest.workOrders.map((order) => orderForward(order, atMs)),
    // Meetings that are still to come are taken to be held.
    meetings: rest.meetings.filter(({ plannedForMs }) => plannedForMs <= atMs),
    whistles: rest.whistles.map((whistle) => ({
      ...whistle,
      answeredAtMs:
        whistle.answeredAtMs ?? (whistle.dueAtMs !== null && whistle.dueAtMs >= atMs ? whistle.dueAtMs : null),
    })),
    platformReportsMs: [...rest.platformReportsMs, ...repeatedInstants(recent.platformReportsMs, pattern, untilMs)],
  };
};
