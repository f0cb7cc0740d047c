import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { RecordedEvent } from '../../../services/event-log/event.ts';
import { type Step, steps } from './deadlines.ts';
import type { Instants, Told } from './instants.ts';

interface Climbing {
  breaches: { count: number };
  overdue: { hours: number };
  urgent: { priorities: string[]; steps: Step[] };
}

/** What is known of an order that may leave the property company. */
interface Watched {
  breachedMs: Map<Step, number>;
  done: Set<Step>;
  isPaused: boolean;
  hasEnded: boolean;
}

interface Climb {
  cause: string;
  atMs: number;
}

/** From the look after the board has heard of it. */
const withinMs = 2_500;
const hourMs = 3_600_000;
const url = new URL('../../../services/work-orders/ladder/ladder.yaml', import.meta.url);

const made: Partial<Record<string, readonly Step[]>> = {
  acknowledged: ['acknowledge'],
  arrived: ['acknowledge', 'onSite'],
  resolved: steps,
};

const follow = (watched: Watched, { event, data }: Told): void => {
  const what = event.type.slice('work-order.'.length);
  if (what === 'overdue') watched.breachedMs.set(data.step as Step, Date.parse(data.dueAt as string));
  for (const step of made[what] ?? []) {
    watched.done.add(step);
    // Who was in time and was written down late is no breach.
    if (Date.parse(event.meta.occurredAt) <= (watched.breachedMs.get(step) ?? 0)) watched.breachedMs.delete(step);
  }
  if (what === 'reopened') watched.done.delete('resolve');
  if (what === 'paused') watched.isPaused = true;
  if (what === 'resumed' || what === 'transferred') watched.isPaused = false;
  if (what === 'closed' || what === 'cancelled') watched.hasEnded = true;
};

const climbOf = (watched: Watched, { data }: Told, { breaches, overdue, urgent }: Climbing): Climb | undefined => {
  if (watched.hasEnded) return undefined;
  const climbs: Climb[] = [];
  const { priority, late } = data as { priority: string; late: boolean };
  for (const step of urgent.steps) {
    const atMs = watched.breachedMs.get(step);
    if (atMs !== undefined && !late && urgent.priorities.includes(priority))
      climbs.push({ cause: 'urgent-overrun', atMs });
  }
  const all = [...watched.breachedMs.values()].sort((a, b) => a - b);
  if (all.length >= breaches.count) climbs.push({ cause: 'breaches', atMs: all[breaches.count - 1]! });
  for (const [step, dueMs] of watched.breachedMs) {
    if (!watched.isPaused && !watched.done.has(step))
      climbs.push({ cause: 'overdue', atMs: dueMs + overdue.hours * hourMs });
  }
  return climbs.sort((a, b) => a.atMs - b.atMs)[0];
};

const onePath = (
  [order, stream]: [string, Told[]],
  referred: RecordedEvent | undefined,
  climbing: Climbing,
  when: Instants,
): string[] => {
  const watched: Watched = { breachedMs: new Map(), done: new Set(), isPaused: false, hasEnded: false };
  const referredMs = referred === undefined ? Number.POSITIVE_INFINITY : when.committedMs(referred);
  const causes: Climb[] = [];
  for (const one of stream) {
    follow(watched, one);
    if (one.committedMs > referredMs) break;
    const climb = climbOf(watched, stream[0]!, climbing);
    if (climb === undefined) continue;
    causes.push(climb);
    const latestMs = when.latestMs(Math.max(climb.atMs, one.committedMs), withinMs);
    if (Math.min(one.untilMs, referredMs) > latestMs) {
      return [`order ${order} had to climb (${climb.cause}) at ${new Date(climb.atMs).toISOString()} and didn't`];
    }
  }
  if (referred === undefined) return [];
  const { cause } = referred.data as { cause: string };
  const isRight = causes.some((climb) => climb.cause === cause && climb.atMs <= referredMs);
  return isRight ? [] : [`order ${order} climbed for ${cause} at position ${referred.position}, and nothing led there`];
};

/** An order leaves the property company when the ladder says so, once, and its matter hears of its end. */
export const auditLadder = (
  events: readonly RecordedEvent[],
  streams: ReadonlyMap<string, Told[]>,
  when: Instants,
  endMs: number,
) => {
  const { climbing } = parse(readFileSync(url, 'utf8')) as { climbing: Climbing };
  const referrals = events.filter(({ type }) => type === 'matter.referred');
  const referredOf = (order: string) =>
    referrals.filter(({ data }) => (data as { orders: string[] }).orders.includes(order));
  const heard = new Set(
    events.flatMap(({ type, stream, data }) =>
      type === 'matter.order-ended' ? [`${stream} ${(data as { order: string }).order}`] : [],
    ),
  );
  const complaints = [...streams].flatMap(([order, stream]) => {
    const referred = referredOf(order);
    const end = stream.find(({ event }) => event.type === 'work-order.closed' || event.type === 'work-order.cancelled');
    const deaf = referred.filter(
      (matter) =>
        end !== undefined &&
        !heard.has(`${matter.stream} ${order}`) &&
        endMs > when.latestMs(Math.max(end.committedMs, when.committedMs(matter)), withinMs),
    );
    return [
      ...onePath([order, stream], referred[0], climbing, when),
      ...(referred.length > 1 ? [`order ${order} was referred ${referred.length} times`] : []),
      ...deaf.map((matter) => `${matter.stream} never heard that order ${order} ended`),
    ];
  });
  return { complaints, climbed: referrals.length };
};
