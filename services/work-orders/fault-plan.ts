import { eventOf } from '../event-log/decider.ts';
import { type NewEvent, type RecordedEvent, workOrderStream } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { StreamAppend } from '../event-log/event-log.ts';
import { expires } from '../event-log/retention.ts';
import type { FaultPolicy } from './fault-policy.ts';
import {
  type Fault,
  type FaultRecord,
  faultKey,
  hearingOf,
  neverHeard,
  routeCleared,
  routeClosed,
  routeRaised,
  type Signal,
  signalsOf,
} from './fault-routing.ts';
import { faultWord } from './fault-words.ts';
import { orderIdOf } from './order-id.ts';
import { foldOrder, type OrderStream } from './order-stream.ts';
import { deadlinesFrom, type ServiceLevels } from './service-levels.ts';
import { isOpen, type PersonCommand, type Raised, type WorkOrderCommand, workOrder } from './work-order.ts';

/** What the registry knows of a device, as far as an order tells it. */
export interface FaultDevice {
  compound: string;
  kind: string;
  name: string;
  position?: string;
  building?: string;
}

export interface RoutingRules {
  policy: FaultPolicy;
  levels: ServiceLevels;
  deviceOf: (id: string) => FaultDevice | undefined;
}

/** An order whose stream the plan has to know before it can go on. */
export class OrderNotRead extends Error {
  constructor(readonly order: string) {
    super(`order ${order} was not read`);
  }
}

export interface FaultPlan {
  /** Records that changed. */
  records: FaultRecord[];
  appends: StreamAppend[];
}

type FaultEvent = RecordedEvent<string, Record<string, unknown>>;
type Raising = Signal & { says: 'raised' };

/** An order as it will be once the plan is carried out. */
interface PlannedOrder extends OrderStream {
  planned: NewEvent[];
}

/** The plan while it is being made. */
interface Draft {
  rules: RoutingRules;
  orders: ReadonlyMap<string, OrderStream>;
  /** By device, then by fault. */
  known: Map<string, Map<string, FaultRecord>>;
  changed: Map<string, FaultRecord>;
  planned: Map<string, PlannedOrder>;
}

const remember = ({ known }: Draft, record: FaultRecord): void => {
  const faults = known.get(record.device) ?? new Map<string, FaultRecord>();
  known.set(record.device, faults.set(faultKey(record), record));
};

const put = (draft: Draft, record: FaultRecord): void => {
  remember(draft, record);
  draft.changed.set(faultKey(record), record);
};

const recordOf = ({ known }: Draft, fault: Fault): FaultRecord =>
  known.get(fault.device)?.get(faultKey(fault)) ?? neverHeard(fault);

const recordsOf = (draft: Draft, device: string, { code, component }: Signal): FaultRecord[] => {
  if (component !== null) return [recordOf(draft, { device, code, component })];
  const all = [...(draft.known.get(device)?.values() ?? [])].filter((record) => record.code === code);
  return all.length > 0 ? all : [neverHeard({ device, code, component: '' })];
};

const orderOf = ({ planned, orders }: Draft, id: string): PlannedOrder | undefined => {
  const read = orders.get(id);
  if (!planned.has(id) && read !== undefined) planned.set(id, { ...read, planned: [] });
  return planned.get(id);
};

const neededOrder = (draft: Draft, id: string): PlannedOrder => {
  const order = orderOf(draft, id);
  if (order === undefined) throw new OrderNotRead(id);
  return order;
};

type RouterCommand = Exclude<WorkOrderCommand, PersonCommand>;

const ownEventId = (cause: FaultEvent, type: RouterCommand['type'], order: string): string =>
  eventId({
    occurredAtMs: Date.parse(cause.meta.receivedAt),
    device: cause.meta.device ?? '',
    source: JSON.stringify([cause.id, type, order]),
  });

/** The order's decider has the last word; the event's id is derived, so that doing it twice is doing it once. */
const append = (order: PlannedOrder, command: RouterCommand, cause: FaultEvent): void => {
  const id = ownEventId(cause, command.type, order.order);
  if (order.eventIds.has(id)) return;
  for (const fact of workOrder.decide(command, order.state)) {
    const meta = { occurredAt: cause.meta.receivedAt, actor: 'policy:fault-router', causationId: cause.id };
    order.planned.push(eventOf(id, fact, { ...meta, ...order.belongsTo }));
    order.state = workOrder.evolve(order.state, fact);
    order.eventIds = new Set(order.eventIds).add(id);
  }
};

const raise = (draft: Draft, signal: Raising, cause: FaultEvent, record: FaultRecord, late: boolean): void => {
  const data = raisedOf(draft.rules, signal, cause, record, late);
  if (data === undefined) return;
  const order = orderIdOf(record, record.episode);
  put(draft, { ...record, openOrder: order });
  const existing = orderOf(draft, order);
  // Raised before by a run whose checkpoint was lost: the log knows better, and its closing is still to come.
  if (existing !== undefined && existing.revision >= 0) return;
  const fresh: PlannedOrder = {
    ...foldOrder(order, []),
    belongsTo: {
      compound: data.compound,
      device: record.device,
      correlationId: cause.meta.correlationId ?? cause.id,
    },
    planned: [],
  };
  draft.planned.set(order, fresh);
  append(fresh, { type: 'raise', data }, cause);
};

