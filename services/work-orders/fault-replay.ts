import type { RecordedEvent } from '../event-log/event.ts';
import { workOrderStream } from '../event-log/event.ts';
import { isoTime } from '../runtime/clock.ts';
import { OrderNotRead, type RoutingRules } from './fault-draft.ts';
import { type FaultPlan, planFaults } from './fault-plan.ts';
import type { FaultRecord } from './fault-routing.ts';
import { createMemoryStore, readMemory } from './fault-store.ts';
import type { Raised } from './order-events.ts';
import { isOpen } from './order-state.ts';
import { foldOrder, type OrderStream } from './order-stream.ts';

const examplesMax = 20;
/** Nobody works in a replay: an order is closed so long after its device recovered, a momentary one after it was raised. */
const closedAfterSeconds = { recovered: 3_600, momentary: 86_400 };

export interface BackTestWish {
  from: string;
  to: string;
  /** Left out: all. */
  compounds?: readonly string[];
}

export interface WouldRaise {
  orders: number;
  byRule: Record<string, number>;
  byClass: Record<string, number>;
  byCompound: Record<string, number>;
  /** Faults that another order stood for. */
  covered: number;
  /** Orders that were taken back, for another order stood for their fault. */
  folded: number;
  /** Faults that a maintenance window kept from an order. */
  suppressed: number;
  /** The first of them. */
  examples: {
    at: string;
    rule: string;
    compound: string;
    device: string | null;
    code: string;
    class: string;
    title: Raised['title'];
  }[];
}

const nothing = (): WouldRaise => ({
  ...{ orders: 0, byRule: {}, byClass: {}, byCompound: {}, covered: 0, folded: 0, suppressed: 0, examples: [] },
});

export const countUp = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};

/** What a plan raises, counted while it lies in the time that was asked about. */
const createTally = ({ from, to }: BackTestWish) => {
  const result = nothing();
  const noteRaised = (plan: FaultPlan, order: string, { data, meta }: RecordedEvent): void => {
    const raised = data as Raised;
    const rule = plan.records.find(({ openOrder }) => openOrder === order)?.rule?.id ?? raised.code;
    result.orders += 1;
    countUp(result.byRule, rule);
    countUp(result.byClass, raised.priority);
    countUp(result.byCompound, raised.compound);
    if (result.examples.length >= examplesMax) return;
    const { compound, device = null, code, title } = raised;
    result.examples.push({ at: meta.receivedAt, rule, compound, device, code, class: raised.priority, title });
  };
  return {
    result,
    note(plan: FaultPlan, at: string): void {
      if (at < from || at >= to) return;
      result.covered += plan.covered.length;
      for (const { stream, events } of plan.appends) {
        const isOrder = stream.startsWith(workOrderStream(''));
        if (!isOrder) result.suppressed += events.length;
        for (const event of events as RecordedEvent[]) {
          if (event.type === 'work-order.raised') noteRaised(plan, stream.slice(workOrderStream('').length), event);
          if (event.type === 'work-order.cancelled') result.folded += 1;
        }
      }
    },
  };
};

interface Timer {
  at: string;
  fire(): RecordedEvent | undefined;
}

/** Kept in the order of their instants. */
const insert = (timers: Timer[], timer: Timer): void => {
  let [low, high] = [0, timers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timers[middle]!.at <= timer.at) low = middle + 1;
    else high = middle;
  }
  timers.splice(low, 0, timer);
};

/** An event that only the replay says. */
const replayed = (stream: string, type: string, data: object, at: string, meta: object): RecordedEvent => {
  const times = { schemaVersion: 1, occurredAt: at, receivedAt: at, clock: 'trusted' as const };
  const id = `replayed ${JSON.stringify([stream, type, data, at, meta])}`;
  return { ...{ stream, type, data, id, revision: -1, position: '' }, meta: { ...times, ...meta } };
};

