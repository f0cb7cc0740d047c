import type { Rating } from '../star-rating/rating.ts';
import { compareDay, countsOf, type Rated, stretchesOf } from './compare.ts';

type Missing = Rating['missingFor'][number]['items'][number];

const text = { zh: '', en: '' };
const missing = (about: Missing['about'], id: string) => ({ about, id, text }) as Missing;

/** Points earned of ten by criterion; ACC-… are of the category ACC. */
const rated = (stars: number, points: Record<string, number>, lacking: Record<number, Missing[]> = {}): Rated => ({
  stars,
  criteria: () =>
    Object.entries(points).map(([id, earned]) => ({ id, category: id.slice(0, 3), points: earned, pointsMax: 10 })),
  missingFor: (star) => lacking[star] ?? [],
});
const of = (inForce: Rated, replayed: Rated) => compareDay('2026-01-01', inForce, replayed);

describe('which criteria make the difference', () => {
  test('none where the stars are the same', () => {
    const same = rated(3, { 'ACC-1': 10 }, { 4: [missing('criterion', 'ACC-1')] });
    expect(of(same, same).criteria).toEqual([]);
  });
  test('down: those that refuse the lowest star that is lost', () => {
    const inForce = rated(5, { 'ACC-1': 10, 'CAM-3': 10 });
    const replayed = rated(
      3,
      { 'ACC-1': 10, 'CAM-3': 9 },
      { 4: [missing('criterion', 'CAM-3')], 5: [missing('criterion', 'CAM-3'), missing('criterion', 'ACC-1')] },
    );
    expect(of(inForce, replayed)).toEqual({
      day: '2026-01-01',
      starsInForce: 5,
      starsReplayed: 3,
      criteria: ['CAM-3'],
    });
  });
  test('up: those by which the standard in force refuses it', () => {
    const inForce = rated(2, { 'ACC-1': 8 }, { 3: [missing('criterion', 'ACC-1')] });
    expect(of(inForce, rated(4, { 'ACC-1': 8 })).criteria).toEqual(['ACC-1']);
  });
  test('by the total: those that earn less than under the other standard', () => {
    const inForce = rated(4, { 'ACC-1': 9, 'CAM-3': 9, 'CHG-2': 5 });
    const replayed = rated(3, { 'ACC-1': 7, 'CAM-3': 9, 'CHG-2': 6 }, { 4: [missing('total', 'total')] });
    expect(of(inForce, replayed).criteria).toEqual(['ACC-1']);
  });
  test('by a floor: those of that category alone', () => {
    const inForce = rated(4, { 'ACC-1': 9, 'CAM-3': 9 });
    const replayed = rated(3, { 'ACC-1': 7, 'CAM-3': 2 }, { 4: [missing('floor', 'CAM')] });
    expect(of(inForce, replayed).criteria).toEqual(['CAM-3']);
  });
  test('none where nothing but the band was moved', () => {
    const inForce = rated(4, { 'ACC-1': 8 });
    expect(of(inForce, rated(3, { 'ACC-1': 8 }, { 4: [missing('total', 'total')] })).criteria).toEqual([]);
  });
});

describe('stretches of days', () => {
  const day = (number: number, starsInForce: number, starsReplayed: number, ...criteria: string[]) => ({
    day: `2026-01-0${number}`,
    ...{ starsInForce, starsReplayed, criteria },
  });
  test('begin where the stars differ, end where they are the same, differ otherwise, or nobody rated', () => {
    const days = [
      day(1, 3, 3),
      day(2, 4, 3, 'A'),
      day(3, 4, 3, 'B', 'A'),
      day(4, 4, 2, 'A'),
      null,
      day(6, 4, 2, 'C'),
      day(7, 2, 2),
    ];
    expect(stretchesOf(days)).toEqual([
      { day: '2026-01-02', until: '2026-01-03', days: 2, starsInForce: 4, starsReplayed: 3, criteria: ['A', 'B'] },
      { day: '2026-01-04', until: '2026-01-04', days: 1, starsInForce: 4, starsReplayed: 2, criteria: ['A'] },
      { day: '2026-01-06', until: '2026-01-06', days: 1, starsInForce: 4, starsReplayed: 2, criteria: ['C'] },
    ]);
  });
  test('and are counted by direction', () => {
    expect(countsOf([day(1, 3, 3), day(2, 4, 3), day(3, 1, 2), day(4, 0, 5)])).toEqual({ up: 2, down: 1, same: 1 });
  });
});
