import { randomUUID } from 'node:crypto';
import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { isoTime } from '../runtime/clock.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { createIngestHarness, deviceFor } from './ingest-harness.ts';
import { expireRawMessages, findRawMessage, keepRawMessages } from './raw-messages.ts';

const receivedAtMs = Date.parse('2026-06-01T08:00:00.123Z');
const dayMs = 86_400_000;
const said = (payload: string) => ({
  ...{ sender: 'gateway-1', dialect: 'zigbee2mqtt', topic: 'zigbee2mqtt/leak', receivedAtMs },
  payload: Buffer.from(payload),
});

describe('in the database', () => {
  let server: PostgresForTests;
  let pool: ReturnType<typeof openPool>;
  beforeAll(async () => {
    server = await postgresForTests();
    pool = openPool(await server.newDatabase(), { maxConnections: 2 });
    await migrate(transact(pool));
  });
  afterAll(async () => {
    await pool?.end();
    await server?.stop();
  });
  const logger = { error: () => undefined };
  const find = (id: string) => findRawMessage(pool, { id, receivedAt: isoTime(receivedAtMs) });

  test('a message is found by each of its events, until no rating looks back to it', async () => {
    const kept = keepRawMessages({ sql: pool, metrics: createMetrics(), logger });
    const [one, two, other] = [randomUUID(), randomUUID(), randomUUID()];
    kept.keep(said('{"water_leak":true}'), [one, two]);
    kept.keep(said('{"battery":90}'), [other]);
    await kept.stop();
    expect((await find(one))?.payload).toEqual(Buffer.from('{"water_leak":true}'));
    expect(await find(two)).toEqual({ ...said('{"water_leak":true}'), sizeBytes: 19 });
    expect((await find(other))?.payload).toEqual(Buffer.from('{"battery":90}'));
    expect(await find(randomUUID())).toBeUndefined();
    await expireRawMessages(pool, receivedAtMs + 35 * dayMs);
    expect(await find(one)).toBeDefined();
    await expireRawMessages(pool, receivedAtMs + 35 * dayMs + 1);
    expect(await find(one)).toBeUndefined();
  });

  test('of a picture the beginning is kept, and its size', async () => {
    const kept = keepRawMessages({ sql: pool, metrics: createMetrics(), logger });
    const id = randomUUID();
    kept.keep(said('x'.repeat(100_000)), [id]);
    await kept.stop();
    const found = await find(id);
    expect([found?.payload.byteLength, found?.sizeBytes]).toEqual([16_384, 100_000]);
  });

  test('each of many is found with its own bytes', async () => {
    const kept = keepRawMessages({ sql: pool, metrics: createMetrics(), logger });
    const ids = Array.from({ length: 2_100 }, () => randomUUID());
    for (const [nth, id] of ids.entries()) kept.keep(said(String(nth).repeat(nth % 50)), [id]);
    await kept.stop();
    for (const nth of [0, 1, 49, 1_999, 2_000, 2_099]) {
      expect((await find(ids[nth]!))?.payload).toEqual(Buffer.from(String(nth).repeat(nth % 50)));
    }
  });

  test('while the database is away so much waits, and what comes on top is counted', async () => {
    const metrics = createMetrics();
    const away = { query: () => Promise.reject(new Error('away')) };
    const kept = keepRawMessages({ sql: away, metrics, logger });
    for (let index = 0; index < 2_100; index += 1) kept.keep(said('x'.repeat(20_000)), [randomUUID()]);
    const { values } = await metrics.rawMessagesNotKept.get();
    expect(values[0]?.value).toBe(2_100 - 2_011);
    await expect(kept.stop()).rejects.toThrow('away');
  });

  test('also of the shortest messages only so many wait', async () => {
    const metrics = createMetrics();
    const away = { query: () => Promise.reject(new Error('away')) };
    const kept = keepRawMessages({ sql: away, metrics, logger });
    for (let index = 0; index < 120_000; index += 1) kept.keep(said(''), [randomUUID()]);
    const { values } = await metrics.rawMessagesNotKept.get();
    expect(values[0]?.value).toBe(120_000 - 111_848);
    await expect(kept.stop()).rejects.toThrow('away');
  });
});

test('kept is what a dialect read and the log holds, by the ids of its events; what was refused is a dead letter', async () => {
  const gateway = deviceFor('zigbee-1', { kind: 'gateway', dialect: 'zigbee2mqtt' });
  const leak = deviceFor('leak-1', {
    kind: 'sensor',
    gateway: 'zigbee-1',
    externalId: '0x00158d0001a2b3c4',
  });
  const hub = createIngestHarness({ devices: [gateway, leak] });
  await hub.send('zigbee-1', 'zigbee2mqtt/0x00158d0001a2b3c4', { water_leak: true, battery: 90 });
  await hub.send('zigbee-1', 'zigbee2mqtt/0x00158d0001a2b3c4', { water_leak: true, battery: 90 });
  await hub.send('zigbee-1', 'zigbee2mqtt/0x00158d0001a2b3c4', 'nonsense');
  const recorded = (await hub.events()).filter(({ type }) => type !== 'ingest.payload-refused');
  expect(recorded.length).toBeGreaterThan(1);
  expect(hub.rawMessages).toHaveLength(1);
  expect([...hub.rawMessages[0]!.events].sort()).toEqual(recorded.map(({ id }) => id).sort());
});
