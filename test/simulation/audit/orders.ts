import type { RecordedEvent } from '../../../services/event-log/event.ts';
import type { Ledger } from '../ledger.ts';
import { clearedBy, type Policy, type Raising, type Rule, raisedBy, readPolicy } from './policy.ts';

/** An order as its own events tell it. */
interface Order {
  id: string;
  key: string;
  code: string;
  raisedAtPosition: number;
  raisedAt: string;
  causedBy: string;
  late: boolean;
  lasting: boolean;
  data: { serviceLevel: string; priority: string; raisedAt: string; deadlines: Record<string, string | null> };
  /** Whether it says that the device still reports the fault. */
  standing: boolean;
  endedAtPosition: number;
  endedAt: string | undefined;
  /** Whether a person ended it while the device still reported the fault. */
  endedStanding: boolean;
}

/** What the devices said of one fault, in the order in which the log heard it. */
interface FaultStory {
  standing: boolean;
  raisedMs: number | undefined;
  clearedMs: number | undefined;
  rule: Rule | undefined;
  /** When it began, each time. */
  begunMs: number[];
  /** It doesn't count yet, as long as it hasn't stood for long enough. */
  pending: Heard | undefined;
}

interface Heard {
  event: RecordedEvent;
  position: number;
  happenedMs: number;
  late: boolean;
}

const keyOf = (device: string, code: string, component: string): string => JSON.stringify([device, code, component]);
const never = Number.POSITIVE_INFINITY;
/** The router is late by ten minutes at most. */
const settlingMs = 15 * 60_000;

const kindsOf = (events: readonly RecordedEvent[]): Map<string, string> => {
  const kinds = new Map<string, string>();
  for (const { type, data } of events) {
    if (type !== 'device.registered') continue;
    const { id, kind } = data as { id: string; kind: string };
    kinds.set(id, kind);
  }
  return kinds;
};

const heardOf = (event: RecordedEvent, { lateAfterSeconds }: Policy): Heard => {
  const receivedMs = Date.parse(event.meta.receivedAt);
  const occurredMs = Date.parse(event.meta.occurredAt);
  return {
    event,
    position: Number(event.position),
    happenedMs: Math.min(occurredMs, receivedMs),
    late: event.meta.clock !== 'untrusted' && receivedMs - occurredMs > lateAfterSeconds * 1000,
  };
};

/** Reads the orders' own streams; complains where a stream contradicts itself. */
const readOrders = (events: readonly RecordedEvent[]): { orders: Order[]; complaints: string[] } => {
  const orders = new Map<string, Order>();
  const complaints: string[] = [];
  for (const { type, stream, data, position, meta } of events) {
    if (!type.startsWith('work-order.')) continue;
    const id = stream.slice('work-order-'.length);
    if (type === 'work-order.raised') {
      const {
        device,
        code,
        component = '',
        ...raised
      } = data as Order['data'] & {
        device: string;
        code: string;
        component?: string;
        late: boolean;
        lasting: boolean;
        causedBy: string;
      };
      if (orders.has(id)) complaints.push(`order ${id} was raised twice`);
      const { late, lasting, causedBy } = raised;
      orders.set(id, {
        ...{ id, key: keyOf(device, code, component), code, late, lasting, causedBy, data: raised },
        ...{ raisedAtPosition: Number(position), raisedAt: meta.receivedAt },
        ...{ endedAtPosition: never, endedAt: undefined, endedStanding: false, standing: lasting },
      });
    }
    const order = orders.get(id);
    if (order === undefined) {
      complaints.push(`position ${position}: ${type} of an order that nobody raised`);
      continue;
    }
    if (type === 'work-order.fault-recovered') order.standing = false;
    if (type === 'work-order.fault-returned') order.standing = true;
    if (type !== 'work-order.closed' && type !== 'work-order.cancelled') continue;
    if ((data as { outcome?: string }).outcome === 'repaired' && order.standing) {
      complaints.push(`order ${id} was closed as repaired while the device reported the fault`);
    }
    Object.assign(order, {
      ...{ endedAtPosition: Number(position), endedAt: meta.receivedAt, endedStanding: order.standing },
    });
  }
  return { orders: [...orders.values()], complaints };
};

