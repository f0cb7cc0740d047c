import { randomUUID } from 'node:crypto';
import type { EventLog } from '../event-log/event-log.ts';
import { handleCommand } from '../event-log/handle-command.ts';
import { type RatingReplayCommand, ratingReplayDecider, replayStream } from '../projections/rating-replay/replay.ts';
import { type OpenReplay, oldestOpen, outcomeOf, plan, workOn } from '../projections/rating-replay/work.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import { type Keeper, keepLooking } from '../runtime/keep-looking.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql, Transact } from '../runtime/sql.ts';

/** Rates what is left of a replay; resolves once nothing is, or at the signal. */
export type RateReplay = (replay: OpenReplay, signal: AbortSignal) => Promise<void>;

/** In this thread, without rest. */
export const rateHere =
  (transact: Transact, clock: Clock): RateReplay =>
  (replay, signal) =>
    workOn({ transact, clock, signal, rest: async () => undefined }, replay);

export interface ReplayRatingsParts {
  sql: Sql;
  transact: Transact;
  log: Pick<EventLog, 'append' | 'readStream'>;
  index: Pick<RegistryIndex, 'compounds'>;
  clock: Clock;
  logger: Logger;
  work: RateReplay;
}

const say = async (
  { log, clock }: Pick<ReplayRatingsParts, 'log' | 'clock'>,
  id: string,
  command: RatingReplayCommand,
): Promise<void> => {
  await handleCommand(log, {
    stream: replayStream(id),
    decider: ratingReplayDecider,
    command,
    meta: { occurredAt: isoTime(clock.now()), actor: 'policy:rating-replay' },
    newId: randomUUID,
  });
};

/** Takes the oldest open replay further, to its end unless the signal aborts or somebody cancels it. */
const takeFurther = async (parts: ReplayRatingsParts, signal: AbortSignal): Promise<void> => {
  const { sql, transact, index, clock } = parts;
  const replay = await oldestOpen(sql);
  if (replay === undefined) return;
  await plan(transact, replay, { all: index.compounds(), clock });
  await parts.work(replay, signal);
  const outcome = await outcomeOf(sql, replay.id);
  if (outcome === undefined) return;
  await say(
    parts,
    replay.id,
    'failure' in outcome ? { type: 'fail', reason: outcome.failure } : { type: 'finish', ...outcome },
  );
};

/** Carries replays of ratings out, one after the other, also those that were under way at the last stop. */
export const replayRatings = (parts: ReplayRatingsParts): Keeper =>
  keepLooking({
    async look(signal) {
      await takeFurther(parts, signal);
      return undefined;
    },
    everyMs: 1_000,
    failure: 'replays of ratings are not being carried out',
    logger: parts.logger,
  });
