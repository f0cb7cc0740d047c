import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Refusal } from '../event-log/decider.ts';
import {
  deviceStream,
  type EventMeta,
  type NewEvent,
  type RecordedEvent,
  workOrderStream,
} from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { handleCommand } from '../event-log/handle-command.ts';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { handlesType } from '../event-log/projection.ts';
import type { Sql } from '../runtime/sql.ts';
import type { FaultDevice } from './fault-device.ts';
import { planFaults } from './fault-plan.ts';
import { loadFaultPolicy } from './fault-policy.ts';
import { createFaultRouter } from './fault-router.ts';
import { createMemoryStore } from './fault-store.ts';
import { type Raised, workOrderEvents } from './order-events.ts';
import { orderIdOf } from './order-id.ts';
import { isOpen } from './order-state.ts';
import { readOrder } from './order-stream.ts';
import { loadServiceLevels } from './service-levels.ts';
import { type PersonCommand, workOrder } from './work-order.ts';

const levels = loadServiceLevels();
const policy = loadFaultPolicy(levels);
const start = Date.parse('2026-03-01T08:00:00.000Z');
const instant = (minute: number): string => new Date(start + minute * 60_000).toISOString();

const devices: Record<string, FaultDevice> = {
  post: { compound: 'harbour-view', kind: 'charging-post', name: 'Post 3', position: 'p-3', building: 'b-1' },
  gate: { compound: 'harbour-view', kind: 'access-gate', name: 'North gate' },
};

/** The router's memory without a database: it asks the database only for the policy in force. */
const createTable = () => {
  const { store, rows, storms, load } = createMemoryStore();
  const sql: Sql = { query: async () => ({ rows: [], rowCount: 0 }) };
  return { sql, store, rows, storms, restore: load };
};

const createHub = (log: EventLog = createMemoryEventLog()) => {
  const table = createTable();
  const router = createFaultRouter({ log, policy, levels, deviceOf: (id) => devices[id] }, () => table.store);
  let position: string | null = null;
  let count = 0;
  const newId = (): string => {
    count += 1;
    return eventId({ occurredAtMs: start, device: 'test', source: String(count) });
  };
  const next = async (maxCount = 1000): Promise<RecordedEvent[]> =>
    (await log.readAll(position, maxCount)).filter((event) => handlesType(router, event.type));
  return {
    log,
    table,
    router,
    next,
    /** A device's word enters the log. */
    async say(device: string, type: string, data: unknown, minute: number, meta: Partial<EventMeta> = {}) {
      const times = { occurredAt: instant(minute), receivedAt: instant(minute), clock: 'trusted' as const };
      const event: NewEvent = {
        id: newId(),
        type,
        data,
        meta: { schemaVersion: 1, ...times, compound: 'harbour-view', device, ...meta },
      };
      await log.append([{ stream: deviceStream(device), expectedRevision: 'any', events: [event] }]);
      return event;
    },
    /** One batch through the router, its checkpoint moved unless the process dies before. */
    async route(options: { maxCount?: number; dies?: boolean; twice?: boolean } = {}) {
      const [saved, storms] = [table.rows(), table.storms()];
      const read = await log.readAll(position, options.maxCount ?? 1000);
      const wanted = read.filter((event) => handlesType(router, event.type));
      await router.apply(table.sql, wanted);
      if (options.twice) await router.apply(table.sql, wanted);
      if (options.dies) table.restore(saved, storms);
      else position = read.at(-1)?.position ?? position;
      return read.length;
    },
    async command(order: string, command: PersonCommand, minute: number) {
      const { belongsTo } = await readOrder(log, order);
      const meta = { occurredAt: instant(minute), actor: 'user:mei', ...belongsTo };
      const stream = workOrderStream(order);
      return handleCommand(log, { stream, decider: workOrder, command, meta, newId });
    },
    /** `<order's last digit> <event>` of every work-order event in the log. */
    async orders(): Promise<string[]> {
      const events = (await log.readAll(null, 100_000)).filter(({ type }) => type.startsWith('work-order.'));
      return events.map(({ stream, type }) => `${stream.split('-').at(-1)} ${type.replace('work-order.', '')}`);
    },
  };
};

