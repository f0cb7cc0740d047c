import { type Standard, standardFile } from '../star-rating/standard.ts';
import { standardInForce } from '../star-rating/standards.ts';

/** A standard of one criterion: how much of the time the cameras are up, mandatory from one star on. */
export const camerasOnly = (version: string, thresholds: readonly [number, number, number]): Standard => {
  const known = standardInForce('2026-07-01T00:00:00.000Z');
  const { criteria: _, ...rest } = known;
  const cameras = known.criteria.find(({ id }) => id === 'CAM-3')!;
  const head = standardFile.parse({
    ...rest,
    id: 'cameras-only',
    version,
    categories: known.categories.filter(({ id }) => id === 'CAM').map((category) => ({ ...category, points: 100 })),
  });
  const [three, four, five] = thresholds;
  return { ...head, criteria: [{ ...cameras, points: 100, thresholds: { 3: three, 4: four, 5: five } }] };
};
