import { z } from 'zod';
import { type Rating, verdicts } from './rating.ts';
import { standardName } from './standards.ts';

/** How a criterion stood: the highest column it met, or why it met none. */
const standing = z.enum(['5', '4', '3', ...verdicts]);

/** `data` of `rating.changed`. It keeps how every criterion stood, so that the next change can name its causes. */
export const ratingChangedData = z.strictObject({
  from: z.int().min(0).max(5).nullable(),
  to: z.int().min(0).max(5),
  total: z.number(),
  /** `<id>@<version>`. */
  standard: z.string(),
  /** Criteria that stood otherwise at the change before; where none did, those that earned other points. */
  causes: z.array(z.string()),
  criteria: z.record(z.string(), z.strictObject({ standing, points: z.number() })),
});
export type RatingChangedData = z.infer<typeof ratingChangedData>;

/** What the change before left behind. */
export type PreviousRating = Pick<RatingChangedData, 'to' | 'criteria'>;

const criteriaOf = (rating: Rating): RatingChangedData['criteria'] =>
  Object.fromEntries(
    rating.criteria.map(({ id, verdicts: of, points }) => {
      const met = ([5, 4, 3] as const).find((column) => of[column] === 'met');
      return [id, { standing: met === undefined ? of[3] : (`${met}` as const), points }];
    }),
  );

const causesOf = (before: RatingChangedData['criteria'], now: RatingChangedData['criteria']): string[] => {
  const ids = Object.keys(now);
  const stoodOtherwise = ids.filter((id) => before[id]?.standing !== now[id]?.standing);
  return stoodOtherwise.length > 0 ? stoodOtherwise : ids.filter((id) => before[id]?.points !== now[id]?.points);
};

/** The `rating.changed` that a rating makes necessary; `null` while the stars are the same. */
export const ratingChanged = (previous: PreviousRating | null, rating: Rating): RatingChangedData | null => {
  if (previous?.to === rating.stars) return null;
  const criteria = criteriaOf(rating);
  return {
    from: previous?.to ?? null,
    to: rating.stars,
    total: rating.total,
    standard: standardName(rating.standard),
    causes: previous === null ? [] : causesOf(previous.criteria, criteria),
    criteria,
  };
};
