import pg from 'pg';
import type { Sql, Transact } from './sql.ts';

export interface PoolOptions {
  maxConnections?: number;
  /** Shown in `pg_stat_activity`. */
  applicationName?: string;
  /** The server gives a statement up after this long; 0 for never. */
  statementTimeoutSeconds?: number;
}

/**
 * Settings of a session by which the server misses a client within 20 s that was cut off from it. By its own defaults
 * it would keep the client's locks for two hours, also from the client that comes back.
 */
export const missesClientOptions =
  '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=20000';

/** A pool over a `postgres://` URL. Connections are made when needed, so a server that is down shows at the first query. */
export const openPool = (url: string, options: PoolOptions = {}): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? 10,
    application_name: options.applicationName ?? 'xingyuan',
    statement_timeout: (options.statementTimeoutSeconds ?? 60) * 1000,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    options: missesClientOptions,
    // A pool that nobody closed must not keep a failing process alive.
    allowExitOnIdle: true,
  });
  // An idle connection that dies is replaced by the pool; without a listener the event would end the process.
  pool.on('error', () => {});
  // A connection changes hands while its bytes are being read: an error message right behind finds nobody else.
  pool.on('connect', (client) => void client.on('error', () => {}));
  return pool;
};

export interface TransactOptions {
  /**
   * `false` for what the log can give again: its commit doesn't wait for the disk, and a crash of the server takes the
   * newest ones back, each as a whole and in order.
   */
  durable?: boolean;
}

/** One transaction per call, each on a connection of its own. */
export const transact =
  (pool: pg.Pool, { durable = true }: TransactOptions = {}): Transact =>
  async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query(durable ? 'BEGIN' : 'BEGIN; SET LOCAL synchronous_commit = off');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  };
