import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../../services/runtime/sql.ts';

/** Work orders told over MQTT keep their place five seconds late on purpose: that is no read model that is behind. */
const lagQuery = `
  WITH follower AS (
    SELECT projection, coalesce(position, '0')::bigint AS position FROM hub.projection_checkpoint
    WHERE projection NOT LIKE 'work-order-topic%')
  SELECT (SELECT coalesce(max(last_position), 0) FROM hub.seal)::text AS head,
         (SELECT coalesce(min(position), 0) FROM follower)::text AS slowest,
         (SELECT projection FROM follower ORDER BY position LIMIT 1) AS who`;

export interface LogState {
  head: number;
  /** Position of the projection that is furthest behind, and its name. */
  slowest: number;
  who: string;
}

export const logState = async (sql: Sql): Promise<LogState> => {
  const { rows } = await sql.query<{ head: string; slowest: string; who: string }>(lagQuery);
  return { head: Number(rows[0]!.head), slowest: Number(rows[0]!.slowest), who: rows[0]!.who };
};

/** The log's head alone, for whoever asks all the time: what that takes of the server is missing to the hub. */
export const headOf = async (sql: Sql): Promise<number> => {
  const { rows } = await sql.query<{ head: string }>(
    'SELECT coalesce(max(last_position), 0)::text AS head FROM hub.seal',
  );
  return Number(rows[0]!.head);
};

/**
 * Watches how far the projections are behind, in seconds: the age of the moment at which the log's head stood where
 * the slowest projection stands now. Positions alone would make a small backlog of a slow log look good.
 */
export const watchLag = (sql: Sql, pollMs = 250) => {
  const heads: { atMs: number; head: number }[] = [];
  const seen: { atSeconds: number; lagSeconds: number; who: string }[] = [];
  const startedMs = performance.now();
  let stopped = false;
  const look = async (): Promise<{ lagSeconds: number; state: LogState }> => {
    const state = await logState(sql);
    const nowMs = performance.now();
    heads.push({ atMs: nowMs, head: state.head });
    const passed = heads.find(({ head }) => head > state.slowest);
    const lagSeconds = state.slowest >= state.head ? 0 : (nowMs - (passed?.atMs ?? nowMs)) / 1000;
    seen.push({ atSeconds: (nowMs - startedMs) / 1000, lagSeconds, who: state.who });
    return { lagSeconds, state };
  };
  const watching = (async () => {
    while (!stopped) {
      await look();
      await sleep(pollMs);
    }
  })();
  return {
    look,
    worst: () => seen.reduce((worst, now) => (now.lagSeconds >= worst.lagSeconds ? now : worst)),
    /** Waits until all have passed `head`; answers how long that took. */
    async caughtUp(head: number, withinSeconds: number): Promise<number> {
      const fromMs = performance.now();
      for (;;) {
        const { slowest, who } = await logState(sql);
        const seconds = (performance.now() - fromMs) / 1000;
        if (slowest >= head) return seconds;
        if (seconds > withinSeconds) throw new Error(`${who} is ${head - slowest} events behind after ${seconds} s`);
        await sleep(50);
      }
    },
    async stop(): Promise<void> {
      stopped = true;
      await watching;
    },
  };
};