/** The streams of the replay's own orders. */
const createOrderBook = () => {
  const orders = new Map<string, OrderStream>();
  const streams = new Map<string, RecordedEvent[]>();
  return {
    orders,
    keep(stream: string, events: readonly RecordedEvent[]): void {
      const all = [...(streams.get(stream) ?? []), ...events];
      streams.set(stream, all);
      const order = stream.slice(workOrderStream('').length);
      orders.set(order, foldOrder(order, all));
    },
    /** What nobody raised in the replay. */
    keepNone: (order: string): unknown => orders.set(order, foldOrder(order, [])),
    /** A person's closing, unless the fault is back by then. */
    closing(order: string, at: string): RecordedEvent | undefined {
      const { state, belongsTo } = orders.get(order)!;
      if (!isOpen(state) || (state.raised?.lasting && !state.recovered)) return undefined;
      const data = { outcome: 'repaired', faultStanding: false };
      return replayed(workOrderStream(order), 'work-order.closed', data, at, belongsTo);
    },
  };
};

const timerOf = ({ device, code, component, wait, heard }: FaultRecord): Timer[] => {
  const at = wait?.fireAt;
  if (at == null) return [];
  const meta = { device, ...(heard?.compound == null ? {} : { compound: heard.compound }) };
  return [{ at, fire: () => replayed('', 'fault.came-due', { code, component, dueAt: at }, at, meta) }];
};

const stormTimerOf = ({ compound, dueAt }: FaultPlan['storms'][number]): Timer[] =>
  dueAt === null
    ? []
    : [{ at: dueAt, fire: () => replayed('', 'fault.storm-came-due', { dueAt }, dueAt, { compound }) }];

/** The log's faults through the planner under one policy, with streams and timers in memory. */
export const createReplay = (rules: RoutingRules, wish: BackTestWish) => {
  const { store } = createMemoryStore();
  const book = createOrderBook();
  const tally = createTally(wish);
  const timers: Timer[] = [];

  const closeLater = (order: string, { type, data }: RecordedEvent, at: string): void => {
    const isMomentary = type === 'work-order.raised' && !(data as Raised).lasting;
    if (!isMomentary && type !== 'work-order.fault-recovered') return;
    const seconds = isMomentary ? closedAfterSeconds.momentary : closedAfterSeconds.recovered;
    const closedAt = isoTime(Date.parse(at) + seconds * 1000);
    insert(timers, { at: closedAt, fire: () => book.closing(order, closedAt) });
  };

  const keepPlan = async (plan: FaultPlan, at: string): Promise<void> => {
    tally.note(plan, at);
    for (const { stream, events } of plan.appends) {
      if (!stream.startsWith(workOrderStream(''))) continue;
      book.keep(stream, events as RecordedEvent[]);
      for (const event of events) {
        closeLater(stream.slice(workOrderStream('').length), event as RecordedEvent, at);
      }
    }
    await store.write(plan);
    for (const timer of [...plan.records.flatMap(timerOf), ...plan.storms.flatMap(stormTimerOf)]) insert(timers, timer);
  };

  const feed = async (event: RecordedEvent): Promise<void> => {
    if (event.type === 'work-order.closed') book.keep(event.stream, [event]);
    const memory = await readMemory(store, rules, [event]);
    for (;;) {
      try {
        await keepPlan(planFaults(rules, [event], memory, book.orders), event.meta.receivedAt);
        return;
      } catch (error) {
        if (!(error instanceof OrderNotRead)) throw error;
        error.orders.forEach(book.keepNone);
      }
    }
  };

  const until = async (at: string): Promise<void> => {
    while (timers[0] !== undefined && timers[0].at <= at) {
      const event = timers.shift()!.fire();
      if (event !== undefined) await feed(event);
    }
  };

  return {
    result: tally.result,
    until,
    async step(event: RecordedEvent): Promise<void> {
      await until(event.meta.receivedAt);
      await feed(event);
    },
  };
};
