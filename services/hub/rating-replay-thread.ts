import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { type OpenReplay, workOn } from '../projections/rating-replay/work.ts';
import { systemClock } from '../runtime/clock.ts';
import { openPool, transact } from '../runtime/postgres.ts';

/** What the thread is told at its start. */
export interface RatingReplaySettings {
  databaseUrl: string;
  replay: OpenReplay;
}

/** `busy`: the share of its time that the hub's own thread is at work, 0 to 1. */
export type ToRatingReplay = { busy: number } | 'stop';

const busyMax = 0.95;

/** Rates in a thread of its own, and takes of the time no larger a share than the hub leaves idle. */
const main = async ({ databaseUrl, replay }: RatingReplaySettings): Promise<void> => {
  const port = parentPort!;
  const stopping = new AbortController();
  const { signal } = stopping;
  let busy = 0;
  port.on('message', (word: ToRatingReplay) => {
    if (word === 'stop') stopping.abort();
    else busy = Math.min(word.busy, busyMax);
  });
  const pool = openPool(databaseUrl, { maxConnections: 2, applicationName: 'xingyuan rating replay' });
  const rest = async (spentMs: number): Promise<void> => {
    const restMs = (spentMs * busy) / (1 - busy);
    if (restMs >= 1) await sleep(restMs, undefined, { signal }).catch(() => undefined);
  };
  try {
    await workOn({ transact: transact(pool, { durable: false }), clock: systemClock, signal, rest }, replay);
  } finally {
    await pool.end();
    port.close();
  }
};

await main(workerData as RatingReplaySettings);
