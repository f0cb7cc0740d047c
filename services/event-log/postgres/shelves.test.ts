import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sampleEvent } from '../../../test/contract/event-log.suite.ts';
import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import { migrate } from '../../runtime/migrate.ts';
import { openPool, transact } from '../../runtime/postgres.ts';
import { genesisHash, rootOf, seal } from '../chain.ts';
import type { NewEvent } from '../event.ts';
import { eventId } from '../event-id.ts';
import type { StoredEvent } from '../stored-event.ts';
import { openPostgresEventLog, type PostgresEventLog } from './postgres-event-log.ts';

let server: PostgresForTests;
let url: string;
let pool: ReturnType<typeof openPool>;
const opened: PostgresEventLog[] = [];
beforeAll(async () => {
  server = await postgresForTests();
}, 60_000);
afterAll(async () => {
  await server.stop();
}, 60_000);
beforeEach(async () => {
  url = await server.newDatabase();
  pool = openPool(url, { maxConnections: 2 });
});
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close();
  await pool.end();
});

const clock = { ms: 0, now: () => clock.ms };
const openLog = async (): Promise<PostgresEventLog> => {
  const log = await openPostgresEventLog({ url, clock, lockWaitSeconds: 2 });
  opened.push(log);
  return log;
};
beforeEach(() => {
  clock.ms = Date.parse('2026-11-21T12:00:00Z');
});

const reading = (instant: string, source: string, data: unknown = { source }): NewEvent => ({
  ...sampleEvent(data),
  id: eventId({ occurredAtMs: Date.parse(instant), device: 'sensor-1', source }),
});
const inStream = (stream: string, ...events: NewEvent[]) => ({ stream, expectedRevision: 'any' as const, events });
const shelves = async (): Promise<Record<string, string[]>> => {
  const { rows } = await pool.query<{ table: string; positions: string[] }>(
    `SELECT relname AS table, array_agg(position::text ORDER BY position) AS positions
     FROM hub.event JOIN pg_class ON pg_class.oid = event.tableoid GROUP BY 1 ORDER BY 1`,
  );
  return Object.fromEntries(rows.map(({ table, positions }) => [table, positions]));
};

describe('events on their shelves', () => {
  test('a commit is spread over them, and its parts are sealed', async () => {
    const log = await openLog();
    await log.append([
      inStream('telemetry-a', reading('2026-11-20T00:00:00Z', '1'), reading('2026-10-20T00:00:00Z', '2')),
      inStream('device-a', sampleEvent()),
      inStream('telemetry-a', reading('2026-11-20T00:00:00Z', '3'), reading('1970-01-01T00:00:00Z', '4')),
    ]);
    expect(await shelves()).toEqual({
      event_2026_10: ['2'],
      event_2026_11: ['1', '4'],
      event_kept: ['3', '5'],
    });
    expect((await log.readStream('telemetry-a')).map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
    expect((await log.readAll(null, 10)).map(({ position }) => position)).toEqual(['1', '2', '3', '4', '5']);
    expect(await log.verify(await log.head())).toMatchObject({ ok: true, events: 5, expired: 0 });
  });

  test('what was sent before is known on whichever shelf it stands, alone and among new ones', async () => {
    const log = await openLog();
    const first = [reading('2026-11-20T00:00:00Z', '1'), reading('2026-10-20T00:00:00Z', '2'), sampleEvent()];
    await log.append([inStream('telemetry-a', ...first)]);
    for (const event of first) {
      const again = await log.append([inStream('telemetry-a', event, reading('2026-11-20T00:00:00Z', event.id))]);
      expect(again.stored).toBe(1);
    }
    await log.close();
    const later = await openLog();
    expect((await later.append([inStream('telemetry-a', ...first)])).stored).toBe(0);
    expect(await later.readStream('telemetry-a')).toHaveLength(6);
  });

  test('what is sent again when its month is closed is still known', async () => {
    const log = await openLog();
    const early = reading('2026-10-20T00:00:00Z', '1');
    const ahead = reading('2027-01-10T00:00:00Z', '2');
    await log.append([inStream('telemetry-a', early, ahead)]);
    expect(Object.keys(await shelves())).toEqual(['event_2026_10', 'event_kept']);
    clock.ms = Date.parse('2026-12-31T00:00:00Z');
    expect((await log.append([inStream('telemetry-a', ahead)])).stored).toBe(0);
    clock.ms = Date.parse('2027-12-31T00:00:00Z');
    expect((await log.append([inStream('telemetry-a', early)])).stored).toBe(0);
    expect((await log.append([inStream('telemetry-a', reading('2026-10-20T00:00:00Z', '3'))])).stored).toBe(1);
    expect((await shelves()).event_2026_10).toEqual(['1']);
  });

  test('a month that another session made meanwhile is no obstacle', async () => {
    const log = await openLog();
    await log.append([inStream('telemetry-a', reading('2026-11-20T00:00:00Z', '1'))]);
    await pool.query('DROP TABLE hub.event_2026_11');
    await log.append([inStream('telemetry-a', reading('2026-11-20T00:00:00Z', '2'))]).catch(() => {});
    expect((await log.append([inStream('telemetry-a', reading('2026-11-20T00:00:00Z', '3'))])).stored).toBe(1);
  });
});

test('a log from before there were shelves goes on: positions, revisions, ids and seals as they were', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'xingyuan-migrations-'));
  const all = fileURLToPath(new URL('../../../infra/postgres/', import.meta.url));
  const before = (await readdir(all)).filter((name) => name < '0020');
  for (const name of before) await copyFile(join(all, name), join(folder, name));
  await migrate(transact(pool), folder);
  await rm(folder, { recursive: true });
  const telemetry = reading('2026-11-20T00:00:00Z', '1');
  const old = [telemetry, sampleEvent({ text: '北门' })].map(({ id, type, data, meta }, index): StoredEvent => {
    return {
      position: index + 1,
      stream: 'telemetry-a',
      revision: index,
      id,
      type,
      data: JSON.stringify(data),
      meta: JSON.stringify(meta),
    };
  });
  for (const { position, stream, revision, id, type, data, meta } of old)
    await pool.query('INSERT INTO hub.event VALUES ($1, $2, $3, $4, $5, $6, $7)', [
      position,
      stream,
      revision,
      id,
      type,
      data,
      meta,
    ]);
  const stretch = { firstPosition: 1, lastPosition: 2, root: rootOf(old) };
  const head = seal(genesisHash, stretch);
  await pool.query('INSERT INTO hub.seal VALUES (2, 1, $1, $2, now())', [stretch.root, head]);

  const log = await openLog();
  expect(await log.head()).toEqual({ position: '2', hash: head });
  expect((await log.readAll(null, 10)).map(({ id }) => id)).toEqual(old.map(({ id }) => id));
  expect(await log.append([inStream('telemetry-a', sampleEvent())])).toEqual({ position: '3', stored: 1 });
  expect((await log.readStream('telemetry-a')).map(({ revision }) => revision)).toEqual([0, 1, 2]);
  expect(await log.verify({ position: '2', hash: head })).toMatchObject({ ok: true, events: 3 });
  expect((await log.append([inStream('telemetry-a', telemetry, reading('2026-11-20T00:00:00Z', '2'))])).stored).toBe(1);
  expect((await log.append([inStream('telemetry-a', telemetry)])).stored).toBe(0);
});
