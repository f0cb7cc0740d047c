import { type EventLog, WrongExpectedRevision } from '../event-log/event-log.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import { type Keeper, keepLooking } from '../runtime/keep-looking.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';
import { eraseOldReports } from '../work-orders/intake-reports.ts';
import { roundStream } from '../work-orders/round-events.ts';
import { roundAppends } from '../work-orders/rounds-due.ts';
import { roundsDue } from '../work-orders/rounds-read-model.ts';

const eraseEveryMs = 3_600_000;
const dueMax = 200;

interface Parts {
  sql: Sql;
  log: Pick<EventLog, 'append' | 'readStream'>;
  clock: Clock;
}

/**
 * Looks once for rounds that came due or ran out and says so. The log is asked anew before: a read model that is
 * behind, or a second process, makes nobody walk twice.
 */
export const startRoundsDue = async ({ sql, log, clock }: Parts): Promise<void> => {
  const at = isoTime(clock.now());
  for (const round of await roundsDue(sql, at, dueMax)) {
    const appends = roundAppends(round, await log.readStream(roundStream(round)), at);
    if (appends.length === 0) continue;
    await log.append(appends).catch((error) => {
      // Somebody changed the plan meanwhile: the next look has heard of it.
      if (!(error instanceof WrongExpectedRevision)) throw error;
    });
  }
};

/** Starts rounds when they are due, and erases what residents told once it has been kept for long enough. */
export const keepRounds = ({ logger, ...parts }: Parts & { logger: Logger }): Keeper => {
  let erasedAtMs = Number.NEGATIVE_INFINITY;
  return keepLooking({
    async look() {
      await startRoundsDue(parts);
      // By a clock that nobody sets, like every pause.
      if (performance.now() - erasedAtMs < eraseEveryMs) return undefined;
      await eraseOldReports(parts.sql, isoTime(parts.clock.now()));
      erasedAtMs = performance.now();
      return undefined;
    },
    everyMs: 1_000,
    failure: 'rounds are not being started',
    logger,
  });
};
