import type { RatingView } from '../../api/star-answers.ts';
import { dayOf, endOfDay } from '../../locales/instant.ts';

/** What the address bar says about which rating is looked at: days in the compound's zone, a standard by name. */
export interface RatingChoice {
  /** Empty: today. */
  day: string;
  /** By what was known at the end of that day; empty: by all that is known. */
  known: string;
  /** Empty: the one in force. */
  standard: string;
}

const dayText = /^\d{4}-\d{2}-\d{2}$/;
const pastDay = (text: string | undefined, today: string): string =>
  text !== undefined && dayText.test(text) && !Number.isNaN(Date.parse(text)) && text < today ? text : '';

/** A day that isn't over has no rating of its own yet, so it means now. */
export function parseRatingChoice(query: Record<string, string>, today: string): RatingChoice {
  const day = pastDay(query.day, today);
  return { day, known: day === '' ? '' : pastDay(query.known, today), standard: query.standard ?? '' };
}

export function ratingViewOf({ day, known, standard }: RatingChoice, zone: string): RatingView {
  return {
    at: day === '' ? undefined : endOfDay(day, zone),
    knownAt: known === '' ? undefined : endOfDay(known, zone),
    standard: standard === '' ? undefined : standard,
  };
}

export const dayIn = (ms: number, zone: string): string => dayOf(new Date(ms).toISOString(), zone);