/** Never two open orders of one fault. */
const overlapComplaints = (byKey: ReadonlyMap<string, Order[]>): string[] =>
  [...byKey].flatMap(([key, orders]) =>
    orders.slice(1).flatMap((order, index) => {
      const before = orders[index]!;
      return before.endedAtPosition < order.raisedAtPosition
        ? []
        : [`${key}: order ${order.id} was raised while ${before.id} was open`];
    }),
  );

const plus = (at: string, step: { seconds: number } | null): string | null =>
  step === null ? null : new Date(Date.parse(at) + step.seconds * 1000).toISOString();

/** The order says what rule and service level say, and sounds an alarm only for what was told in time. */
const contentComplaints = (order: Order, cause: Heard, { rule }: Raising, { levels }: Policy): string[] => {
  const level = levels.get(rule.serviceLevel)!;
  const { data } = order;
  // Nobody is late for what didn't count yet.
  const from = rule.countsAfterSeconds === undefined ? cause.event.meta.receivedAt : data.raisedAt;
  const due = {
    acknowledge: plus(from, level.acknowledge),
    onSite: plus(from, level.onSite),
    resolve: plus(from, level.resolve),
  };
  return [
    ...(data.priority === level.priority && data.serviceLevel === level.id
      ? []
      : [`order ${order.id} has priority ${data.priority}, rule ${rule.id} says ${level.priority}`]),
    ...(Object.entries(due).every(([step, at]) => data.deadlines[step] === at)
      ? []
      : [`order ${order.id} is due ${JSON.stringify(data.deadlines)}, by its level ${JSON.stringify(due)}`]),
    ...(order.late === cause.late
      ? []
      : [`order ${order.id} says late: ${order.late}, but its cause was told ${cause.late ? 'late' : 'in time'}`]),
  ];
};

interface Case {
  policy: Policy;
  byKey: ReadonlyMap<string, Order[]>;
  stories: Map<string, FaultStory>;
  /** Causes that an order may have, by event id. */
  causes: Map<string, { key: string; heard: Heard; raising: Raising }>;
  /** Events after which a fault is over, by key. */
  clears: Set<string>;
}

const storyOf = ({ stories }: Case, key: string): FaultStory => {
  const story = stories.get(key) ?? {
    ...{ standing: false, raisedMs: undefined, clearedMs: undefined },
    ...{ rule: undefined, begunMs: [], pending: undefined },
  };
  stories.set(key, story);
  return story;
};

/** Nobody need do more: an order is open, or a person has judged this very fault. */
const isSeenTo = (court: Case, key: string, heard: Heard, rule: Rule, stoodBefore: boolean): boolean => {
  const orders = court.byKey.get(key) ?? [];
  const causedBefore = (order: Order): boolean => {
    const cause = court.causes.get(order.causedBy);
    return cause !== undefined && cause.heard.position < heard.position;
  };
  if (orders.some((order) => causedBefore(order) && order.endedAtPosition > heard.position)) return true;
  const judged = orders.findLast(({ endedAtPosition }) => endedAtPosition < heard.position);
  const quietSeconds =
    judged?.endedAt === undefined
      ? never
      : (Date.parse(heard.event.meta.receivedAt) - Date.parse(judged.endedAt)) / 1000;
  return stoodBefore && judged !== undefined && quietSeconds < (rule.raiseAgainAfterSeconds ?? never);
};

/** A raised fault has an order, unless it was over already, or doesn't count yet. */
const followRaise = (court: Case, key: string, heard: Heard, raising: Raising): string | undefined => {
  const { rule } = raising;
  const story = storyOf(court, key);
  if (rule.lasting && story.clearedMs !== undefined && heard.happenedMs < story.clearedMs) return undefined;
  const stoodBefore = story.standing;
  if (!stoodBefore) story.begunMs.push(heard.happenedMs);
  if (!stoodBefore && wasQuiet(story, heard.happenedMs)) court.clears.add(`${key} ${heard.event.id}`);
  story.raisedMs = Math.max(story.raisedMs ?? 0, heard.happenedMs);
  story.standing = rule.lasting;
  story.rule = rule;
  const isMomentaryAndLate = !rule.lasting && heard.late;
  if (!isMomentaryAndLate) court.causes.set(heard.event.id, { key, heard, raising });
  if (isMomentaryAndLate || isSeenTo(court, key, heard, rule, stoodBefore)) return undefined;
  if (rule.countsAfterSeconds !== undefined && !isFlapping(story)) {
    story.pending = heard;
    return undefined;
  }
  const hasOrder = court.byKey.get(key)?.some(({ causedBy }) => causedBy === heard.event.id);
  return hasOrder ? undefined : `position ${heard.position}: ${rule.id} of ${key} has no order`;
};

