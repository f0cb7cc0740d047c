import { DateTime } from 'luxon';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import type { Position } from '../event-log/event.ts';
import { cutterOf } from '../projections/star-rating/cut.ts';
import type { RatingFacts } from '../projections/star-rating/facts.ts';
import { pastOfUnknown } from '../projections/star-rating/past.ts';
import type { Standard } from '../projections/star-rating/standard.ts';
import { findStandard, standardInForce, standardName, standards } from '../projections/star-rating/standards.ts';
import { compoundOrRefuse } from '../registry/commands.ts';
import type { Compound } from '../registry/registry.ts';
import { isoTime } from '../runtime/clock.ts';
import { instant } from '../runtime/schema.ts';

import type { ApiParts } from './api-parts.ts';
import type { Account } from './operation.ts';

/** What a rating is asked for. */
export const ratingQuery = z.strictObject({
  /** An instant, or a day of the compound's own calendar, which stands for its end. */
  at: z.union([instant, z.iso.date()]).optional(),
  /** By what was known then; left out, by all that is known today. */
  'known-at': instant.optional(),
  standard: z.string().max(100).optional(),
});

/** Far before it neither the calendar nor the database can tell a window's first day; the year's programme has the same. */
const earliestYear = 2000;
/** A client's clock may be fast. */
const aheadMsMax = 5 * 60_000;

/** The end of today is still to come, so today stands for now. */
const instantAsked = (at: string | undefined, { timeZone }: Pick<Compound, 'timeZone'>, nowMs: number): string => {
  if (at === undefined) return isoTime(nowMs);
  if (at.includes('T')) return isoTime(Date.parse(at));
  const day = DateTime.fromISO(at, { zone: timeZone });
  const isToday = day.hasSame(DateTime.fromMillis(nowMs, { zone: timeZone }), 'day');
  return isToday ? isoTime(nowMs) : isoTime(day.plus({ days: 1 }).toMillis());
};

export const standardAsked = (name: string | undefined, at: string): Standard => {
  const standard = name === undefined ? standardInForce(at) : findStandard(name, at);
  if (standard === undefined) {
    const known = standards().map(standardName).join(', ');
    throw new Refusal('rating.unknown-standard', `there is no standard ${name}; known are ${known}`);
  }
  return standard;
};

export interface FactsAsked {
  standard: Standard;
  facts: RatingFacts;
  at: string;
  knownAt: string | undefined;
  /** Log position that the facts were read up to. */
  position: Position | null;
}

/** The facts that a rating of that compound, asked for that way, is made from. */
export const factsAsked = async (
  { pasts, index, clock }: Pick<ApiParts, 'pasts' | 'index' | 'clock'>,
  compound: string,
  query: z.infer<typeof ratingQuery>,
  { user }: Pick<Account, 'user'>,
): Promise<FactsAsked> => {
  const registered = compoundOrRefuse(index, compound);
  const at = instantAsked(query.at, registered, clock.now());
  const refusal = (why: string) => new Refusal('rating.at', `at: ${query.at} ${why}`, { field: 'at' });
  if (Date.parse(at) > clock.now() + aheadMsMax) throw refusal('is still to come; leave it out for the rating of now');
  if (new Date(at).getUTCFullYear() < earliestYear) throw refusal(`lies before the year ${earliestYear}`);
  const known = query['known-at'];
  const knownAt = known === undefined ? undefined : isoTime(Date.parse(known));
  if (knownAt !== undefined && Date.parse(knownAt) > clock.now()) {
    throw new Refusal('rating.known-at', `known-at: ${knownAt} is still to come; nobody knows yet what will be known`, {
      field: 'known-at',
    });
  }
  const standard = standardAsked(query.standard, at);
  const { windowDays } = standard;
  const { cut, position } =
    knownAt === undefined
      ? await pasts.today({ compound, atMs: Date.parse(at), windowDays })
      : await pasts.known(user, { compound, at, windowDays, knownAt });
  if (cut === undefined && knownAt !== undefined) {
    throw new Refusal('rating.known-at', `known-at: compound ${compound} was not registered yet at ${knownAt}`, {
      field: 'known-at',
    });
  }
  const facts = (cut ?? cutterOf(pastOfUnknown(registered))!)({ at, windowDays });
  return { standard, facts, at, knownAt, position };
};
