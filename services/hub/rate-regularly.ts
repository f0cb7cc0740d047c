import { randomUUID } from 'node:crypto';
import { eventOf } from '../event-log/decider.ts';
import { compoundStream } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { createRatingRecord, type RatingRecord } from '../projections/reporting/rating-record.ts';
import { lastRating } from '../projections/star-rating/queries.ts';
import { rateCompound } from '../projections/star-rating/rate-compound.ts';
import { type PreviousRating, ratingChanged } from '../projections/star-rating/rater.ts';
import { standardInForce } from '../projections/star-rating/standards.ts';
import type { Compound } from '../registry/registry.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import { isoTime, systemClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';

const everySeconds = 30;

interface Parts {
  sql: Sql;
  log: EventLog;
  index: RegistryIndex;
  logger: Logger;
}

/** Rates one compound and records the change when its stars are others than at the last record. */
export const rateOne = async (
  { sql, log, index }: Parts,
  compound: Compound,
  at: string,
  { recorded, keep }: { recorded: Map<string, PreviousRating>; keep: RatingRecord },
): Promise<void> => {
  const devices = index.devices().filter((device) => device.compound === compound.id);
  const rating = await rateCompound(sql, standardInForce(at), { compound, devices, at });
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

/** Rates every compound twice a minute, one after the other. Answers how to stop. */
export const rateRegularly = (parts: Parts): (() => Promise<void>) => {
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const memory = { recorded: new Map<string, PreviousRating>(), keep: createRatingRecord(parts.sql) };
  const round = async (): Promise<void> => {
    for (const compound of parts.index.compounds()) {
      if (stopped) return;
      await rateOne(parts, compound, isoTime(systemClock.now()), memory).catch((error) =>
        parts.logger.error({ err: error, compound: compound.id }, 'could not rate a compound'),
      );
    }
  };
  let busy = false;
  const timer = setInterval(() => {
    // A round that takes longer than the interval is not followed by a queue of others.
    if (busy) return;
    busy = true;
    running = round().finally(() => {
      busy = false;
    });
  }, everySeconds * 1000);
  return async () => {
    stopped = true;
    clearInterval(timer);
    await running;
  };
};