/** It stood until then: whether it counted, and whether that became an order. */
const settlePending = (court: Case, key: string, story: FaultStory, untilMs: number): string[] => {
  const { pending, rule } = story;
  if (pending === undefined) return [];
  story.pending = undefined;
  const stoodMs = untilMs - pending.happenedMs;
  const counts = stoodMs >= (rule?.countsAfterSeconds ?? 0) * 1000;
  const hasOrder = court.byKey.get(key)?.some(({ causedBy }) => causedBy === pending.event.id) ?? false;
  const about = `position ${pending.position}: ${rule?.id} of ${key} stood for ${stoodMs / 1000} s`;
  if (counts && !hasOrder) return [`${about} and has no order`];
  return !counts && hasOrder ? [`${about} and has an order`] : [];
};

const followClear = (
  court: Case,
  device: string,
  { code, component }: { code: string; component?: string },
  heard: Heard,
): string[] => {
  const keys =
    component !== undefined
      ? [keyOf(device, code, component)]
      : [...court.stories.keys()].filter((key) => key.startsWith(JSON.stringify([device, code]).slice(0, -1)));
  return keys.flatMap((key) => {
    const story = storyOf(court, key);
    if (quietMs(story.rule).least === 0) court.clears.add(`${key} ${heard.event.id}`);
    story.clearedMs = Math.max(story.clearedMs ?? 0, heard.happenedMs);
    if (story.raisedMs !== undefined && heard.happenedMs < story.raisedMs) return [];
    story.standing = false;
    return settlePending(court, key, story, heard.happenedMs);
  });
};

/** For how long a fault must stay away: flapping asks for more, or for less, than the rule by itself. */
const quietMs = (rule: Rule | undefined): { least: number; most: number } => {
  const asked = [rule?.clearsAfterSeconds ?? 0, ...(rule?.flapping ? [rule.flapping.quietSeconds] : [])];
  return { least: Math.min(...asked) * 1000, most: Math.max(...asked) * 1000 };
};

const wasQuiet = ({ standing, clearedMs, rule }: FaultStory, atMs: number): boolean =>
  !standing && clearedMs !== undefined && atMs >= clearedMs + quietMs(rule).least;

const isFlapping = ({ rule, begunMs }: FaultStory): boolean => {
  if (rule?.flapping === undefined) return false;
  const { times, withinSeconds } = rule.flapping;
  const sinceMs = begunMs.at(-1)! - withinSeconds * 1000;
  return begunMs.filter((ms) => ms >= sinceMs).length >= times;
};

/** The hub's word that a fault was quiet for long enough. */
const followTimer = (court: Case, { id, meta, data }: RecordedEvent): void => {
  const { code, component, dueAt } = data as { code: string; component: string; dueAt: string };
  const key = keyOf(meta.device ?? '', code, component);
  if (wasQuiet(storyOf(court, key), Date.parse(dueAt))) court.clears.add(`${key} ${id}`);
};

/** What the device's word must have led to in the end. */
const endComplaints = (court: Case, endMs: number): string[] =>
  [...court.stories].flatMap(([key, story]) => {
    const { standing, clearedMs, rule, pending } = story;
    const settledMs = endMs - settlingMs;
    if (pending !== undefined) {
      const countsMs = pending.happenedMs + (rule?.countsAfterSeconds ?? 0) * 1000;
      return countsMs < settledMs ? settlePending(court, key, story, settledMs) : [];
    }
    const last = court.byKey.get(key)?.at(-1);
    const isJudged = last !== undefined && last.endedAtPosition < never && last.endedStanding;
    const isOpen = last !== undefined && last.endedAtPosition === never;
    if (standing) return isOpen || isJudged ? [] : [`${key}: the fault stands and nobody is on it`];
    const isOver = clearedMs !== undefined && clearedMs + quietMs(rule).most < settledMs;
    return isOver && isOpen && last.standing ? [`order ${last.id} says that ${key} stands, and it is over`] : [];
  });

