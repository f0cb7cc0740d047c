import type { RecordedEvent } from '../../../services/event-log/event.ts';
import type { Ledger } from '../ledger.ts';
import { clearedBy, type Policy, type Raising, raisedBy, readPolicy } from './policy.ts';

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
  data: { serviceLevel: string; priority: string; deadlines: Record<string, string | null> };
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
}

interface Heard {
  event: RecordedEvent;
  position: number;
  happenedMs: number;
  late: boolean;
}

const keyOf = (device: string, code: string, component: string): string => JSON.stringify([device, code, component]);
const never = Number.POSITIVE_INFINITY;

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
  const standing = new Map<string, boolean>();
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
        ...{ endedAtPosition: never, endedAt: undefined, endedStanding: false },
      });
      standing.set(id, lasting);
    }
    const order = orders.get(id);
    if (order === undefined) {
      complaints.push(`position ${position}: ${type} of an order that nobody raised`);
      continue;
    }
    if (type === 'work-order.fault-recovered') standing.set(id, false);
    if (type === 'work-order.fault-returned') standing.set(id, true);
    if (type !== 'work-order.closed' && type !== 'work-order.cancelled') continue;
    if ((data as { outcome?: string }).outcome === 'repaired' && standing.get(id)) {
      complaints.push(`order ${id} was closed as repaired while the device reported the fault`);
    }
    Object.assign(order, {
      ...{ endedAtPosition: Number(position), endedAt: meta.receivedAt, endedStanding: standing.get(id) },
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
  const { receivedAt } = cause.event.meta;
  const due = {
    acknowledge: plus(receivedAt, level.acknowledge),
    onSite: plus(receivedAt, level.onSite),
    resolve: plus(receivedAt, level.resolve),
  };
  const { data } = order;
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
  const story = stories.get(key) ?? { standing: false, raisedMs: undefined, clearedMs: undefined };
  stories.set(key, story);
  return story;
};

/** A raised fault has an order, unless it was over already, or a person has judged it. */
const followRaise = (court: Case, key: string, heard: Heard, raising: Raising): string | undefined => {
  const { rule } = raising;
  const story = storyOf(court, key);
  if (rule.lasting && story.clearedMs !== undefined && heard.happenedMs < story.clearedMs) return undefined;
  const stoodBefore = story.standing;
  story.raisedMs = Math.max(story.raisedMs ?? 0, heard.happenedMs);
  story.standing = rule.lasting;
  const orders = court.byKey.get(key) ?? [];
  const isMomentaryAndLate = !rule.lasting && heard.late;
  if (!isMomentaryAndLate) court.causes.set(heard.event.id, { key, heard, raising });
  if (orders.some(({ causedBy }) => causedBy === heard.event.id)) return undefined;
  const causedBefore = (order: Order): boolean => {
    const cause = court.causes.get(order.causedBy);
    return cause !== undefined && cause.heard.position < heard.position;
  };
  if (isMomentaryAndLate || orders.some((order) => causedBefore(order) && order.endedAtPosition > heard.position)) {
    return undefined;
  }
  const judged = orders.findLast(({ endedAtPosition }) => endedAtPosition < heard.position);
  const quietSeconds =
    judged?.endedAt === undefined
      ? never
      : (Date.parse(heard.event.meta.receivedAt) - Date.parse(judged.endedAt)) / 1000;
  const again = rule.raiseAgainAfterSeconds ?? never;
  if (stoodBefore && judged !== undefined && quietSeconds < again) return undefined;
  return `position ${heard.position}: ${rule.id} of ${key} has no order`;
};

const followClear = (court: Case, device: string, code: string, component: string | undefined, heard: Heard): void => {
  const keys =
    component !== undefined
      ? [keyOf(device, code, component)]
      : [...court.stories.keys()].filter((key) => key.startsWith(JSON.stringify([device, code]).slice(0, -1)));
  for (const key of keys) {
    const story = storyOf(court, key);
    court.clears.add(`${key} ${heard.event.id}`);
    story.clearedMs = Math.max(story.clearedMs ?? 0, heard.happenedMs);
    if (story.raisedMs === undefined || heard.happenedMs >= story.raisedMs) story.standing = false;
  }
};

/** What the device's word must have led to in the end. */
const endComplaints = ({ stories, byKey }: Case): string[] =>
  [...stories].flatMap(([key, { standing }]) => {
    const last = byKey.get(key)?.at(-1);
    const isJudged = last !== undefined && last.endedAtPosition < never && last.endedStanding;
    const isOpen = last !== undefined && last.endedAtPosition === never;
    return !standing || isOpen || isJudged ? [] : [`${key}: the fault stands and nobody is on it`];
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
export const auditOrders = (ledger: Ledger, events: readonly RecordedEvent[]): string[] => {
  const policy = readPolicy();
  const kinds = kindsOf(events);
  const { orders, complaints } = readOrders(events);
  const byKey = new Map<string, Order[]>();
  for (const order of orders) byKey.set(order.key, [...(byKey.get(order.key) ?? []), order]);
  const court: Case = { policy, byKey, stories: new Map(), causes: new Map(), clears: new Set() };
  const missing = events.flatMap((event) => {
    const { device } = event.meta;
    if (device === undefined || event.type.startsWith('work-order.')) return [];
    const data = (event.data ?? {}) as Record<string, unknown>;
    const heard = heardOf(event, policy);
    const raising = raisedBy(policy, event.type, data, kinds.get(device));
    if (raising !== undefined) {
      return followRaise(court, keyOf(device, raising.code, raising.component), heard, raising) ?? [];
    }
    const told = new Map(clearedBy(policy, event.type, data).map((one) => [JSON.stringify(one), one]));
    for (const { code, component } of told.values()) followClear(court, device, code, component, heard);
    return [];
  });
  return [
    ...complaints,
    ...missing,
    ...overlapComplaints(byKey),
    ...endComplaints(court),
    ...routerComplaints(court, orders, events),
    ...commandComplaints(ledger, events),
  ];
};