const overVoltage = { code: 'over-voltage', component: '1' };
const order1 = orderIdOf({ device: 'post', ...overVoltage }, 1);
const closing: PersonCommand = { type: 'close', data: { outcome: 'repaired' } };
const asFalseAlarm: PersonCommand = { type: 'close', data: { outcome: 'false-alarm', note: 'meter was off' } };

test('a fault becomes an order that says everything', async () => {
  const hub = createHub();
  const cause = await hub.say('post', 'device.fault-raised', { ...overVoltage, text: 'L1 258 V' }, 0, {
    correlationId: 'c-1',
  });
  await hub.route();
  const [raised] = (await hub.log.readStream(workOrderStream(order1))) as RecordedEvent<string, Raised>[];
  expect(raised?.data).toEqual({
    compound: 'harbour-view',
    device: 'post',
    kind: 'charging-post',
    deviceName: 'Post 3',
    position: 'p-3',
    building: 'b-1',
    code: 'over-voltage',
    component: '1',
    episode: 1,
    lasting: true,
    text: 'L1 258 V',
    title: { zh: '充电桩故障（过压）', en: 'Charging post fault (over voltage)' },
    serviceLevel: 'general-repair',
    priority: 'P2',
    trade: 'electrical',
    raisedAt: instant(0),
    deadlines: { acknowledge: instant(30), onSite: instant(240), resolve: instant(1440) },
    late: false,
    causedBy: cause.id,
  });
  expect(workOrderEvents['work-order.raised'].safeParse(raised?.data).success).toBe(true);
  expect(raised?.meta).toMatchObject({
    occurredAt: instant(0),
    receivedAt: instant(0),
    compound: 'harbour-view',
    device: 'post',
    causationId: cause.id,
    correlationId: 'c-1',
    actor: 'policy:fault-router',
  });
});

test('from fault to repair to recovery, delivered twice at every step', async () => {
  const hub = createHub();
  const step = async (): Promise<unknown> => hub.route({ twice: true });
  await hub.say('post', 'device.fault-raised', overVoltage, 0);
  await step();
  await hub.say('post', 'device.fault-raised', overVoltage, 1);
  await step();
  await hub.command(order1, { type: 'dispatch', data: { assignee: 'Liu' } }, 2);
  await hub.command(order1, { type: 'arrive', data: {} }, 3);
  await hub.command(order1, { type: 'resolve', data: { note: 'a new network cable' } }, 4);
  await expect(hub.command(order1, closing, 5)).rejects.toThrow(Refusal);
  await hub.say('post', 'device.fault-cleared', overVoltage, 6);
  await step();
  await hub.command(order1, closing, 7);
  await step();
  await hub.say('post', 'device.fault-raised', overVoltage, 8);
  await step();
  const steps = ['raised', 'acknowledged', 'dispatched', 'arrived', 'resolved', 'fault-recovered', 'closed'];
  expect(await hub.orders()).toEqual([...steps.map((name) => `1 ${name}`), '2 raised']);
  const events = await hub.log.readStream(workOrderStream(order1));
  expect(new Set(events.map(({ meta }) => meta.correlationId)).size).toBe(1);
  expect(events.every(({ meta }) => meta.compound === 'harbour-view' && meta.device === 'post')).toBe(true);
});

test('two parts and two codes are faults of their own; a clearing that names no part ends them on all parts', async () => {
  const hub = createHub();
  await hub.say('post', 'device.fault-raised', { code: 'over-voltage', component: '1' }, 0);
  await hub.say('post', 'device.fault-raised', { code: 'over-voltage', component: '2' }, 0);
  await hub.say('post', 'device.fault-raised', { code: 'reader-failure', component: '1' }, 0);
  await hub.say('post', 'device.fault-cleared', { code: 'over-voltage' }, 1);
  await hub.route();
  expect(hub.table.rows().map(({ code, component, standing }) => [code, component, standing])).toEqual([
    ['over-voltage', '1', false],
    ['over-voltage', '2', false],
    ['reader-failure', '1', true],
  ]);
  expect((await hub.orders()).sort()).toEqual([
    '1 fault-recovered',
    '1 fault-recovered',
    '1 raised',
    '1 raised',
    '1 raised',
  ]);
});

