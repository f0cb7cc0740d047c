import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventOf } from '../event-log/decider.ts';
import { compoundStream } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { createRatingRecord, type RatingRecord, ratedAt } from '../projections/reporting/rating-record.ts';
import type { Runner } from '../projections/runner.ts';
import { type Occasion, occasions, takeOccasion } from '../projections/star-rating/occasions.ts';
import { starRatingProjection } from '../projections/star-rating/projection.ts';
import { lastRating } from '../projections/star-rating/queries.ts';
import { type PreviousRating, ratingChanged } from '../projections/star-rating/rater.ts';
import type { Compound } from '../registry/registry.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Sql } from '../runtime/sql.ts';
import { isBehind } from './is-behind.ts';
import type { MakeRating } from './make-rating.ts';
import { nextTurn, type RatingState, type Rest, restAfter } from './rating-turns.ts';

const lookEverySeconds = 2;

interface Parts {
  sql: Sql;
  log: EventLog;
  index: RegistryIndex;
  logger: Logger;
  rate: MakeRating;
}

/** Rates one compound and records the change when its stars are others than at the last record. */
export const rateOne = async (
  { sql, log, rate }: Pick<Parts, 'sql' | 'log' | 'rate'>,
  compound: Compound,
  at: string,
  { recorded, keep }: { recorded: Map<string, PreviousRating>; keep: RatingRecord },
): Promise<void> => {
  const rating = await rate(compound, at);
  await keep(rating, compound.timeZone);
  // What this process recorded itself comes first: the read model may not have seen it yet.
  const previous = recorded.get(compound.id) ?? (await lastRating(sql, compound.id));
  const change = ratingChanged(previous, rating);
  if (change === null) return;
  const event = eventOf(
    randomUUID(),
    { type: 'rating.changed', data: change },
    { occurredAt: at, compound: compound.id, actor: 'policy:rater' },
  );
  await log.append([{ stream: compoundStream(compound.id), expectedRevision: 'any', events: [event] }]);
  recorded.set(compound.id, change);
};

interface RaterParts extends Parts {
  clock: Clock;
  metrics: Pick<Metrics, 'ratingOldestSeconds' | 'ratingSeconds'>;
  status: Runner['status'];
}

/** What pauses are measured by: a clock that nobody sets, or a jump of an hour would be a rest of many. */
interface Timer {
  nowMs(): number;
  /** Rejects when the signal aborts. */
  pass(ms: number, signal: AbortSignal): Promise<void>;
}
const machineTimer: Timer = {
  nowMs: () => performance.now(),
  pass: (ms, signal) => sleep(ms, undefined, { signal }),
};

const toldMore = (told: RatingState['told'], { atOnce }: Pick<Occasion, 'atOnce'>): RatingState['told'] =>
  atOnce || told === 'at-once' ? 'at-once' : 'something';

/** What is known of every compound, brought up to date at each look. */
const createStates = async ({ sql, index, clock }: RaterParts) => {
  const states = new Map<string, RatingState>();
  const knownSinceMs = new Map<string, number>();
  const rated = await ratedAt(sql);
  return {
    states,
    async look(): Promise<void> {
      for (const { id: compound } of index.compounds()) {
        if (states.has(compound)) continue;
        knownSinceMs.set(compound, clock.now());
        states.set(compound, { compound, ratedMs: rated.get(compound) ?? Number.NEGATIVE_INFINITY, told: 'nothing' });
      }
      for (const occasion of await occasions(sql)) {
        const state = states.get(occasion.compound);
        if (state !== undefined) state.told = toldMore(state.told, occasion);
      }
    },
    /** Of a compound that was never rated, since when it could have been. */
    oldestSeconds: (): number => {
      let oldestMs = clock.now();
      for (const { compound, ratedMs } of states.values()) {
        oldestMs = Math.min(oldestMs, Number.isFinite(ratedMs) ? ratedMs : knownSinceMs.get(compound)!);
      }
      return (clock.now() - oldestMs) / 1000;
    },
  };
};

/** Until the rest is over, or where nothing is to do until the next look. */
const pauseMs = ({ untilMs }: Rest, nowMs: number): number => {
  const lookMs = lookEverySeconds * 1000;
  return untilMs > nowMs ? Math.min(untilMs - nowMs, lookMs) : lookMs / 4;
};

/**
 * Rates each compound soon after something was told of it, and each at least once an hour because the window moves; who
 * waited longest first, and never more than a share of a core. Answers how to stop.
 */
export const rateRegularly = (parts: RaterParts, timer = machineTimer): (() => Promise<void>) => {
  const { sql, index, clock, logger, metrics } = parts;
  const stop = new AbortController();
  const memory = { recorded: new Map<string, PreviousRating>(), keep: createRatingRecord(sql) };

  const take = async (state: RatingState): Promise<void> => {
    let { told } = state;
    state.ratedMs = clock.now();
    state.told = 'nothing';
    try {
      const occasion = await takeOccasion(sql, state.compound);
      // Told since the last look, it would be lost with a rating that fails.
      if (occasion !== undefined) told = toldMore(told, occasion);
      await rateOne(parts, index.compound(state.compound)!, isoTime(clock.now()), memory);
    } catch (error) {
      if (stop.signal.aborted) return;
      if (state.told === 'nothing') state.told = told;
      logger.error({ err: error, compound: state.compound }, 'could not rate a compound');
    }
  };

  const run = async (): Promise<void> => {
    const { states, look, oldestSeconds } = await createStates(parts);
    let rest: Rest = { untilMs: 0, waitingUntilMs: 0 };
    let lookedMs = Number.NEGATIVE_INFINITY;
    while (!stop.signal.aborted) {
      if (timer.nowMs() - lookedMs >= lookEverySeconds * 1000) {
        await look();
        metrics.ratingOldestSeconds.set(oldestSeconds());
        lookedMs = timer.nowMs();
      }
      const startMs = timer.nowMs();
      const mayRate = startMs >= rest.untilMs && !isBehind(parts.status, starRatingProjection);
      const pressingOnly = startMs < rest.waitingUntilMs;
      const turn = mayRate ? nextTurn(states.values(), { nowMs: clock.now(), pressingOnly }) : undefined;
      if (turn === undefined) {
        await timer.pass(pauseMs(rest, startMs), stop.signal);
        continue;
      }
      await take(states.get(turn.compound)!);
      const endMs = timer.nowMs();
      rest = restAfter(rest, { endMs, tookMs: endMs - startMs, urgency: turn.urgency });
      metrics.ratingSeconds.observe((endMs - startMs) / 1000);
    }
  };

  const keepOn = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await run().catch(async (error) => {
        if (stop.signal.aborted) return;
        logger.error({ err: error }, 'the rater failed, trying again');
        await timer.pass(lookEverySeconds * 1000, stop.signal).catch(() => undefined);
      });
    }
  };
  const running = keepOn();
  return async () => {
    stop.abort();
    await running;
  };
};
