import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../services/runtime/embedded-postgres.ts';
import { openPool } from '../services/runtime/postgres.ts';

export interface PostgresForTests {
  /** The server's own database; better take one of your own. */
  url: string;
  /** An empty database of its own, dropped at `stop`. */
  newDatabase(): Promise<string>;
  /** Drops one of them earlier, where databases at rest cost the server something. */
  dropDatabase(url: string): Promise<void>;
  stop(): Promise<void>;
}

/** A throw-away server: nothing of it must survive, so it need not wait for the disk. */
export const startThrowAwayServer = async (): Promise<{ url: string; stop(): Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'xingyuan-test-'));
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({
    dataDir: folder,
    settings: { fsync: 'off', shared_buffers: '64MB', max_connections: '100' },
  });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** Takes the server that `TEST_POSTGRES_URL` names, else starts one. Call it in `beforeAll`, `stop` in `afterAll`. */
export const postgresForTests = async (given = process.env.TEST_POSTGRES_URL): Promise<PostgresForTests> => {
  const server = given ? { url: given, stop: async () => {} } : await startThrowAwayServer();
  const pool = openPool(server.url, { maxConnections: 2 });
  const made = new Set<string>();
  const drop = (name: string) => pool.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  return {
    url: server.url,
    newDatabase: async () => {
      const name = `test_${randomUUID().replaceAll('-', '')}`;
      await pool.query(`CREATE DATABASE ${name}`);
      made.add(name);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      return url.href;
    },
    dropDatabase: async (url) => {
      const name = new URL(url).pathname.slice(1);
      if (made.delete(name)) await drop(name);
    },
    stop: async () => {
      for (const name of made) await drop(name);
      await pool.end();
      await server.stop();
    },
  };
};
