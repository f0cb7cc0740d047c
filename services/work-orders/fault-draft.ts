import { eventOf } from '../event-log/decider.ts';
import type { NewEvent, RecordedEvent } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { StreamAppend } from '../event-log/event-log.ts';
import type { FaultDevice } from './fault-device.ts';
import { suppressedStream } from './fault-events.ts';
import type { FaultPolicy } from './fault-policy.ts';
import { type Fault, type FaultRecord, faultKey, neverHeard } from './fault-routing.ts';
import type { MaintenanceWindow } from './maintenance.ts';
import { type CoveredFault, coveredMax, type coverReasons } from './order-events.ts';
import { foldOrder, type OrderStream } from './order-stream.ts';
import type { ServiceLevels } from './service-levels.ts';
import { type WorkOrderCommand, workOrder } from './work-order.ts';

export interface RoutingRules {
  policy: FaultPolicy;
  levels: ServiceLevels;
  deviceOf: (id: string) => FaultDevice | undefined;
  /** Every device that hangs on this one, directly or through others. */
  hangingOn?: (id: string) => readonly string[];
}

/** Orders whose streams the plan has to know before it can go on. */
export class OrderNotRead extends Error {
  constructor(readonly orders: readonly string[]) {
    super(`order ${orders.join(', ')} was not read`);
  }
}

export type FaultEvent = RecordedEvent<string, Record<string, unknown>>;

/** One order of a storm. */
export interface StormGroup {
  order: string;
  /** Faults that it covers and that stand. */
  standing: number;
  lasting: boolean;
  lastAt: string;
  /** Nothing was added for long: once few are left they get orders of their own. */
  isOver: boolean;
}

/** What is remembered of a compound's storms. */
export interface StormState {
  compound: string;
  /** Orders raised of late. */
  recent: (Fault & { order: string; at: string })[];
  activeUntil: string | null;
  groups: Record<string, StormGroup>;
  /** When to look whether it is over. */
  dueAt: string | null;
}
export const noStorm = (compound: string): StormState => ({
  compound,
  recent: [],
  activeUntil: null,
  groups: {},
  dueAt: null,
});

/** What the router remembers, as far as a batch may touch it. */
export interface FaultMemory {
  records: readonly FaultRecord[];
  storms?: readonly StormState[];
  windows?: readonly MaintenanceWindow[];
}

/** An order as it will be once the plan is carried out. */
interface PlannedOrder extends OrderStream {
  planned: NewEvent[];
}

export interface Covering extends Fault {
  order: string;
  because: (typeof coverReasons)[number];
  at: string;
  cause: FaultEvent;
}

export interface Uncovering extends Fault {
  order: string;
  at: string;
}

/** The plan while it is being made. */
export interface Draft {
  rules: RoutingRules;
  orders: ReadonlyMap<string, OrderStream>;
  /** By device, then by fault. */
  known: Map<string, Map<string, FaultRecord>>;
  changed: Map<string, FaultRecord>;
  planned: Map<string, PlannedOrder>;
  storms: Map<string, StormState>;
  changedStorms: Set<string>;
  windows: Map<string, MaintenanceWindow>;
  changedWindows: Set<string>;
  /** By order and fault. */
  covered: Map<string, Map<string, Covering>>;
  uncovered: Uncovering[];
  suppressed: StreamAppend[];
  switchedOn: FaultEvent[];
}

export const draftOf = (rules: RoutingRules, memory: FaultMemory, orders: Draft['orders']): Draft => {
  const draft: Draft = {
    ...{ rules, orders, known: new Map(), changed: new Map(), planned: new Map() },
    storms: new Map((memory.storms ?? []).map((storm) => [storm.compound, storm])),
    changedStorms: new Set(),
    windows: new Map((memory.windows ?? []).map((window) => [window.id, window])),
    ...{ changedWindows: new Set(), covered: new Map(), uncovered: [], suppressed: [], switchedOn: [] },
  };
  for (const record of memory.records) remember(draft, record);
  return draft;
};

const remember = ({ known }: Draft, record: FaultRecord): void => {
  const faults = known.get(record.device) ?? new Map<string, FaultRecord>();
  known.set(record.device, faults.set(faultKey(record), record));
};

export const put = (draft: Draft, record: FaultRecord): void => {
  remember(draft, record);
  draft.changed.set(faultKey(record), record);
};

export const recordOf = ({ known }: Draft, { device, code, component }: Fault): FaultRecord => {
  const fault = { device, code, component };
  return known.get(device)?.get(faultKey(fault)) ?? neverHeard(fault);
};

export const recordsOfDevice = ({ known }: Draft, device: string): FaultRecord[] => [
  ...(known.get(device)?.values() ?? []),
];

/** The faults that an order, or a window, stands for. */
export const recordsHeldBy = ({ known }: Draft, ref: string): FaultRecord[] =>
  [...known.values()].flatMap((faults) => [...faults.values()].filter(({ wait }) => wait?.ref === ref));

const orderOf = ({ planned, orders }: Draft, id: string): PlannedOrder | undefined => {
  const read = orders.get(id);
  if (!planned.has(id) && read !== undefined) planned.set(id, { ...read, planned: [] });
  return planned.get(id);
};

