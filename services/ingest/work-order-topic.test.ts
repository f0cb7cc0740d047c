import { randomUUID } from 'node:crypto';
import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { eventOf } from '../event-log/decider.ts';
import { workOrderStream } from '../event-log/event.ts';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { silentLogger } from '../runtime/logger.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { publishWorkOrders } from './work-order-topic.ts';

const topic = 'xy/v1/garden/work-orders';
let postgres: PostgresForTests;
let pool: ReturnType<typeof openPool>;
let log: ReturnType<typeof createMemoryEventLog>;
const clock = { nowMs: 0, now: () => clock.nowMs };
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  postgres = await postgresForTests();
  pool = openPool(await postgres.newDatabase());
  await migrate(transact(pool));
});
afterAll(async () => {
  await pool?.end();
  await postgres?.stop();
});
beforeEach(async () => {
  await pool.query('TRUNCATE hub.projection_checkpoint');
  log = createMemoryEventLog();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const happen = async (type: string): Promise<string> => {
  const event = eventOf(
    randomUUID(),
    { type, data: {} },
    { occurredAt: '2026-03-01T08:00:00.000Z', compound: 'garden' },
  );
  await log.append([{ stream: workOrderStream('1'), expectedRevision: 'any', events: [event] }]);
  return event.id;
};

const until = async (what: string, ready: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}: not within 20 s`);
};

const start = () => {
  const heard: string[] = [];
  const stopping = new AbortController();
  const workOrders = publishWorkOrders({
    ...{ log, sql: pool, name: 'work-order-topic', clock, logger: silentLogger, signal: stopping.signal },
    deliver: (to, payload) => {
      expect(to).toBe(topic);
      heard.push((JSON.parse(payload) as { id: string }).id);
    },
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await workOrders.ended;
  };
  stops.push(stop);
  const recent = (): string[] =>
    workOrders.recent(topic).map(({ payload }) => (JSON.parse(payload) as { id: string }).id);
  return { heard, recent, stop };
};
const checkpoint = async (): Promise<string | null | undefined> =>
  (await pool.query<{ position: string | null }>('SELECT position FROM hub.projection_checkpoint')).rows[0]?.position;

test('the first start tells nothing of the past, the next one what happened meanwhile', async () => {
  await happen('work-order.raised');
  const first = start();
  await until('the checkpoint', async () => (await checkpoint()) !== undefined);
  await first.stop();
  const missed = [await happen('work-order.acknowledged'), await happen('work-order.dispatched')];
  await happen('gate.passed');
  const second = start();
  await until('what was missed', () => second.heard.length === 2);
  const live = await happen('work-order.arrived');
  await until('what happens', () => second.heard.length === 3);
  expect(second.heard).toEqual([...missed, live]);
  expect(first.heard).toEqual([]);
});

test('whoever subscribes a little late finds what was told, and longer what happened while nobody told anything', async () => {
  await start().stop();
  await until('the checkpoint', async () => (await checkpoint()) !== undefined);
  const missed = await happen('work-order.raised');
  const { heard, recent } = start();
  await until('what was missed', () => heard.length === 1);
  const live = await happen('work-order.acknowledged');
  await until('what happens', () => heard.length === 2);
  expect(recent()).toEqual([missed, live]);
  clock.nowMs += 6 * 60_000;
  expect(recent()).toEqual([missed]);
  clock.nowMs += 60 * 60_000;
  expect(recent()).toEqual([]);
});

test('what was told long enough ago is not told again', async () => {
  const first = start();
  await until('the checkpoint', async () => (await checkpoint()) !== undefined);
  await happen('work-order.raised');
  const { position } = await log.head();
  await until('the checkpoint at the head', async () => (await checkpoint()) === position);
  await first.stop();
  const second = start();
  const live = await happen('work-order.acknowledged');
  await until('what happens', () => second.heard.length > 0);
  expect(second.heard).toEqual([live]);
  expect(first.heard).toHaveLength(1);
}, 30_000);
