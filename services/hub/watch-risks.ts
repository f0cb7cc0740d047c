import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventOf } from '../event-log/decider.ts';
import { compoundStream } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { standingRisks } from '../projections/programme/queries.ts';
import type { RatingOutlook } from '../projections/rating-outlook/outlook.ts';
import { type RatingAtRisk, riskEvent } from '../projections/rating-outlook/risk.ts';
import type { Runner } from '../projections/runner.ts';
import { starRatingProjection } from '../projections/star-rating/projection.ts';
import type { Compound } from '../registry/registry.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';
import { isBehind } from './is-behind.ts';

const roundSeconds = 3_600;
/** Of one core. */
const shareAtMost = 0.04;
/** Devices that lost the hub with its stop are given so long to be heard again. */
const firstLookSeconds = 600;

export interface RiskParts {
  sql: Sql;
  log: Pick<EventLog, 'append'>;
  clock: Clock;
  outlookOf(compound: Compound): Promise<RatingOutlook>;
}

/** Looks at one compound after the other, and records where a risk begins or has passed, once each. */
export const createRiskWatch = ({ sql, log, clock, outlookOf }: RiskParts) => {
  /** What this process told itself: the read model may not have seen it yet. */
  const told = new Map<string, RatingAtRisk | null>();
  const calmSinceMs = new Map<string, number>();
  let standing = new Map<string, RatingAtRisk>();

  return {
    async beginRound(): Promise<void> {
      standing = await standingRisks(sql);
    },
    async look(compound: Compound): Promise<void> {
      const outlook = await outlookOf(compound);
      const nowMs = clock.now();
      if (outlook.atRisk) calmSinceMs.delete(compound.id);
      else if (!calmSinceMs.has(compound.id)) calmSinceMs.set(compound.id, nowMs);
      const known = told.get(compound.id);
      const before = known === undefined ? (standing.get(compound.id) ?? null) : known;
      const calmForMs = nowMs - (calmSinceMs.get(compound.id) ?? nowMs);
      const fact = riskEvent(before, outlook, { calmForMs });
      if (fact === null) return;
      const meta = { occurredAt: isoTime(nowMs), compound: compound.id, actor: 'policy:risk-watch' };
      const events = [eventOf(randomUUID(), fact, meta)];
      await log.append([{ stream: compoundStream(compound.id), expectedRevision: 'any', events }]);
      told.set(compound.id, fact.type === 'rating.at-risk' ? fact.data : null);
    },
  };
};

interface WatchParts extends RiskParts {
  index: Pick<RegistryIndex, 'compounds'>;
  status: Runner['status'];
  logger: Logger;
}

/** Looks at every compound once an hour, and never takes more than its share of a core. Answers how to stop. */
export const watchRisks = (parts: WatchParts): (() => Promise<void>) => {
  const { index, logger, status } = parts;
  const stop = new AbortController();
  const watch = createRiskWatch(parts);
  const pause = (seconds: number): Promise<void> =>
    sleep(Math.max(seconds, 0) * 1000, undefined, { signal: stop.signal }).catch(() => undefined);

  const lookAt = async (compound: Compound): Promise<void> => {
    // By a clock that nobody sets, or a jump of an hour would be a rest of many.
    const beganMs = performance.now();
    await watch
      .look(compound)
      .catch((error) => logger.error({ err: error, compound: compound.id }, 'could not look ahead for a compound'));
    const tookSeconds = (performance.now() - beganMs) / 1000;
    await pause(tookSeconds * (1 / shareAtMost - 1));
  };

  const run = async (): Promise<void> => {
    await pause(firstLookSeconds);
    while (!stop.signal.aborted) {
      const beganMs = performance.now();
      try {
        await watch.beginRound();
        for (const compound of index.compounds()) {
          // What the read model hasn't read yet would look like silence, and silence like a risk.
          if (stop.signal.aborted || isBehind(status, starRatingProjection)) break;
          await lookAt(compound);
        }
      } catch (error) {
        logger.error({ err: error }, 'could not look ahead');
      }
      await pause(roundSeconds - (performance.now() - beganMs) / 1000);
    }
  };
  const running = run();
  return async () => {
    stop.abort();
    await running;
  };
};
