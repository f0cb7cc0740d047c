import pg from 'pg';
import type { Sql, Transact } from './sql.ts';

export interface PoolOptions {
  maxConnections?: number;
  /** Shown in `pg_stat_activity`. */
  applicationName?: string;
  /** The server gives a statement up after this long; 0 for never. */
  statementTimeoutSeconds?: number;
}

/** A pool over a `postgres://` URL. Connections are made when needed, so a server that is down shows at the first query. */
export const openPool = (url: string, options: PoolOptions = {}): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? 10,
    application_name: options.applicationName ?? 'xingyuan',
    statement_timeout: (options.statementTimeoutSeconds ?? 60) * 1000,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    // A pool that nobody closed must not keep a failing process alive.
    allowExitOnIdle: true,
  });
  // An idle connection that dies is replaced by the pool; without a listener the event would end the process.
  pool.on('error', () => {});
  return pool;
};

/** One transaction per call, each on a connection of its own. */
export const transact =
  (pool: pg.Pool): Transact =>
  async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    // The running query rejects by itself; the event must not end the process.
    const ignore = () => {};
    client.on('error', ignore);
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.off('error', ignore);
      client.release(broken);
    }
  };
