import { type RecordedEvent, workOrderStream } from '../event-log/event.ts';
import { type EventLog, WrongExpectedRevision } from '../event-log/event-log.ts';
import type { Projection } from '../event-log/projection.ts';
import type { Sql } from '../runtime/sql.ts';
import { type FaultMemory, OrderNotRead, type RoutingRules } from './fault-draft.ts';
import { faultEvents } from './fault-events.ts';
import { type FaultPlan, planFaults } from './fault-plan.ts';
import { type FaultPolicy, parseFaultPolicy } from './fault-policy.ts';
import { type FaultStore, readMemory } from './fault-store.ts';
import { faultSchema, faultTables, policyInForce, sqlFaultStore } from './fault-tables.ts';
import { type OrderStream, readOrder } from './order-stream.ts';

/**
 * The devices' words that a policy may ask about. A closed list: a policy is switched on while the hub runs, and what
 * is not in it, readings above all, costs the router nothing.
 */
export const heardTypes = [
  'camera.analytics-reported',
  'camera.scene-changed',
  'device.battery-low',
  'device.connected',
  'device.disconnected',
  'device.fault-cleared',
  'device.fault-raised',
  'device.tampered',
  'gate.door-changed',
  'gate.forced-open',
  'gate.held-open',
  'sensor.threshold-crossed',
] as const;

const ownTypes = [
  ...Object.keys(faultEvents).filter((type) => type !== 'fault.suppressed'),
  ...['work-order.raised', 'work-order.closed', 'work-order.cancelled'],
];

const typesOf = ({ rules }: FaultPolicy): string[] =>
  rules.flatMap(({ on, clearedBy }) => [on.type, ...clearedBy.map(({ type }) => type)]);

/** Rules about events that the router doesn't hear. */
export const unheardRules = (policy: FaultPolicy): string[] =>
  policy.rules.flatMap((rule) =>
    typesOf({ ...policy, rules: [rule] })
      .filter((type) => !heardTypes.includes(type as (typeof heardTypes)[number]))
      .map((type) => `rule ${rule.id}: the router doesn't hear ${type}; it hears ${heardTypes.join(', ')}`),
  );

const attemptsMax = 20;
const appendMax = 200;
const readMax = 16;

export interface FaultRouterParts extends RoutingRules {
  log: Pick<EventLog, 'append' | 'readStream'>;
}

/** The policy in force as text becomes rules once for each version. */
const createPolicyReader = ({ policy: shipped, levels }: RoutingRules) => {
  let known: { version: number; policy: FaultPolicy } = { version: 0, policy: shipped };
  return async (sql: Sql): Promise<FaultPolicy> => {
    const inForce = await policyInForce(sql);
    if (inForce === undefined) return shipped;
    if (inForce.version !== known.version) {
      known = { version: inForce.version, policy: known.policy };
      try {
        known.policy = parseFaultPolicy(inForce.policy, levels);
      } catch {
        // It was good when it was switched on; `GET /api/fault-policy` tells what is wrong with it now.
      }
    }
    return known.policy;
  };
};

/**
 * Plans until every order it needs is read, then appends; starts again when a person's command came in between.
 */
export const createOrderKeeper = (log: FaultRouterParts['log']) => {
  const readAllOf = async (ids: Iterable<string>, into: Map<string, OrderStream>): Promise<void> => {
    const wanted = [...ids];
    for (let start = 0; start < wanted.length; start += readMax) {
      const read = await Promise.all(wanted.slice(start, start + readMax).map((order) => readOrder(log, order)));
      for (const order of read) into.set(order.order, order);
    }
  };

  const planReading = async (
    rules: RoutingRules,
    events: RecordedEvent[],
    memory: FaultMemory,
    orders: Map<string, OrderStream>,
  ): Promise<FaultPlan> => {
    const spoken = new Set(events.flatMap(({ meta }) => meta.device ?? []));
    for (;;) {
      try {
        return planFaults(rules, events, memory, orders);
      } catch (error) {
        if (!(error instanceof OrderNotRead)) throw error;
        // Some are missing, so the batch is of the kind that needs them: read every open order of its devices at once.
        const open = memory.records
          .filter(({ device }) => spoken.has(device))
          .flatMap(({ openOrder, wait }) => [openOrder, wait?.for === 'window' ? null : wait?.ref])
          .filter((order) => typeof order === 'string');
        await readAllOf(new Set([...error.orders, ...open].filter((order) => !orders.has(order))), orders);
      }
    }
  };

  return async (rules: RoutingRules, events: RecordedEvent[], memory: FaultMemory): Promise<FaultPlan> => {
    const orders = new Map<string, OrderStream>();
    for (let attempt = 1; ; attempt += 1) {
      const plan = await planReading(rules, events, memory, orders);
      try {
        for (let start = 0; start < plan.appends.length; start += appendMax) {
          await log.append(plan.appends.slice(start, start + appendMax));
        }
        return plan;
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt === attemptsMax) throw error;
        const touched = plan.appends
          .map(({ stream }) => stream)
          .filter((stream) => stream.startsWith(workOrderStream('')))
          .map((stream) => stream.slice(workOrderStream('').length));
        await readAllOf(new Set([...orders.keys(), ...touched]), orders);
      }
    }
  };
};

/**
 * Faults become orders. Runs as a projection does, with its memory and checkpoint in one transaction, but it also
 * writes to the log, before that transaction commits: after a crash in between the batch is worked out again, finds its
 * events by their derived ids and writes nothing twice. It is never rebuilt on request: under a policy that changed
 * since, the replay would raise orders for faults of long ago.
 */
export const createFaultRouter = (
  { log, ...shipped }: FaultRouterParts,
  storeOf: (sql: Sql) => FaultStore = sqlFaultStore,
): Projection & { rebuildable: false } => {
  const carryOut = createOrderKeeper(log);
  const policyOf = createPolicyReader(shipped);
  return {
    name: 'fault-router',
    version: 1,
    rebuildable: false,
    schema: faultSchema,
    tables: faultTables,
    handles: [...new Set([...heardTypes, ...typesOf(shipped.policy), ...ownTypes])],
    async apply(sql, events) {
      const rules = { ...shipped, policy: await policyOf(sql) };
      const store = storeOf(sql);
      await store.write(await carryOut(rules, events, await readMemory(store, rules, events)));
    },
  };
};