test('a late lasting fault raises an order without an alarm; a late momentary one none', async () => {
  const hub = createHub();
  const late = { receivedAt: instant(60) };
  await hub.say('gate', 'device.battery-low', {}, 0, late);
  await hub.say('post', 'device.fault-raised', overVoltage, 0, late);
  await hub.say('gate', 'device.tampered', {}, 59, { replayed: true, receivedAt: instant(60) });
  await hub.route();
  const raised = (await hub.log.readAll(null, 100)).filter(({ type }) => type === 'work-order.raised');
  expect(raised.map(({ data }) => (data as Raised).code).sort()).toEqual(['over-voltage', 'tampered']);
  expect(raised.map(({ data }) => [(data as Raised).late, (data as Raised).raisedAt])).toEqual([
    [true, instant(60)],
    [true, instant(60)],
  ]);
});

test('a fault and its end within one instant, delivered twice, stay one fault', async () => {
  const hub = createHub();
  await hub.say('post', 'device.fault-raised', overVoltage, 0);
  await hub.say('post', 'device.fault-cleared', overVoltage, 0);
  await hub.route({ twice: true });
  expect(await hub.orders()).toEqual(['1 raised', '1 fault-recovered']);
});

test('an order that the router finds in the log is the open one', async () => {
  const hub = createHub();
  await hub.say('post', 'device.fault-raised', overVoltage, 0);
  await hub.route();
  const again = createHub(hub.log);
  const raised = (await again.next()).filter(({ type }) => type === 'work-order.raised');
  await again.router.apply(again.table.sql, raised);
  expect(again.table.rows()).toMatchObject([{ openOrder: order1, episode: 1, standing: true }]);
});

test('a plan that finds its own words in the order appends nothing', async () => {
  const hub = createHub();
  for (const minute of [0, 2]) {
    await hub.say('post', 'device.fault-raised', overVoltage, minute);
    await hub.say('post', 'device.fault-cleared', overVoltage, minute + 1);
  }
  await hub.say('post', 'device.fault-raised', overVoltage, 5);
  const events = await hub.next();
  await hub.route();
  const orders = new Map([[order1, await readOrder(hub.log, order1)]]);
  const rules = { policy, levels, deviceOf: (id: string) => devices[id] };
  expect(planFaults(rules, events, { records: [] }, orders).appends).toEqual([]);
  expect(planFaults(rules, events, { records: [] }, new Map()).appends[0]?.events).toHaveLength(5);
});

describe('a person is faster than the router', () => {
  test('closed before the router hears of the return: a new episode', async () => {
    const hub = createHub();
    await hub.say('post', 'device.fault-raised', overVoltage, 0);
    await hub.say('post', 'device.fault-cleared', overVoltage, 1);
    await hub.route();
    await hub.say('post', 'device.fault-raised', overVoltage, 2);
    await hub.command(order1, closing, 3);
    await hub.route({ dies: true });
    await hub.route();
    await hub.route();
    expect(await hub.orders()).toEqual(['1 raised', '1 fault-recovered', '1 closed', '2 raised']);
    expect(hub.table.rows()).toMatchObject([{ episode: 2, openOrder: expect.stringMatching(/-2$/), standing: true }]);
  });
  test('a command between reading and appending: worked out again', async () => {
    const memory = createMemoryEventLog();
    let interfere: (() => Promise<unknown>) | undefined;
    const hub = createHub({
      ...memory,
      append: async (batch) => {
        const now = interfere;
        interfere = undefined;
        await now?.();
        return memory.append(batch);
      },
    });
    await hub.say('post', 'device.fault-raised', overVoltage, 0);
    await hub.route();
    await hub.say('post', 'device.fault-cleared', overVoltage, 1);
    interfere = () => hub.command(order1, { type: 'acknowledge', data: {} }, 2);
    await hub.route();
    expect(await hub.orders()).toEqual(['1 raised', '1 acknowledged', '1 fault-recovered']);
  });
});

