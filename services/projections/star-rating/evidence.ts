import { z } from 'zod';
import { isoTime } from '../../runtime/clock.ts';
import { bilingual, instant } from '../../runtime/schema.ts';
import type { RatingFacts } from './facts.ts';
import { type Contribution, intervalStates, subjectKinds } from './measures/contribution.ts';
import type { Bilingual, Measured } from './measures/measured.ts';
import { measure } from './measures/measures.ts';
import { measuredFor } from './rate.ts';
import { type Criterion, columnOf, type Standard } from './standard.ts';
import { standardName } from './standards.ts';
import { explanationOf } from './wording.ts';

export const evidenceItem = z.object({
  subject: z.object({ kind: z.enum(subjectKinds), id: z.string(), name: z.string() }),
  /** `false`: looked at and left out, `text` says why. */
  counted: z.boolean(),
  value: z.number().nullable(),
  numerator: z.number().nullable(),
  denominator: z.number().nullable(),
  text: bilingual,
  intervals: z.array(z.object({ from: instant, to: instant, state: z.enum(intervalStates) })),
  /** Intervals that are not shown here; with `subject=` all of them are. */
  intervalsLeft: z.int(),
});
export type EvidenceItem = z.infer<typeof evidenceItem>;

export const evidencePage = z.object({
  criterion: z.string(),
  /** The instant it speaks of: name it as `at` to page on, or the number moves in between. */
  at: instant,
  /** `null`: by all that is known today. */
  knownAt: instant.nullable(),
  window: z.object({ from: instant, to: instant }),
  standard: z.string(),
  value: z.number().nullable(),
  /** The counted items' numerators and denominators add up to these. */
  numerator: z.number().nullable(),
  denominator: z.number().nullable(),
  explanation: bilingual,
  /** The worst first; those that don't count last. */
  items: z.array(evidenceItem),
  next: z.string().nullable(),
});

/** Everything that made the number of one criterion. */
export interface Evidence {
  criterion: Criterion;
  /** `<id>@<version>`. */
  standard: string;
  atMs: number;
  window: RatingFacts['window'];
  value: number | null;
  numerator: number | null;
  denominator: number | null;
  explanation: Bilingual;
  /** The worst first; those that don't count last. */
  contributions: Contribution[];
}

/** How much a thing takes away from the number. */
const harmOf = ({ value, numerator, denominator }: Contribution): number =>
  numerator === null || denominator === null || denominator === 0 ? -(value ?? 0) : denominator - numerator;

const worstFirst = (a: Contribution, b: Contribution): number =>
  Number(b.counted) - Number(a.counted) ||
  harmOf(b) - harmOf(a) ||
  (b.badness ?? 0) - (a.badness ?? 0) ||
  (a.subject.name < b.subject.name ? -1 : a.subject.name > b.subject.name ? 1 : a.subject.id < b.subject.id ? -1 : 1);

const measured = (criterion: Criterion, facts: RatingFacts): Measured =>
  measuredFor(criterion, facts.compound.profile, (own) => measure(facts, own.measure));

/** Undefined where the standard has no such criterion. Pure. */
export const evidenceOf = (standard: Standard, facts: RatingFacts, criterionId: string): Evidence | undefined => {
  const criterion = standard.criteria.find(({ id }) => id === criterionId);
  if (criterion === undefined) return undefined;
  const answer = measured(criterion, facts);
  const { value, numerator, denominator } = answer;
  return {
    criterion,
    standard: standardName(standard),
    atMs: facts.atMs,
    window: facts.window,
    ...{ value, numerator, denominator },
    explanation: explanationOf(criterion, answer, columnOf(standard.profiles[facts.compound.profile])),
    contributions: (answer.contributions?.() ?? []).sort(worstFirst),
  };
};

/** The contribution of one subject, named as `<kind>:<id>`. */
export const contributionOf = ({ contributions }: Evidence, subject: string): Contribution | undefined =>
  contributions.find(({ subject: { kind, id } }) => `${kind}:${id}` === subject);

/** As it goes over the wire, with at most `intervalsMax` of its intervals, the newest. */
export const itemOf = (contribution: Contribution, intervalsMax: number): EvidenceItem => {
  const { subject, counted, value, numerator, denominator, text, intervals } = contribution;
  const shown = intervals.slice(Math.max(0, intervals.length - intervalsMax));
  return {
    ...{ subject, counted, value, numerator, denominator, text },
    intervals: shown.map(({ fromMs, toMs, state }) => ({ from: isoTime(fromMs), to: isoTime(toMs), state })),
    intervalsLeft: intervals.length - shown.length,
  };
};
