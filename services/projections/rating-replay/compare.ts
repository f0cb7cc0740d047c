import type { Rating } from '../star-rating/rating.ts';
import type { Counts, ReplayChange } from './replay.ts';

/** What the two standards make of one compound on one day. */
export interface ComparedDay {
  day: string;
  starsInForce: number;
  starsReplayed: number;
  criteria: string[];
}

type Missing = Pick<Rating['missingFor'][number]['items'][number], 'about' | 'id'>;

/** How a compound stands under a standard. */
export interface Rated {
  stars: number;
  criteria(): readonly Pick<Rating['criteria'][number], 'id' | 'category' | 'points' | 'pointsMax'>[];
  /** What stands between it and a star above its own. */
  missingFor(stars: number): readonly Missing[];
}

/** The same of a rating that was put into words. */
export const ratedOf = ({ stars, criteria, missingFor }: Rating): Rated => ({
  stars,
  criteria: () => criteria,
  missingFor: (star) => missingFor.find((entry) => entry.stars === star)?.items ?? [],
});

const lostPoints = ({ criteria }: Rated): Map<string, number> =>
  new Map(criteria().map(({ id, points, pointsMax }) => [id, pointsMax - points]));

/** The criteria by which `refusing` doesn't grant `stars` although `granting` does, in the standard's order. */
export const refusedBy = (refusing: Rated, granting: Rated, stars: number): string[] => {
  const items = refusing.missingFor(stars);
  const named = (about: string) => new Set(items.filter((item) => item.about === about).map(({ id }) => id));
  const criteria = named('criterion');
  const floors = named('floor');
  const isTotalMissing = named('total').size > 0;
  const lostThere = lostPoints(granting);
  return refusing
    .criteria()
    .filter(({ id, category, points, pointsMax }) => {
      if (criteria.has(id)) return true;
      const losesMore = pointsMax - points > (lostThere.get(id) ?? 0);
      return losesMore && (isTotalMissing || floors.has(category));
    })
    .map(({ id }) => id);
};

/** Two ratings of one day; the causes are those of the lowest star that only one of them grants. */
export const compareDay = (day: string, inForce: Rated, replayed: Rated): ComparedDay => {
  const { stars: starsInForce } = inForce;
  const { stars: starsReplayed } = replayed;
  const disputed = Math.min(starsInForce, starsReplayed) + 1;
  const criteria =
    starsReplayed < starsInForce
      ? refusedBy(replayed, inForce, disputed)
      : starsReplayed > starsInForce
        ? refusedBy(inForce, replayed, disputed)
        : [];
  return { day, starsInForce, starsReplayed, criteria };
};

export type Stretch = Omit<ReplayChange, 'compound' | 'name'>;

/** Days that follow each other with the same two different stars, as one stretch with the causes of all of them. */
export const stretchesOf = (days: readonly (ComparedDay | null)[]): Stretch[] => {
  const stretches: Stretch[] = [];
  let open: Stretch | undefined;
  for (const compared of days) {
    if (compared === null || compared.starsInForce === compared.starsReplayed) {
      open = undefined;
      continue;
    }
    const { day, criteria, ...stars } = compared;
    if (open?.starsInForce === stars.starsInForce && open.starsReplayed === stars.starsReplayed) {
      open.until = day;
      open.days += 1;
      open.criteria = [...new Set([...open.criteria, ...criteria])];
    } else {
      open = { day, until: day, days: 1, ...stars, criteria: [...criteria] };
      stretches.push(open);
    }
  }
  return stretches;
};

export const countsOf = (days: readonly Pick<ComparedDay, 'starsInForce' | 'starsReplayed'>[]): Counts => ({
  up: days.filter(({ starsInForce, starsReplayed }) => starsReplayed > starsInForce).length,
  down: days.filter(({ starsInForce, starsReplayed }) => starsReplayed < starsInForce).length,
  same: days.filter(({ starsInForce, starsReplayed }) => starsReplayed === starsInForce).length,
});
