import { rounded } from '../star-rating/judged.ts';
import { lowestRefused, starsOf } from '../star-rating/missing.ts';
import { floorOf, isAskedOf, pointsBy, totalOf } from '../star-rating/rate.ts';
import type { Criterion, Standard } from '../star-rating/standard.ts';
import type { MeasuredDays } from './measured-days.ts';

/** What has been earned on each day so far. */
interface Tally {
  points: ReadonlyMap<string, Float64Array>;
  pointsMax: ReadonlyMap<string, Float64Array>;
  lowestRefused: Float64Array;
}

const addCriterion = (
  standard: Standard,
  criterion: Criterion,
  { profiles, answers }: MeasuredDays,
  tally: Tally,
): void => {
  const { isApplicable, values } = answers(criterion.measure);
  // Control items are of no category: they carry no points.
  const points = tally.points.get(criterion.category);
  const pointsMax = tally.pointsMax.get(criterion.category);
  for (let day = 0; day < profiles.length; day += 1) {
    if (isApplicable[day] === 0 || !isAskedOf(criterion, profiles[day]!)) continue;
    const value = Number.isNaN(values[day]!) ? null : values[day]!;
    tally.lowestRefused[day] = Math.min(tally.lowestRefused[day]!, lowestRefused(criterion, value));
    if (points === undefined || pointsMax === undefined) continue;
    points[day]! += pointsBy(standard, criterion, value);
    pointsMax[day]! += criterion.points;
  }
};

/**
 * The stars of each day under a standard, a criterion at a time: what stands in the way of a star is only asked for on
 * the few days on which two standards differ.
 */
export const starsByDay = (standard: Standard, measured: MeasuredDays): Uint8Array => {
  const days = measured.profiles.length;
  const byCategory = () => new Map(standard.categories.map(({ id }) => [id, new Float64Array(days)]));
  const tally: Tally = {
    points: byCategory(),
    pointsMax: byCategory(),
    lowestRefused: new Float64Array(days).fill(Number.POSITIVE_INFINITY),
  };
  for (const criterion of standard.criteria) addCriterion(standard, criterion, measured, tally);
  return Uint8Array.from({ length: days }, (_, day) => {
    let [earned, available, areFloorsMet] = [0, 0, true];
    for (const { id } of standard.categories) {
      const points = rounded(tally.points.get(id)![day]!);
      const pointsMax = tally.pointsMax.get(id)![day]!;
      if (points < floorOf(standard, pointsMax)) areFloorsMet = false;
      earned += points;
      available += pointsMax;
    }
    const reached = { total: totalOf(earned, available), areFloorsMet, lowestRefused: tally.lowestRefused[day]! };
    return starsOf(reached, standard);
  });
};
