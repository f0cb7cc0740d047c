import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sampleEvent } from '../../../test/contract/event-log.suite.ts';
import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import { systemClock } from '../../runtime/clock.ts';
import { openPool } from '../../runtime/postgres.ts';
import { StartRefused } from '../../runtime/start-refused.ts';
import type { RecordedEvent } from '../event.ts';
import { eventId } from '../event-id.ts';
import type { EventLog } from '../event-log.ts';
import { backupDatabase, restoreDatabase } from './backup.ts';
import { openPostgresEventLog } from './postgres-event-log.ts';

let server: PostgresForTests;
let folder: string;
let url: string;
beforeAll(async () => {
  server = await postgresForTests();
}, 60_000);
afterAll(async () => {
  await server.stop();
}, 60_000);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xingyuan-backup-'));
  url = await server.newDatabase();
});
afterEach(() => rm(folder, { recursive: true }));

const file = (): string => join(folder, 'log.backup');
const rebuilt = { projections: ['device-health'], tables: ['hub.device_health'] };
const backup = (from = url) => backupDatabase(from, file(), { rebuilt, nowMs: systemClock.now() });
const restore = (to: string) =>
  restoreDatabase(to, file(), async (sql) => {
    await sql.query('CREATE TABLE IF NOT EXISTS hub.fault_routing (device text PRIMARY KEY, standing boolean)');
  });
const openLog = (at: string, readOnly = false) =>
  openPostgresEventLog({ url: at, clock: systemClock, readOnly, lockWaitSeconds: 2 });

const difficult = ['\\', '\\.', 'tab\t', 'line\n\\.\n', '北门 "1" 🚀', '\\N', ''];
let count = 0;
const append = async (log: EventLog): Promise<void> => {
  count += 1;
  const telemetry = {
    ...sampleEvent({ text: difficult[count % difficult.length], count }),
    id: eventId({ occurredAtMs: systemClock.now(), device: 'a', source: String(count) }),
  };
  await log.append([
    { stream: `telemetry-${count % 7}`, expectedRevision: 'any', events: [telemetry] },
    { stream: 'device-\\a', expectedRevision: 'any', events: [sampleEvent({ count })] },
  ]);
};
const everything = async (log: EventLog): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for (;;) {
    const page = await log.readAll(events.at(-1)?.position ?? null, 1_000);
    if (page.length === 0) return events;
    events.push(...page);
  }
};
const withSql = async <Result>(at: string, work: (pool: ReturnType<typeof openPool>) => Promise<Result>) => {
  const pool = openPool(at, { maxConnections: 1 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
};
const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StartRefused);
  return (error as Error).message;
};

test('a backup taken under load is a whole log of one instant, and goes on where it stood', async () => {
  const log = await openLog(url);
  for (let index = 0; index < 50; index += 1) await append(log);
  const load = { on: true };
  const writing = (async () => {
    while (load.on) await Promise.all(Array.from({ length: 10 }, () => append(log)));
  })();
  const summary = await backup();
  const endAtBackup = Number((await log.head()).position);
  load.on = false;
  await writing;
  expect(summary.rows.event).toBeGreaterThanOrEqual(100);
  expect(summary.rows.event).toBeLessThanOrEqual(endAtBackup);
  expect(await readdir(folder)).toEqual(['log.backup']);

  const target = await server.newDatabase();
  expect(await restore(target)).toEqual(summary);
  const restored = await openLog(target);
  const events = await everything(restored);
  expect(events).toEqual((await everything(log)).slice(0, summary.rows.event));
  expect(await restored.head()).toEqual(summary.head);
  expect(await restored.verify(summary.head)).toMatchObject({ ok: true, events: summary.rows.event });
  // What came after the backup is new to it, what came before is known.
  const [known] = events;
  const { position: _position, stream, revision: _revision, ...event } = known!;
  expect((await restored.append([{ stream, expectedRevision: 'any', events: [event] }])).stored).toBe(0);
  await append(restored);
  expect(await restored.verify()).toMatchObject({ ok: true });
  await restored.close();
  await log.close();
});

