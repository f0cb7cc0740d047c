import { type Clock, isoTime } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';
import { persistently } from './wait-until.ts';

/** Longer than one try of anything that is sent under it. */
export const leaseSeconds = 30;
const lookEveryMs = 2_000;

export interface LeaseParts {
  sql: Sql;
  name: string;
  /** Another one for every start of a process. */
  owner: string;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
}

/** `true` where the lease is ours until `leaseSeconds` from now. */
const take = async ({ sql, name, owner, clock }: LeaseParts): Promise<boolean> => {
  const nowMs = clock.now();
  const { rowCount } = await sql.query(
    `INSERT INTO hub.outbound_lease (name, owner, until_at) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until_at = excluded.until_at
     WHERE outbound_lease.owner = excluded.owner OR outbound_lease.until_at < $4`,
    [name, owner, isoTime(nowMs + leaseSeconds * 1000), isoTime(nowMs)],
  );
  return rowCount === 1;
};

/**
 * Runs `work` while this process holds the lease, so that of several processes one sends. A process that is stopped
 * hands it on at once; one that was killed is waited for `leaseSeconds`.
 */
export const underLease = async (parts: LeaseParts, work: (signal: AbortSignal) => Promise<void>): Promise<void> => {
  const { sql, name, owner, logger, signal, clock } = parts;
  let held: { ending: AbortController; ended: Promise<void>; takenMs: number } | undefined;
  const letGo = async (): Promise<void> => {
    held?.ending.abort();
    await held?.ended;
    held = undefined;
  };
  const look = async (): Promise<void> => {
    try {
      if (!(await take(parts))) return await letGo();
    } catch (error) {
      // Without a word from the database, the lease is over when the others think so.
      if (held !== undefined && clock.now() - held.takenMs >= (leaseSeconds / 2) * 1000) await letGo();
      throw error;
    }
    if (held !== undefined) {
      held.takenMs = clock.now();
      return;
    }
    const ending = new AbortController();
    const ended = work(AbortSignal.any([signal, ending.signal])).catch((error: unknown) => {
      logger.error({ err: error }, `what runs under the lease ${name} failed, starting it again`);
      held = undefined;
    });
    held = { ending, takenMs: clock.now(), ended };
  };
  const failed = (error: unknown): void => logger.error({ err: error }, `could not look at the lease ${name}`);
  await persistently(look, { everyMs: lookEveryMs, signal, failed });
  await letGo();
  await sql
    .query('DELETE FROM hub.outbound_lease WHERE name = $1 AND owner = $2', [name, owner])
    .catch((error: unknown) => logger.warn({ err: error }, `could not give the lease ${name} back`));
};
