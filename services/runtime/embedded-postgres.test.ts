import { access, chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { openPool } from './postgres.ts';
import { StartRefused } from './start-refused.ts';

let folder: string;
let dataDir: string;
const started: EmbeddedPostgres[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xingyuan-embedded-'));
  dataDir = join(folder, 'postgres');
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const start = async (): Promise<EmbeddedPostgres> => {
  const server = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off', shared_buffers: '16MB' } });
  started.push(server);
  return server;
};

const ask = async (url: string, text: string): Promise<Record<string, unknown>[]> => {
  const pool = openPool(url, { maxConnections: 1 });
  try {
    return (await pool.query(text)).rows;
  } finally {
    await pool.end();
  }
};

const refusal = async (): Promise<Error> => {
  const error = await start().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StartRefused);
  return error as StartRefused;
};

describe('the embedded PostgreSQL', () => {
  test('sets itself up, ignores a set-up that was killed, and goes on with its data at the next start', async () => {
    await mkdir(join(dataDir, 'cluster-init-99'), { recursive: true });
    await writeFile(join(dataDir, 'cluster-init-99', 'PG_VERSION'), '17\n');
    const first = await start();
    const [facts] = await ask(
      first.url,
      `SELECT current_database() AS database, current_setting('server_encoding') AS encoding,
              current_setting('data_checksums') AS checksums, current_setting('listen_addresses') AS addresses`,
    );
    expect(facts).toEqual({ database: 'hub', encoding: 'UTF8', checksums: 'on', addresses: '127.0.0.1' });
    await ask(first.url, 'CREATE TABLE kept AS SELECT 7 AS value');
    await first.stop();
    await first.stop();
    await expect(ask(first.url, 'SELECT 1')).rejects.toThrow();
    const second = await start();
    expect(await ask(second.url, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
    expect(await readdir(dataDir)).not.toContain('cluster-init-99');
    expect((await stat(join(dataDir, 'password'))).mode & 0o777).toBe(0o600);
    const wrongPassword = new URL(second.url);
    wrongPassword.password = 'guessed';
    await expect(ask(wrongPassword.href, 'SELECT 1')).rejects.toThrow(/password/);
  });

  test('a folder of a living hub is refused; a server whose hub was killed is stopped and replaced', async () => {
    const first = await start();
    await ask(first.url, 'CREATE TABLE kept AS SELECT 7 AS value');
    expect((await refusal()).message).toMatch(`Another hub (process ${process.pid})`);
    expect(await ask(first.url, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
    // As if the hub had been another process, now gone.
    await writeFile(join(dataDir, 'hub.pid'), '999999999\n');
    const second = await start();
    expect(await ask(second.url, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
    await expect(ask(first.url, 'SELECT 1')).rejects.toThrow();
    expect(await first.died).toMatch('database system is shut down');
  });

  test('a pid file left behind by a crash does not matter, whoever has the number now', async () => {
    await (await start()).stop();
    for (const pid of [process.pid, 999_999_999]) {
      await writeFile(
        join(dataDir, 'cluster', 'postmaster.pid'),
        `${pid}\n${join(dataDir, 'cluster')}\n0\n1\n\n\n1 1\n\n`,
      );
      await (await start()).stop();
    }
  });

  test('a folder that can’t be written, a lost password and a damaged cluster are refused in a sentence', async () => {
    await writeFile(join(folder, 'file'), '');
    dataDir = join(folder, 'file', 'postgres');
    expect((await refusal()).message).toMatch(/file\/postgres can't be written \(ENOTDIR\).*HUB_DATA_DIR/);

    dataDir = join(folder, 'postgres');
    await (await start()).stop();
    await writeFile(join(dataDir, 'cluster', 'PG_VERSION'), '9\n');
    expect((await refusal()).message).toMatch(/database files are incompatible/);
    await rm(join(dataDir, 'password'));
    expect((await refusal()).message).toMatch(/password is missing/);
    await expect(access(join(dataDir, 'password'))).rejects.toThrow();
  });

  const asRoot = process.getuid?.() === 0 ? test : test.skip;
  asRoot('root’s own closed folders are no obstacle', async () => {
    await chmod(folder, 0o700);
    dataDir = join(folder, 'closed', 'postgres');
    await mkdir(join(folder, 'closed'), { mode: 0o700 });
    expect(await ask((await start()).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