const report = (draft: Draft, signal: Raising, cause: FaultEvent, before: FaultRecord): void => {
  const hearing = hearingOf(cause, draft.rules.policy.lateAfterSeconds);
  const routed = routeRaised(before, signal.rule, hearing);
  if (routed.do === 'raise') {
    raise(draft, signal, cause, routed.record, hearing.late);
  } else if (routed.do === 'return') {
    const order = neededOrder(draft, before.openOrder!);
    if (isOpen(order.state) || order.eventIds.has(ownEventId(cause, 'record-return', order.order))) {
      put(draft, routed.record);
      append(order, { type: 'record-return', data: { causedBy: cause.id } }, cause);
    } else {
      // A person closed it, and the log's word of that comes only after this event: a new episode begins here.
      report(draft, signal, cause, routeClosed(before, order.order, order.endedAt ?? hearing.receivedAt));
    }
  } else put(draft, routed.record);
};

const recover = (draft: Draft, cause: FaultEvent, before: FaultRecord): void => {
  const routed = routeCleared(before, hearingOf(cause, draft.rules.policy.lateAfterSeconds));
  if (routed.do === 'recover') {
    const order = neededOrder(draft, before.openOrder!);
    append(order, { type: 'record-recovery', data: { causedBy: cause.id } }, cause);
  }
  put(draft, routed.record);
};

/** Orders come back through the log: closed by a person, or raised by a run that this one doesn't remember. */
const foldOrderEvent = (draft: Draft, event: RecordedEvent, device: string): void => {
  const order = event.stream.slice(workOrderStream('').length);
  if (event.type !== 'work-order.raised') {
    const records = [...(draft.known.get(device)?.values() ?? [])];
    const record = records.find(({ openOrder }) => openOrder === order);
    if (record !== undefined) put(draft, routeClosed(record, order, event.meta.receivedAt));
    return;
  }
  const { code, component = '', episode, lasting, raisedAt } = event.data as Raised;
  const before = recordOf(draft, { device, code, component });
  if (episode === undefined || episode <= before.episode) return;
  put(draft, { ...before, episode, openOrder: order, standing: lasting, raisedAt, closedAt: null });
};

const planOne = (draft: Draft, event: FaultEvent, device: string): void => {
  const { policy, deviceOf } = draft.rules;
  const seen = expires(event.stream) ? 'telemetryRevision' : 'revision';
  for (const signal of signalsOf(policy, event, deviceOf(device)?.kind)) {
    for (const record of recordsOf(draft, device, signal)) {
      // Seen before: this batch is delivered again.
      if (event.revision <= record[seen]) continue;
      const before = { ...record, [seen]: event.revision };
      if (signal.says === 'raised') report(draft, signal, event, before);
      else recover(draft, event, before);
    }
  }
};

/**
 * What a batch of the log means for orders: pure, so that it can be worked out again when a person was faster.
 * `records` are all of the batch's devices, `orders` the streams read so far.
 */
export const planFaults = (
  rules: RoutingRules,
  events: readonly RecordedEvent[],
  records: readonly FaultRecord[],
  orders: ReadonlyMap<string, OrderStream>,
): FaultPlan => {
  const draft: Draft = { rules, orders, known: new Map(), changed: new Map(), planned: new Map() };
  for (const record of records) remember(draft, record);
  for (const event of events) {
    const device = event.meta.device;
    if (device === undefined) continue;
    if (event.type.startsWith('work-order.')) foldOrderEvent(draft, event, device);
    else planOne(draft, event as FaultEvent, device);
  }
  return {
    records: [...draft.changed.values()],
    appends: [...draft.planned.values()]
      .filter(({ planned }) => planned.length > 0)
      .map(({ order, revision, planned }) => ({
        stream: workOrderStream(order),
        expectedRevision: revision < 0 ? 'no-stream' : revision,
        events: planned,
      })),
  };
};

const titleWith = (title: string, word: string): string => title.replaceAll('{code}', word);

const wordsOf = ({ text, vendorCode, cause }: Record<string, unknown>): string | undefined =>
  [text, vendorCode, cause].find((word): word is string => typeof word === 'string' && word !== '');

const raisedOf = (
  { levels, deviceOf }: RoutingRules,
  { rule, code, component }: Raising,
  cause: FaultEvent,
  { device: id, episode }: FaultRecord,
  late: boolean,
): Raised | undefined => {
  const device = deviceOf(id);
  const { receivedAt } = cause.meta;
  const compound = cause.meta.compound ?? device?.compound;
  const level = levels.get(rule.serviceLevel);
  // The ingest stamps a compound on every device's event and the loader checks the levels; nothing to raise without.
  if (compound === undefined || level === undefined) return undefined;
  const words = wordsOf(cause.data);
  const word = faultWord(code);
  return {
    compound,
    device: id,
    ...(device === undefined ? {} : { kind: device.kind, deviceName: device.name }),
    ...(device?.position === undefined ? {} : { position: device.position }),
    ...(device?.building === undefined ? {} : { building: device.building }),
    code,
    ...(component === '' ? {} : { component }),
    episode,
    lasting: rule.lasting,
    ...(words === undefined ? {} : { text: words }),
    title: { zh: titleWith(rule.title.zh, word.zh), en: titleWith(rule.title.en, word.en) },
    serviceLevel: level.id,
    priority: level.priority,
    trade: rule.trade,
    raisedAt: receivedAt,
    deadlines: deadlinesFrom(receivedAt, level),
    late,
    causedBy: cause.id,
  };
};
