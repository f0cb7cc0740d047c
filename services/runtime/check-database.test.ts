import { createServer } from 'node:net';
import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { checkDatabase, type DatabaseFacts, judgeDatabase } from './check-database.ts';
import { migrate } from './migrate.ts';
import { openPool, transact } from './postgres.ts';
import { StartRefused } from './start-refused.ts';

let server: PostgresForTests;
let admin: ReturnType<typeof openPool>;
const role = `start_check_${process.pid}`;
const password = 'p@ss/word:1';
beforeAll(async () => {
  server = await postgresForTests();
  admin = openPool(server.url, { maxConnections: 1 });
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
}, 60_000);
afterAll(async () => {
  await admin.query(`DROP ROLE ${role}`);
  await admin.end();
  await server.stop();
}, 60_000);

const as = (url: string, change: { role?: string; password?: string; database?: string; port?: number }): string => {
  const changed = new URL(url);
  if (change.role !== undefined) changed.username = change.role;
  if (change.password !== undefined) changed.password = encodeURIComponent(change.password);
  if (change.database !== undefined) changed.pathname = `/${change.database}`;
  if (change.port !== undefined) changed.port = String(change.port);
  return changed.href;
};

const inDatabase = async (url: string, ...statements: string[]): Promise<void> => {
  const pool = openPool(url, { maxConnections: 1 });
  for (const statement of statements) await pool.query(statement);
  await pool.end();
};

const refusal = async (url: string, variable?: string): Promise<string> => {
  const error = await checkDatabase(url, variable).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StartRefused);
  expect((error as StartRefused).message).not.toContain(password);
  return (error as StartRefused).message;
};

describe('a database that the hub can work with', () => {
  test('empty, or with the schema of a hub', async () => {
    const url = await server.newDatabase();
    await checkDatabase(url);
    const pool = openPool(url, { maxConnections: 1 });
    await migrate(transact(pool));
    await pool.end();
    await checkDatabase(url);
  });

  test('of a role without rights but to its own schema, and the migrations run', async () => {
    const url = await server.newDatabase();
    await inDatabase(url, `CREATE SCHEMA hub AUTHORIZATION ${role}`);
    const plain = as(url, { role, password });
    await checkDatabase(plain);
    const pool = openPool(plain, { maxConnections: 1 });
    await migrate(transact(pool));
    await pool.end();
    await checkDatabase(plain);
    await server.dropDatabase(url);
  });
});

describe('is refused with the variable and the remedy', () => {
  test('a wrong password, a role that is not there', async () => {
    expect(await refusal(as(server.url, { role, password: 'wrong' }))).toMatch(
      new RegExp(`^DATABASE_URL: the password of role ${role} is wrong .*put the right one into the URL`),
    );
    expect(await refusal(as(server.url, { role: 'nobody', password }), 'EVENT_LOG_URL')).toMatch(
      /^EVENT_LOG_URL: .*nobody/,
    );
  });

  test('a database that is not there', async () => {
    expect(await refusal(as(server.url, { database: 'not-there' }))).toMatch(
      /there is no database not-there at .*: make it with CREATE DATABASE "not-there"/,
    );
  });

  test('a server that is not there, or is no PostgreSQL', async () => {
    const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n', () => socket.destroy()));
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
    const { port } = other.address() as { port: number };
    expect(await refusal(as(server.url, { port }))).toMatch(/does not answer as it should/);
    await new Promise((closed) => other.close(closed));
    expect(await refusal(as(server.url, { port }))).toMatch(`nothing listens at 127.0.0.1:${port}: start`);
    expect(await refusal('postgres://a:b@xingyuan.invalid/hub')).toMatch('xingyuan.invalid');
  });

  test.each([`postgres://hub:${password}@host/hub`, `postgres://hub:secret@host:port/hub`])(
    'an address that is none: %s',
    async (url) => {
      expect(await refusal(url)).toMatch(/^DATABASE_URL is no address: write postgres:.*%40/);
    },
  );

  test('no right to create the schema', async () => {
    const url = await server.newDatabase();
    const database = new URL(url).pathname.slice(1);
    expect(await refusal(as(url, { role, password }))).toMatch(
      `role ${role} may not create the schema hub in database ${database}: as its owner run GRANT CREATE ON DATABASE`,
    );
  });

  test('a schema or a table that belongs to another role', async () => {
    const url = await server.newDatabase();
    await inDatabase(url, 'CREATE SCHEMA hub', 'CREATE TABLE hub.migration (number integer)');
    expect(await refusal(as(url, { role, password }))).toMatch('GRANT USAGE, CREATE ON SCHEMA hub');
    await inDatabase(url, `GRANT USAGE, CREATE ON SCHEMA hub TO ${role}`);
    expect(await refusal(as(url, { role, password }))).toMatch('table hub.migration belongs to another role');
    await server.dropDatabase(url);
  });

  test('a database that takes no writes', async () => {
    const url = await server.newDatabase();
    const database = new URL(url).pathname.slice(1);
    await admin.query(`ALTER DATABASE ${database} SET default_transaction_read_only = on`);
    expect(await refusal(url)).toMatch(/takes no writes .*name the primary/);
  });

  test('another encoding than UTF-8', async () => {
    const database = `test_ascii_${process.pid}`;
    await admin.query(`CREATE DATABASE ${database} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0`);
    try {
      expect(await refusal(as(server.url, { database }))).toMatch(/encoded in SQL_ASCII/);
    } finally {
      await admin.query(`DROP DATABASE ${database}`);
    }
  });

  const good: DatabaseFacts = {
    version: 150_000,
    role: 'hub',
    database: 'hub',
    encoding: 'UTF8',
    standby: false,
    readOnly: false,
    schemaExists: true,
    mayCreate: true,
    foreignTable: null,
  };
  test.each<[Partial<DatabaseFacts>, RegExp | undefined]>([
    [{}, undefined],
    [{ version: 180_001 }, undefined],
    [{ version: 140_020 }, /^PostgreSQL 14\.20 is too old: the hub needs 15 or newer/],
    [{ version: 140_020, mayCreate: false }, /too old/],
    [{ standby: true, readOnly: true }, /standby.*name its primary/],
  ])('%j', (difference, expected) => {
    const problem = judgeDatabase({ ...good, ...difference });
    if (expected === undefined) expect(problem).toBeUndefined();
    else expect(problem).toMatch(expected);
  });
});