test('what nobody can compute is in it, what a hub computes or makes itself is not', async () => {
  await (await openLog(url)).close();
  await withSql(url, (pool) =>
    pool.query(
      `INSERT INTO hub.pseudonym_key VALUES ('haiyu', '2026-11', '\\x00ff0a5c');
       INSERT INTO hub.signing_key (pem) VALUES ('the key');
       INSERT INTO hub.account (name, role, password) VALUES ('liu', 'viewer', 'x');
       INSERT INTO hub.session VALUES ('token', 'liu', now());
       INSERT INTO hub.dialect_memory VALUES ('gw', 'key', E'a\\tb\\n\\\\.');
       CREATE TABLE hub.fault_routing (device text PRIMARY KEY, standing boolean);
       INSERT INTO hub.fault_routing VALUES ('gate', true);
       CREATE TABLE hub.device_health (device text);
       INSERT INTO hub.device_health VALUES ('gate');
       INSERT INTO hub.projection_checkpoint VALUES ('device-health', 1, '7'), ('fault-router', 1, '9');`,
    ),
  );
  await backup();
  const target = await server.newDatabase();
  await restore(target);
  await withSql(target, async (pool) => {
    const rows = async (query: string) => (await pool.query(query)).rows;
    // What was signed before is checked by the same key after.
    expect(await rows('SELECT pem FROM hub.signing_key')).toEqual([{ pem: 'the key' }]);
    expect(await rows('SELECT key FROM hub.pseudonym_key')).toEqual([{ key: Buffer.from([0, 255, 10, 92]) }]);
    expect(await rows('SELECT value FROM hub.dialect_memory')).toEqual([{ value: 'a\tb\n\\.' }]);
    expect(await rows('SELECT * FROM hub.fault_routing')).toEqual([{ device: 'gate', standing: true }]);
    expect(await rows('SELECT projection, position FROM hub.projection_checkpoint')).toEqual([
      { projection: 'fault-router', position: '9' },
    ]);
    expect(await rows('SELECT FROM hub.session')).toEqual([]);
    expect(await rows(`SELECT to_regclass('hub.device_health') AS made`)).toEqual([{ made: null }]);
  });
});

describe('a restore is refused', () => {
  beforeEach(async () => {
    const log = await openLog(url);
    for (let index = 0; index < 200; index += 1) await append(log);
    await log.close();
    await backup();
  });

  test('where there are events, and where a hub writes', async () => {
    expect(await refusal(restore(url))).toMatch(/holds events already.*DATABASE_URL/);
    const target = await server.newDatabase();
    const log = await openLog(target);
    expect(await refusal(restore(target))).toMatch(/A hub writes to this database/);
    await log.close();
    await restore(target);
  });

  const text = async (): Promise<string> => gunzipSync(await readFile(file())).toString('latin1');
  const packed = (changed: string): Buffer => gzipSync(Buffer.from(changed, 'latin1'));
  test.each([
    ['cut short', async () => (await readFile(file())).subarray(0, -200), /cut short/],
    ['cut short and packed anew', async () => packed((await text()).slice(0, -2_000)), /cut short/],
    ['without its last line', async () => packed((await text()).replace(/[^\n]*\n$/, '')), /cut short/],
    ['with a changed event', async () => packed((await text()).replace('"count":', '"cuont":')), /changed/],
    ['with a row less', async () => packed((await text()).replace(/^(.*\n.*\n).*\n/, '$1')), /changed/],
    ['that is no backup', async () => gzipSync('{"hello":1}\n'), /no backup/],
    ['that is not even packed', async () => Buffer.from('hello'), /damaged, or no backup/],
    ['of a newer hub', async () => packed((await text()).replace(/"schema":\d+/, '"schema":9999')), /newer hub/],
    [
      'with a column that this hub does not know',
      async () => packed((await text()).replace('"checksum"', '"colour"')),
      /doesn't know/,
    ],
  ])('for a file %s, and nothing is stored', async (_name, content, reason) => {
    await writeFile(file(), await content());
    const target = await server.newDatabase();
    expect(await refusal(restore(target))).toMatch(reason);
    const rows = await withSql(target, async (pool) => (await pool.query('SELECT FROM hub.event')).rows);
    expect(rows).toEqual([]);
  });

  test('for a file that is not there', async () => {
    await rm(file());
    expect(await refusal(restore(await server.newDatabase()))).toMatch(/can't be read \(ENOENT\)/);
  });
});

test('there is nothing to keep where no hub ever was, and a file that can’t be written is no backup', async () => {
  expect(await refusal(backup())).toMatch('no hub');
  expect(await readdir(folder)).toEqual([]);
  await (await openLog(url)).close();
  const nowhere = join(folder, 'missing', 'log.backup');
  await expect(backupDatabase(url, nowhere, { rebuilt, nowMs: 0 })).rejects.toThrow('ENOENT');
});
