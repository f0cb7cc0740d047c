import { setTimeout as sleep } from 'node:timers/promises';
import type { Runner } from '../projections/runner.ts';
import { keepMonth, monthsToKeep } from '../projections/star-rating/kept-months.ts';
import { starRatingProjection } from '../projections/star-rating/projection.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Keeper, keepLooking } from '../runtime/keep-looking.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql, Transact } from '../runtime/sql.ts';
import { isBehind } from './is-behind.ts';

/** Share of the time, beside what ratings may cost; a month of three thousand compounds is kept within an hour or two. */
const share = 0.03;
const atOnceMax = 100;

interface Parts {
  sql: Sql;
  transact: Transact;
  index: Pick<RegistryIndex, 'compounds'>;
  clock: Clock;
  status: Runner['status'];
}

/** Keeps some months that are over, resting after each; `'more'` when there may be more of them. */
export const keepMonthsOver = async (
  { sql, transact, index, clock, status }: Parts,
  { signal, rest }: { signal: AbortSignal; rest(spentMs: number): Promise<unknown> },
): Promise<'more' | undefined> => {
  // What the read model has still to take in would take the rows away again.
  if (isBehind(status, starRatingProjection)) return undefined;
  const months = await monthsToKeep(sql, index.compounds(), { nowMs: clock.now(), limit: atOnceMax });
  for (const month of months) {
    if (signal.aborted) return undefined;
    const beganMs = performance.now();
    await transact((own) => keepMonth(own, month));
    await rest(performance.now() - beganMs);
  }
  return months.length === atOnceMax ? 'more' : undefined;
};

/** Keeps months that are over as one row each, so that a replay of ratings reads a year in a moment. */
export const keepMonths = ({ logger, ...parts }: Parts & { logger: Logger }): Keeper =>
  keepLooking({
    look: (signal) => {
      const rest = (spentMs: number): Promise<unknown> =>
        sleep(spentMs * (1 / share - 1), undefined, { signal }).catch(() => undefined);
      return keepMonthsOver(parts, { signal, rest });
    },
    everyMs: 60_000,
    failure: 'months that are over are not being kept for replays of ratings',
    logger,
  });