/** Throws for all that are missing at once: each costs a plan. */
export const neededOrders = (draft: Draft, ids: readonly string[]): PlannedOrder[] => {
  const missing = ids.filter((id) => orderOf(draft, id) === undefined);
  if (missing.length > 0) throw new OrderNotRead(missing);
  return ids.map((id) => draft.planned.get(id)!);
};
export const neededOrder = (draft: Draft, id: string): PlannedOrder => neededOrders(draft, [id])[0]!;

type RouterCommand = Extract<
  WorkOrderCommand,
  { type: 'raise' | 'record-recovery' | 'record-return' | 'cover' | 'uncover' | 'cancel' | 'note' }
>;

export const ownEventId = (cause: FaultEvent, type: RouterCommand['type'], order: string, more?: string): string =>
  eventId({
    occurredAtMs: Date.parse(cause.meta.receivedAt),
    device: cause.meta.device ?? '',
    source: JSON.stringify([cause.id, type, order, ...(more === undefined ? [] : [more])]),
  });

/** The order's decider has the last word; the event's id is derived, so that doing it twice is doing it once. */
export const append = (order: PlannedOrder, command: RouterCommand, cause: FaultEvent, more?: string): void => {
  const id = ownEventId(cause, command.type, order.order, more);
  if (order.eventIds.has(id)) return;
  for (const fact of workOrder.decide(command, order.state)) {
    const meta = { occurredAt: cause.meta.receivedAt, actor: 'policy:fault-router', causationId: cause.id };
    order.planned.push(eventOf(id, fact, { ...meta, ...order.belongsTo }));
    order.state = workOrder.evolve(order.state, fact);
    order.eventIds = new Set(order.eventIds).add(id);
  }
};

/** Raises an order unless the log has it: a run whose checkpoint was lost raised it, and what became of it is to come. */
export const raiseOrder = (
  draft: Draft,
  order: string,
  command: Extract<RouterCommand, { type: 'raise' }>,
  cause: FaultEvent,
): void => {
  const existing = orderOf(draft, order);
  if (existing !== undefined && existing.revision >= 0) return;
  const { compound, device, causedBy } = command.data;
  const belongsTo = {
    compound,
    ...(device === undefined ? {} : { device }),
    correlationId: cause.meta.correlationId ?? causedBy ?? cause.id,
  };
  const fresh: PlannedOrder = { ...foldOrder(order, []), belongsTo, planned: [] };
  draft.planned.set(order, fresh);
  append(fresh, command, cause);
};

export const cover = (draft: Draft, covering: Covering): void => {
  const faults = draft.covered.get(covering.order) ?? new Map<string, Covering>();
  draft.covered.set(covering.order, faults.set(faultKey(covering), covering));
};

const coveredFault = ({ device, code, component }: Fault): CoveredFault => ({
  device,
  code,
  ...(component === '' ? {} : { component }),
});

export const uncover = (draft: Draft, id: string, fault: Fault, cause: FaultEvent): void => {
  const { device, code, component } = fault;
  const key = faultKey({ device, code, component });
  const order = neededOrder(draft, id);
  draft.covered.get(id)?.delete(key);
  draft.uncovered.push({ device, code, component, order: id, at: cause.meta.receivedAt });
  if (!order.covered.has(key)) return;
  append(order, { type: 'uncover', data: { faults: [coveredFault(fault)] } }, cause, key);
  order.covered = new Set([...order.covered].filter((other) => other !== key));
};

/** What was folded goes into the orders' streams in as few events as can be. */
export const tellCovered = (draft: Draft): void => {
  for (const [id, faults] of draft.covered) {
    const order = neededOrder(draft, id);
    const fresh = [...faults].filter(([key]) => !order.covered.has(key));
    for (const because of new Set(fresh.map(([, covering]) => covering.because))) {
      const told = fresh.filter(([, covering]) => covering.because === because);
      for (let start = 0; start < told.length; start += coveredMax) {
        const chunk = told.slice(start, start + coveredMax);
        const [, first] = chunk[0]!;
        const data = { because, faults: chunk.map(([, covering]) => coveredFault(covering)) };
        // By all of them: a batch that is worked out again after a crash may have grown.
        append(order, { type: 'cover', data }, first.cause, JSON.stringify(chunk.map(([key]) => key)));
      }
    }
  }
};

/** On record that a window kept an order from being raised. */
export const suppress = (draft: Draft, record: FaultRecord, window: string, cause: FaultEvent): void => {
  const { device, code, component } = record;
  const happenedAt = record.raisedAt ?? cause.meta.occurredAt;
  const id = eventId({
    occurredAtMs: Date.parse(cause.meta.receivedAt),
    device,
    source: JSON.stringify([cause.id, 'suppressed', window, code, component]),
  });
  const meta = {
    ...{ occurredAt: cause.meta.receivedAt, actor: 'policy:fault-router', causationId: cause.id, device },
    ...(record.heard?.compound == null ? {} : { compound: record.heard.compound }),
  };
  const fact = { type: 'fault.suppressed', data: { code, component, window, happenedAt } };
  draft.suppressed.push({
    stream: suppressedStream(window),
    expectedRevision: 'any',
    events: [eventOf(id, fact, meta)],
  });
};

export const stormOf = (draft: Draft, compound: string): StormState => draft.storms.get(compound) ?? noStorm(compound);

export const putStorm = (draft: Draft, storm: StormState): void => {
  draft.storms.set(storm.compound, storm);
  draft.changedStorms.add(storm.compound);
};
