import { type EventLog, type StreamAppend, WrongExpectedRevision } from '../event-log/event-log.ts';
import { dueAppend } from '../projections/work-order-board/due.ts';
import { ordersDue } from '../projections/work-order-board/queries.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import { type Keeper, keepLooking } from '../runtime/keep-looking.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';

/** As many orders as are looked at in one go, and as are appended in one go. */
const dueMax = 2_000;
const appendMax = 500;

interface Parts {
  sql: Sql;
  log: Pick<EventLog, 'append'>;
  clock: Clock;
}

/** Appends what it can: an order that somebody changed meanwhile is left to the look after the board has heard of it. */
const appendAll = async (log: Parts['log'], appends: readonly StreamAppend[]): Promise<void> => {
  let left = [...appends];
  while (left.length > 0) {
    try {
      await log.append(left);
      return;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      left = left.filter(({ stream }) => stream !== error.stream);
    }
  }
};

/**
 * Looks once for clocks that ran out and says so in the log; answers how many orders it spoke of. The board holds the
 * instants, the log what was said: so a restart, a second process or a board that is read anew says nothing twice.
 */
export const createDeadlineKeeper = ({ sql, log, clock }: Parts) => {
  /** Orders spoken of, at the revision at which it was: until the board follows there is nothing new to say. */
  let spokenOf = new Map<string, number>();
  return async (): Promise<number> => {
    const at = isoTime(clock.now());
    const due = await ordersDue(sql, at, dueMax + spokenOf.size);
    const fresh = due.filter(({ id, revision }) => spokenOf.get(id) !== revision).slice(0, dueMax);
    for (let start = 0; start < fresh.length; start += appendMax) {
      const appends = fresh.slice(start, start + appendMax).map((row) => dueAppend(row, at));
      await appendAll(
        log,
        appends.filter((append) => append !== undefined),
      );
    }
    const spokenNow = new Map(fresh.map(({ id, revision }) => [id, revision]));
    spokenOf = new Map(
      due.flatMap(({ id }) => {
        const revision = spokenNow.get(id) ?? spokenOf.get(id);
        return revision === undefined ? [] : [[id, revision] as const];
      }),
    );
    return fresh.length;
  };
};

/** Keeps the deadlines of all orders until it is stopped. */
export const keepDeadlines = ({ logger, ...parts }: Parts & { logger: Logger }): Keeper => {
  const look = createDeadlineKeeper(parts);
  return keepLooking({
    look: async () => ((await look()) === dueMax ? 'more' : undefined),
    everyMs: 100,
    failure: 'the deadlines of work orders are not being kept',
    logger,
  });
};
