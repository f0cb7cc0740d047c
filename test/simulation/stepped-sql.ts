import type { Sql, Transact } from '../../services/runtime/sql.ts';
import type { Scheduler } from './scheduler.ts';

interface Request {
  run(): Promise<void>;
  drop(): void;
}

/** A connection of a pool, as far as it is used here. */
export interface Connection extends Sql {
  release(): void;
}

/**
 * SQL of one life of the hub, one statement at a time and only when all else is quiet: the database's own speed decides
 * nothing. A killed hub's statements are never answered, and its open transaction is rolled back.
 */
export const createSteppedSql = (scheduler: Scheduler, plain: Connection, own: Connection) => {
  const queue: Request[] = [];
  let alive = true;
  let statements = 0;
  let inTransaction = false;
  let turnOfTransactions: Promise<void> = Promise.resolve();

  const over =
    (connection: Connection): Sql['query'] =>
    (text, values) =>
      new Promise((resolve, reject) => {
        if (!alive) return;
        scheduler.touch();
        queue.push({
          async run() {
            const answer = await connection.query(text, values).then(
              (result) => () => resolve(result as never),
              (error: unknown) => () => reject(error),
            );
            if (alive) answer();
          },
          drop: () => undefined,
        });
      });

  scheduler.whenIdle(async () => {
    const next = alive ? queue.shift() : undefined;
    if (next === undefined) return false;
    statements += 1;
    await next.run();
    return true;
  });

  const sql: Sql = { query: over(plain) };
  const inside: Sql = { query: over(own) };

  const oneTransaction = async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
    inTransaction = true;
    try {
      await inside.query('BEGIN');
      const result = await work(inside);
      await inside.query('COMMIT');
      return result;
    } catch (error) {
      await inside.query('ROLLBACK');
      throw error;
    } finally {
      inTransaction = false;
    }
  };

  const transact: Transact = (work) => {
    const result = turnOfTransactions.then(() => oneTransaction(work));
    turnOfTransactions = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  };

  return {
    sql,
    transact,
    statements: () => statements,
    /** The process is gone: what it asked is not answered any more. */
    async kill(): Promise<void> {
      alive = false;
      queue.length = 0;
      if (inTransaction) await own.query('ROLLBACK');
    },
  };
};

export type SteppedSql = ReturnType<typeof createSteppedSql>;