describe('a crash', () => {
  test('between append and checkpoint repeats harmlessly, whatever the batches are then', async () => {
    const hub = createHub();
    await hub.say('post', 'device.fault-raised', overVoltage, 0);
    await hub.route({ dies: true });
    await hub.say('post', 'device.fault-cleared', overVoltage, 1);
    await hub.route({ dies: true });
    await hub.say('post', 'device.fault-raised', overVoltage, 2);
    await hub.route({ dies: true });
    await hub.route({ maxCount: 1, dies: true });
    await hub.command(order1, { type: 'acknowledge', data: {} }, 3);
    for (let left = 1; left > 0; ) left = await hub.route({ maxCount: 2 });
    expect(await hub.orders()).toEqual(['1 raised', '1 fault-recovered', '1 fault-returned', '1 acknowledged']);
  });
  test('that loses the whole memory writes nothing twice either', async () => {
    const hub = createHub();
    for (const minute of [0, 10, 20]) {
      await hub.say('post', 'device.fault-raised', overVoltage, minute);
      await hub.route();
      await hub.say('post', 'device.fault-cleared', overVoltage, minute + 1);
      await hub.route();
      if (minute !== 0)
        await hub.command(orderIdOf({ device: 'post', ...overVoltage }, minute / 10), closing, minute + 2);
      await hub.route();
    }
    const before = await hub.orders();
    const again = createHub(hub.log);
    for (let left = 1; left > 0; ) left = await again.route({ maxCount: 3 });
    expect(await hub.orders()).toEqual(before);
    expect(again.table.rows()).toEqual(hub.table.rows());
  });
});

const commandOf: Record<string, PersonCommand> = {
  acknowledge: { type: 'acknowledge', data: {} },
  resolve: { type: 'resolve', data: { note: 'reset' } },
  close: closing,
  'false-alarm': asFalseAlarm,
  cancel: { type: 'cancel', data: { reason: 'a test' } },
};

describe('whatever happens', () => {
  type Move = { do: string; minute: number; part: string; size: number };
  const moves = [
    'fault',
    'clear',
    'late-fault',
    'acknowledge',
    'resolve',
    'close',
    'false-alarm',
    'cancel',
    'route',
    'die',
  ];
  const move = fc.record({
    do: fc.constantFrom(...moves),
    minute: fc.nat({ max: 20 }),
    part: fc.constantFrom('1', '2'),
    size: fc.integer({ min: 1, max: 6 }),
  });

  const play = async (hub: ReturnType<typeof createHub>, { do: what, minute, part, size }: Move, now: number) => {
    const data = { code: 'over-voltage', component: part };
    const command = commandOf[what];
    if (what === 'fault') await hub.say('post', 'device.fault-raised', data, now);
    else if (what === 'clear') await hub.say('post', 'device.fault-cleared', data, now);
    else if (what === 'late-fault') {
      await hub.say('post', 'device.fault-raised', data, now - minute, { receivedAt: instant(now) });
    } else if (what === 'route' || what === 'die') await hub.route({ maxCount: size, dies: what === 'die' });
    else if (command !== undefined) {
      const episodes = (await hub.log.readAll(null, 10_000)).filter(({ type }) => type === 'work-order.raised');
      const last = episodes.filter((event) => (event.data as Raised).component === part).at(-1);
      if (last === undefined) return;
      await hub.command(last.stream.slice('work-order-'.length), command, now).catch((error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
      });
    }
  };

  test('there are never two open orders for one fault, nor a repaired one with a live fault', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 60 }), async (script) => {
        const hub = createHub();
        for (const [now, step] of script.entries()) await play(hub, step, now + 30);
        for (let left = 1; left > 0; ) left = await hub.route();
        const raised = (await hub.log.readAll(null, 10_000)).filter(({ type }) => type === 'work-order.raised');
        const orders = await Promise.all(
          raised.map(({ stream }) => readOrder(hub.log, stream.slice('work-order-'.length))),
        );
        for (const part of ['1', '2']) {
          const own = orders.filter(({ state }) => state.raised?.component === part);
          expect(own.map(({ state }) => state.raised?.episode)).toEqual(own.map((_, index) => index + 1));
          const open = own.filter(({ state }) => isOpen(state));
          const record = hub.table.rows().find(({ component }) => component === part);
          expect(open.map(({ order }) => order)).toEqual(record?.openOrder ? [record.openOrder] : []);
          for (const { state } of open) expect(state.faultStanding).toBe(record?.standing);
        }
        for (const { state } of orders) if (state.outcome === 'repaired') expect(state.faultStanding).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});
