import { z } from 'zod';
import { registryId } from '../../registry/registry.ts';
import { bilingual, instant } from '../../runtime/schema.ts';

export const verdicts = ['met', 'not-met', 'no-evidence', 'not-applicable'] as const;
const starColumns = z.object({ 3: z.number(), 4: z.number(), 5: z.number() });
export const criterionResult = z.object({
  id: z.string(),
  title: bilingual,
  category: z.string(),
  /** Control items pass or fail and carry no points. */
  control: z.boolean(),
  /** Mandatory from this star on; `null`: never. */
  mandatoryFrom: z.int().min(1).max(5).nullable(),
  unit: z.string(),
  value: z.number().nullable(),
  /** What the value was made of, where it is a ratio. */
  numerator: z.number().nullable(),
  denominator: z.number().nullable(),
  thresholds: starColumns.nullable(),
  points: z.number(),
  pointsMax: z.number(),
  /** What it still has to give. */
  pointsLost: z.number(),
  /** Against the column of the compound's target star. */
  verdict: z.enum(verdicts),
  verdicts: z.object({ 3: z.enum(verdicts), 4: z.enum(verdicts), 5: z.enum(verdicts) }),
  /** Where the numbers come from: A official … D this project's default (see the standard's own page),
   * by column where the columns differ: `A/B/B`. */
  basis: z.string(),
  /** The same in words, with the sources by name. */
  basisSources: z.string().optional(),
  /** What was measured, against what, and who falls short of it. */
  explanation: bilingual,
});
export const missingItem = z.object({
  /** `criterion`, `floor` of a category, or the `total`. */
  about: z.enum(['criterion', 'floor', 'total']),
  id: z.string(),
  text: bilingual,
  /** What it brings to the total once it is done; `null` for a control item, which carries no points. */
  points: z.number().nullable(),
  /** For the total: how much each criterion still has to give to it, the most first. */
  gains: z.array(z.object({ criterion: z.string(), points: z.number() })).optional(),
});
export const rating = z.object({
  compound: registryId,
  standard: z.object({ id: z.string(), version: z.string(), title: bilingual }),
  profile: z.enum(['new', 'retrofit']),
  /** The instant the rating speaks of, the window it looked at, and the log position it had read up to. */
  at: instant,
  /** By what was known then; left out, by all that is known today. */
  knownAt: instant.optional(),
  window: z.object({ from: instant, to: instant, days: z.int() }),
  position: z.string().nullable(),
  stars: z.int().min(0).max(5),
  targetStars: z.int().min(1).max(5),
  total: z.number(),
  bands: z.array(z.object({ stars: z.int(), total: z.number() })),
  categories: z.array(
    z.object({
      id: z.string(),
      title: bilingual,
      points: z.number(),
      pointsMax: z.number(),
      floorPoints: z.number(),
      floorMet: z.boolean(),
    }),
  ),
  criteria: z.array(criterionResult),
  /** Per star above today's, everything that is still to be done for it. */
  missingFor: z.array(z.object({ stars: z.int(), items: z.array(missingItem) })),
});

export const ratingChange = z.object({
  at: instant,
  from: z.int().nullable(),
  to: z.int(),
  total: z.number(),
  standard: z.string(),
  causes: z.array(z.string()),
});

export type Rating = z.infer<typeof rating>;
export type CriterionResult = z.infer<typeof criterionResult>;
