import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { migrate } from './migrate.ts';
import { openPool, transact } from './postgres.ts';
import { StartRefused } from './start-refused.ts';

let server: PostgresForTests;
let folder: string;
let pool: ReturnType<typeof openPool>;
beforeAll(async () => {
  server = await postgresForTests();
}, 60_000);
afterAll(async () => {
  await server.stop();
}, 60_000);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xingyuan-migrate-'));
  pool = openPool(await server.newDatabase(), { maxConnections: 6, statementTimeoutSeconds: 1 });
});
afterEach(async () => {
  await pool.end();
  await rm(folder, { recursive: true });
});

const file = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
const run = (): Promise<void> => migrate(transact(pool), folder);
const applied = async (): Promise<string[]> =>
  (await pool.query<{ name: string }>('SELECT name FROM hub.migration ORDER BY number')).rows.map(({ name }) => name);

test('files run in the order of their numbers, each once', async () => {
  await file('0002-second.sql', 'ALTER TABLE hub.thing ADD COLUMN b integer');
  await file('0001-first.sql', 'CREATE TABLE hub.thing (a integer)');
  await file('README.md', 'not a migration');
  await run();
  await run();
  await file('0010-later.sql', 'INSERT INTO hub.thing VALUES (1, 2)');
  await run();
  await run();
  expect(await applied()).toEqual(['0001-first.sql', '0002-second.sql', '0010-later.sql']);
  expect((await pool.query('SELECT * FROM hub.thing')).rows).toEqual([{ a: 1, b: 2 }]);
});

test('hubs that start together wait for one another, longer than a statement may take', async () => {
  await file('0001-slow.sql', 'CREATE TABLE hub.thing (a integer); SELECT pg_sleep(1.5)');
  await file('0002-count.sql', 'INSERT INTO hub.thing VALUES (1)');
  await Promise.all([run(), run(), run(), run()]);
  expect((await pool.query('SELECT * FROM hub.thing')).rows).toHaveLength(1);
});

test('one that fails is named, and leaves nothing of itself or of those before it', async () => {
  await file('0001-first.sql', 'CREATE TABLE hub.kept (a integer)');
  await run();
  await file('0002-good.sql', 'CREATE TABLE hub.half (a integer)');
  await file('0003-bad.sql', 'ALTER TABLE hub.kept ADD COLUMN b integer; ALTER TABLE hub.missing ADD COLUMN b integer');
  await expect(run()).rejects.toThrow(/migration 0003-bad\.sql failed, and nothing of it was kept: .*hub\.missing/);
  expect(await applied()).toEqual(['0001-first.sql']);
  const { rows } = await pool.query(
    `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'hub' AND table_name <> 'migration'`,
  );
  expect(rows).toEqual([{ table_name: 'kept', column_name: 'a' }]);
  await file('0003-bad.sql', 'ALTER TABLE hub.kept ADD COLUMN b integer');
  await run();
  expect(await applied()).toEqual(['0001-first.sql', '0002-good.sql', '0003-bad.sql']);
});

test('the schema of a newer hub is refused, untouched', async () => {
  await file('0001-first.sql', 'CREATE TABLE hub.thing (a integer)');
  await file('0002-newer.sql', 'DROP TABLE hub.thing');
  await run();
  await rm(join(folder, '0002-newer.sql'));
  const error = await run().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StartRefused);
  expect((error as StartRefused).message).toMatch(
    /schema \(2\) is newer than this hub knows \(1\): start the newer version/,
  );
  expect(await applied()).toEqual(['0001-first.sql', '0002-newer.sql']);
});

test('two files of one number are refused, or the second would be skipped for ever', async () => {
  await file('0001-first.sql', 'CREATE TABLE hub.thing (a integer)');
  await file('0001-other.sql', 'CREATE TABLE hub.other (a integer)');
  await expect(run()).rejects.toThrow(/two migrations have the number of 0001-other\.sql/);
});
