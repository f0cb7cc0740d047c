import { deviceStream, type EventMeta, type NewEvent, workOrderStream } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import { handleCommand } from '../event-log/handle-command.ts';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { handlesType } from '../event-log/projection.ts';
import { isoTime } from '../runtime/clock.ts';
import type { FaultDevice } from './fault-device.ts';
import { faultTimerStream } from './fault-events.ts';
import type { FaultPolicy } from './fault-policy.ts';
import { createFaultRouter } from './fault-router.ts';
import { createMemoryStore } from './fault-store.ts';
import { type MaintenanceCommand, maintenance, maintenanceStream } from './maintenance.ts';
import type { Raised } from './order-events.ts';
import { isOpen } from './order-state.ts';
import { readOrder } from './order-stream.ts';
import type { ServiceLevels } from './service-levels.ts';
import { type PersonCommand, workOrder } from './work-order.ts';

const startMs = Date.parse('2026-03-01T08:00:00.000Z');
/** Seconds after the beginning, as the hub writes an instant. */
export const second = (count: number): string => isoTime(startMs + count * 1000);

export interface HarnessParts {
  policy: FaultPolicy;
  levels: ServiceLevels;
  devices: Record<string, FaultDevice>;
}

/** The router over a log in memory. */
const createRouting = ({ policy, levels, devices }: HarnessParts) => {
  const log = createMemoryEventLog();
  const memory = createMemoryStore();
  const hangingOn = (id: string): string[] =>
    Object.entries(devices).flatMap(([child, { hangsOn = [] }]) =>
      hangsOn.some((above) => above.id === id) ? [child] : [],
    );
  const rules = { policy, levels, deviceOf: (id: string) => devices[id], hangingOn };
  const router = createFaultRouter({ log, ...rules }, () => memory.store);
  const sql = { query: async () => ({ rows: [], rowCount: 0 }) };
  let position: string | null = null;
  let count = 0;
  const newId = (): string => {
    count += 1;
    return eventId({ occurredAtMs: startMs, device: 'test', source: String(count) });
  };
  const append = (stream: string, event: Omit<NewEvent, 'id'>, id = newId()) =>
    log.append([{ stream, expectedRevision: 'any', events: [{ ...event, id }] }]);
  const route = async ({ maxCount = 1000, dies = false, twice = false } = {}): Promise<number> => {
    const saved = [memory.rows(), memory.storms()] as const;
    const read = await log.readAll(position, maxCount);
    const wanted = read.filter((event) => handlesType(router, event.type));
    await router.apply(sql, wanted);
    if (twice) await router.apply(sql, wanted);
    if (dies) memory.load(...saved);
    else position = read.at(-1)?.position ?? position;
    return read.length;
  };
  const routeAll = async (): Promise<void> => {
    for (let left = 1; left > 0; ) left = await route();
  };

  return { log, memory, rules, newId, append, route, routeAll };
};

const metaAt = (at: string, more: Partial<EventMeta>): EventMeta => ({
  ...{ schemaVersion: 1, occurredAt: at, receivedAt: at, clock: 'trusted', compound: 'harbour-view' },
  ...more,
});

/** Devices, people, timers and the router over a log in memory, with a clock that only the test moves. */
export const faultHarness = (parts: HarnessParts) => {
  const { log, memory, rules, newId, append, route, routeAll } = createRouting(parts);

  /** Says which timers ran out by that second, once. */
  const strike = async (at: string): Promise<number> => {
    const due = memory.rows().filter(({ wait }) => wait?.fireAt != null && wait.fireAt <= at);
    for (const { device, code, component, wait, revision } of due) {
      const dueAt = wait?.fireAt ?? '';
      const id = eventId({
        occurredAtMs: startMs,
        device,
        source: JSON.stringify([code, component, dueAt, revision, wait]),
      });
      const event = { type: 'fault.came-due', data: { code, component, dueAt }, meta: metaAt(at, { device }) };
      await append(faultTimerStream('harbour-view'), event, id);
    }
    const storms = memory.storms().filter(({ dueAt }) => dueAt !== null && dueAt <= at);
    for (const { dueAt } of storms) {
      const event = { type: 'fault.storm-came-due', data: { dueAt }, meta: metaAt(at, {}) };
      await append(faultTimerStream('harbour-view'), event);
    }
    return due.length + storms.length;
  };

  return {
    log,
    memory,
    rules,
    route,
    routeAll,
    strike,
    say: (device: string, type: string, data: unknown, at: number, heard = at) =>
      append(deviceStream(device), {
        type,
        data,
        meta: metaAt(second(at), { device, receivedAt: second(heard) }),
      }),
    /** The clock moves there, and every timer on the way strikes in turn. */
    async until(at: number): Promise<void> {
      await routeAll();
      for (;;) {
        const fires = memory.rows().flatMap(({ wait }) => wait?.fireAt ?? []);
        const next = [...fires, ...memory.storms().flatMap(({ dueAt }) => dueAt ?? [])].sort()[0];
        if (next === undefined || next > second(at)) return;
        await strike(next);
        await routeAll();
      }
    },
    async command(order: string, command: PersonCommand, at: number) {
      const { belongsTo } = await readOrder(log, order);
      const meta = { occurredAt: second(at), actor: 'user:mei', ...belongsTo };
      return handleCommand(log, { stream: workOrderStream(order), decider: workOrder, command, meta, newId });
    },
    maintain: (window: string, command: MaintenanceCommand, at: number) =>
      handleCommand(log, {
        ...{ stream: maintenanceStream(window), decider: maintenance, command, newId },
        meta: { occurredAt: second(at), actor: 'user:mei', compound: 'harbour-view' },
      }),
    /** Every order in the order in which it was raised. */
    async orders() {
      const raised = (await log.readAll(null, 100_000)).filter(({ type }) => type === 'work-order.raised');
      return Promise.all(
        raised.map(async ({ stream, data }) => {
          const read = await readOrder(log, stream.slice(workOrderStream('').length));
          return { ...read, raised: data as Raised };
        }),
      );
    },
    /** `<device> <code>` of every open order, with how many faults of others it covers. */
    async open(): Promise<string[]> {
      const orders = (await this.orders()).filter(({ state }) => isOpen(state));
      return orders.map(({ raised, state }) =>
        [raised.device ?? raised.code, raised.device === undefined ? '' : raised.code, state.covers || '']
          .filter((word) => word !== '')
          .join(' '),
      );
    },
  };
};
export type FaultHarness = ReturnType<typeof faultHarness>;
