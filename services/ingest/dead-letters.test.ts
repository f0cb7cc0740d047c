import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { createLetterQuota, createPayloadStore, payloadHash } from './dead-letters.ts';
import { createIngestHarness, startMs } from './ingest-harness.ts';

const minuteMs = 60_000;

describe('a sender whose messages are all refused', () => {
  test('has a thousand letters kept at once, then one each ten seconds, which tells how many were not', () => {
    const quota = createLetterQuota();
    const first = Array.from({ length: 1_200 }, () => quota('gate-1', startMs));
    expect(first.filter(({ isKept }) => isKept)).toHaveLength(1_000);
    expect(quota('gate-2', startMs).isKept).toBe(true);
    expect(quota('gate-1', startMs + 10_000)).toEqual({ isKept: true, unkeptBefore: 200 });
    expect(quota('gate-1', startMs + 10_000).isKept).toBe(false);
    expect(quota('gate-1', startMs + 60 * minuteMs)).toEqual({ isKept: true, unkeptBefore: 1 });
  });

  test('is still refused, and counted, when its letter is not kept', async () => {
    const { send, types, ingest, kept, events } = createIngestHarness();
    const topic = 'xy/v1/harbour-view/gate-1/events';
    for (let count = 0; count < 1_000; count += 1) await send('gate-1', topic, `{${count}`);
    const unkept = await send('gate-1', topic, '{more');
    expect(unkept).toMatchObject({ outcome: 'refused', code: 'broken-json' });
    expect(unkept).not.toHaveProperty('deadLetter');
    expect([kept.size, (await types()).length]).toEqual([1_000, 1_000]);
    expect(ingest.counts('gate-1').refused).toEqual({ 'broken-json': 1_001 });
    await send('gate-1', topic, '{later', { receivedAtMs: startMs + minuteMs });
    expect((await events()).at(-1)!.data).toMatchObject({ unkeptBefore: 1 });
  });
});

describe('the bytes of refused payloads', () => {
  let postgres: PostgresForTests;
  let pool: ReturnType<typeof openPool>;
  beforeAll(async () => {
    postgres = await postgresForTests();
    pool = openPool(await postgres.newDatabase(), { maxConnections: 4 });
    await migrate(transact(pool));
  });
  afterAll(async () => {
    await pool.end();
    await postgres.stop();
  });
  const put = async (store: ReturnType<typeof createPayloadStore>, device: string, payload: Buffer, atMs = startMs) => {
    const sha256 = payloadHash(payload);
    await store.put(sha256, payload, device, atMs);
    return sha256;
  };

  test('of a device are kept to a thousand, the newest, and another device keeps its own', async () => {
    const store = createPayloadStore(pool);
    const other = await put(store, 'gate-2', Buffer.from('of gate-2'));
    const hashes: string[] = [];
    for (let count = 0; count < 1_100; count += 1)
      hashes.push(await put(store, 'gate-1', Buffer.from(`no ${count}`), startMs + count));
    expect(await store.get(hashes[0]!)).toBeUndefined();
    expect((await store.get(hashes.at(-1)!))?.toString()).toBe('no 1099');
    expect((await store.get(other))?.toString()).toBe('of gate-2');
    const { rows } = await pool.query("SELECT count(*)::int FROM hub.refused_payload WHERE device = 'gate-1'");
    expect(rows[0]!.count).toBe(1_000);
  });

  test('of a device are kept to 64 MiB', async () => {
    const store = createPayloadStore(pool);
    const megabytes = 4 * 1024 * 1024;
    const hashes: string[] = [];
    for (let count = 0; count < 20; count += 1)
      hashes.push(await put(store, 'camera-1', Buffer.alloc(megabytes, count), startMs + count));
    const { rows } = await pool.query(
      "SELECT sum(octet_length(payload))::int AS bytes FROM hub.refused_payload WHERE device = 'camera-1'",
    );
    expect(rows[0]!.bytes).toBeLessThanOrEqual(64 * 1024 * 1024);
    expect(await store.get(hashes.at(-1)!)).toHaveLength(megabytes);
  });

  test('of many only the beginnings are read, of those that are there', async () => {
    const store = createPayloadStore(pool);
    const long = await put(store, 'camera-2', Buffer.from('x'.repeat(1_000)));
    const short = await put(store, 'camera-2', Buffer.from('y'));
    const beginnings = await store.beginnings([long, short, payloadHash(Buffer.from('erased'))], 3);
    expect([...beginnings].sort()).toEqual(
      [
        [long, Buffer.from('xxx')],
        [short, Buffer.from('y')],
      ].sort(),
    );
  });

  test('said again they are new again, and after thirty days they are erased', async () => {
    const store = createPayloadStore(pool);
    const day = 24 * 60 * minuteMs;
    await put(store, 'gate-3', Buffer.from('again'));
    const sha256 = await put(store, 'gate-3', Buffer.from('again'), startMs + 31 * day);
    expect(await store.receivedAtMs(sha256, 'gate-3')).toBe(startMs + 31 * day);
    expect(await store.receivedAtMs(sha256, 'gate-4')).toBeUndefined();
    await store.expire(startMs + 32 * day);
    expect(await store.get(sha256)).toBeDefined();
    await store.expire(startMs + 62 * day);
    expect(await store.get(sha256)).toBeUndefined();
  });
});