const routerComplaints = (court: Case, orders: readonly Order[], events: readonly RecordedEvent[]): string[] => {
  const keyOfOrder = new Map(orders.map(({ id, key }) => [id, key]));
  return [
    ...orders.flatMap((order) => {
      const cause = court.causes.get(order.causedBy);
      if (cause?.key !== order.key)
        return [`order ${order.id} was raised for ${order.causedBy}, which raised no such fault`];
      return contentComplaints(order, cause.heard, cause.raising, court.policy);
    }),
    ...events.flatMap(({ type, stream, data, position }) => {
      const key = keyOfOrder.get(stream.slice('work-order-'.length)) ?? '';
      const { causedBy = '' } = (data ?? {}) as { causedBy?: string };
      const isRight =
        type === 'work-order.fault-recovered'
          ? court.clears.has(`${key} ${causedBy}`)
          : type !== 'work-order.fault-returned' || court.causes.get(causedBy)?.key === key;
      return isRight ? [] : [`position ${position}: ${type} of ${key} for ${causedBy}, which says no such thing`];
    }),
  ];
};

/** What stewards were answered against what the log holds of their doing. */
const commandComplaints = (ledger: Ledger, events: readonly RecordedEvent[]): string[] => {
  const done = new Map<string, number>();
  for (const { type, stream, meta } of events) {
    if (!type.startsWith('work-order.') || !meta.actor?.startsWith('user:')) continue;
    const key = `${stream.slice('work-order-'.length)} ${meta.actor} ${Date.parse(meta.occurredAt)}`;
    done.set(key, (done.get(key) ?? 0) + 1);
  }
  const complaints = ledger.commands.flatMap(({ order, actor, atMs, answer, command }) => {
    const key = `${order} ${actor} ${atMs}`;
    const count = done.get(key) ?? 0;
    done.delete(key);
    const isRefused = answer.startsWith('work-order.');
    // A dispatch of an order that nobody acknowledged says both.
    return count <= (isRefused ? 0 : 2)
      ? []
      : [`${command} of order ${order} was answered ${answer} and did ${count} things`];
  });
  return [...complaints, ...[...done.keys()].map((key) => `${key}: a person's doing that nobody did`)];
};

/** The orders that the devices' words must have led to, worked out from the policy's text. */
export const auditOrders = (ledger: Ledger, events: readonly RecordedEvent[], endMs: number): string[] => {
  const policy = readPolicy(ledger.policies.at(-1));
  const kinds = kindsOf(events);
  const { orders, complaints } = readOrders(events);
  const byKey = new Map<string, Order[]>();
  for (const order of orders) byKey.set(order.key, [...(byKey.get(order.key) ?? []), order]);
  const court: Case = { policy, byKey, stories: new Map(), causes: new Map(), clears: new Set() };
  const missing = events.flatMap((event) => {
    const { device } = event.meta;
    if (device === undefined || event.type.startsWith('work-order.')) return [];
    if (event.type === 'fault.came-due') {
      followTimer(court, event);
      return [];
    }
    const data = (event.data ?? {}) as Record<string, unknown>;
    const heard = heardOf(event, policy);
    const raising = raisedBy(policy, event.type, data, kinds.get(device));
    if (raising !== undefined) {
      return followRaise(court, keyOf(device, raising.code, raising.component), heard, raising) ?? [];
    }
    const told = new Map(clearedBy(policy, event.type, data).map((one) => [JSON.stringify(one), one]));
    return [...told.values()].flatMap((one) => followClear(court, device, one, heard));
  });
  return [
    ...complaints,
    ...missing,
    ...overlapComplaints(byKey),
    ...endComplaints(court, endMs),
    ...routerComplaints(court, orders, events),
    ...commandComplaints(ledger, events),
  ];
};
