import { Refusal } from '../event-log/decider.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { cutterOf } from '../projections/star-rating/cut.ts';
import { createKeptPasts, type PastToCut } from '../projections/star-rating/kept-pasts.ts';
import { type KnownRequest, loadKnownPast } from '../projections/star-rating/known-past.ts';
import type { Sql } from '../runtime/sql.ts';
import { createFairTurns, TooManyWaiting } from './fair-turns.ts';

/** What was known at some time is read from the log again, which takes the processor seconds: so one question at a time. */
const knownTurns = { atOnceMax: 1, waitingMax: 20, waitingPerOneMax: 3 };

/** Where the API takes what it rates from. */
export const createRatingPasts = (parts: { sql: Sql; log: Pick<EventLog, 'readStream'> }) => {
  const inTurn = createFairTurns(knownTurns);
  return {
    /** By all that is known today. */
    today: createKeptPasts(parts.sql),
    /** By what was known at some time; those who ask are served in turn. */
    async known(user: string, request: KnownRequest): Promise<PastToCut> {
      try {
        const past = await inTurn(user, () => loadKnownPast(parts, request));
        return { position: past.position, cut: cutterOf(past) };
      } catch (error) {
        if (!(error instanceof TooManyWaiting)) throw error;
        const message = 'too many questions of what was known are waiting; try again in a moment';
        throw new Refusal('rating.known-at-busy', message);
      }
    },
  };
};
export type RatingPasts = ReturnType<typeof createRatingPasts>;
