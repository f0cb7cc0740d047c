import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { eventOf } from '../../services/event-log/decider.ts';
import { compoundStream, type NewEvent, workOrderStream } from '../../services/event-log/event.ts';
import type { EventLog, StreamAppend } from '../../services/event-log/event-log.ts';
import { openEventLog } from '../../services/event-log/open.ts';
import { compound as compoundSchema } from '../../services/registry/registry.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { startEmbeddedPostgres } from '../../services/runtime/embedded-postgres.ts';
import { migrate } from '../../services/runtime/migrate.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import { startClocks } from '../../services/work-orders/clocks.ts';
import type { WorkOrderEvent } from '../../services/work-orders/order-events.ts';
import { newOrderId } from '../../services/work-orders/order-id.ts';
import { loadServiceLevels } from '../../services/work-orders/service-levels.ts';
import { temporaryFolder } from './hub-process.ts';

export const compounds = Array.from({ length: 40 }, (_, nth) => `yuan-${nth}`);
export const buildings = Array.from({ length: 20 }, (_, nth) => `b-${nth}`);
export const trades = ['electric', 'plumbing', 'lift', 'access', 'fire', 'greenery'];
export const people = Array.from({ length: 200 }, (_, nth) => `师傅${nth}`);
const levels = [...loadServiceLevels().values()];
const titles = [
  { zh: '门禁道闸离线', en: 'Gate offline' },
  { zh: '楼道灯不亮', en: 'Corridor lamp out' },
  { zh: '充电桩过热', en: 'Charging post too hot' },
  { zh: '水压不足', en: 'Low water pressure' },
];
const batchOrders = 500;
const appendsAtOnce = 4;
const pick = <T>(list: readonly T[], nth: number): T => list[nth % list.length]!;

const registration = (id: string, occurredAt: string): StreamAppend => {
  const data = compoundSchema.parse({
    ...{ id, name: `${id} 小区`, profile: 'retrofit', households: 1_000 },
    buildings: buildings.map((building) => ({ id: building, name: building, steward: { name: `管家 ${building}` } })),
  });
  const event = eventOf(randomUUID(), { type: 'compound.registered', data }, { occurredAt, compound: id });
  return { stream: compoundStream(id), expectedRevision: 'any', events: [event] };
};

/** Whoever was to be told of them was told long ago. */
const openSinceMs = 3 * 86_400_000;

/** An open order like any: raised days ago, but due a year from now, so that no clock runs out by itself. */
const openOrder = (nth: number, nowMs: number): StreamAppend => {
  const compound = pick(compounds, nth);
  const level = pick(levels, Math.floor(nth / 7));
  const occurredAt = isoTime(nowMs - openSinceMs - (nth % 100_000) * 1_000);
  const dueFrom = isoTime(nowMs + 365 * 86_400_000 + nth * 1_000);
  const facts: WorkOrderEvent[] = [
    {
      type: 'work-order.raised',
      data: {
        ...{ compound, building: pick(buildings, nth), code: 'by-hand', lasting: false, late: false },
        ...{ title: pick(titles, nth), text: `第 ${nth} 单 ${nth % 97 === 0 ? '业主很着急' : ''}`.trim() },
        ...{ serviceLevel: level.id, priority: level.priority, trade: pick(trades, Math.floor(nth / 3)) },
        raisedAt: occurredAt,
        deadlines: startClocks({ raisedAt: dueFrom, level }).deadlines,
      },
    },
  ];
  if (nth % 2 === 0) {
    facts.push({ type: 'work-order.acknowledged', data: {} });
    facts.push({ type: 'work-order.dispatched', data: { assignee: pick(people, nth), by: 'assignment' } });
  }
  const events = facts.map((fact): NewEvent => eventOf(randomUUID(), fact, { occurredAt, compound }));
  return { stream: workOrderStream(newOrderId(randomUUID())), expectedRevision: 'no-stream', events };
};

const fill = async (log: EventLog, orders: number): Promise<void> => {
  const nowMs = systemClock.now();
  await log.append(compounds.map((compound) => registration(compound, isoTime(nowMs - 2 * openSinceMs))));
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < orders) {
      const first = next;
      next += batchOrders;
      const count = Math.min(batchOrders, orders - first);
      await log.append(Array.from({ length: count }, (_, nth) => openOrder(first + nth, nowMs)));
    }
  };
  await Promise.all(Array.from({ length: appendsAtOnce }, worker));
};

/** A hub's data folder with so many open orders in its log, written through the log's own writer. */
export const withFilledFolder = async <T>(orders: number, work: (dataDir: string) => Promise<T>): Promise<T> => {
  const dataDir = await temporaryFolder();
  try {
    const server = await startEmbeddedPostgres({ dataDir });
    const pool = openPool(server.url, { maxConnections: 2 });
    await migrate(transact(pool));
    await pool.end();
    const { log } = await openEventLog(server.url, { clock: systemClock });
    await fill(log, orders);
    await log.close();
    await server.stop();
    return await work(dataDir);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
};
