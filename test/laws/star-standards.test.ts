import type { Measured } from '../../services/projections/star-rating/measures/measured.ts';
import { rateMeasured, shareOf } from '../../services/projections/star-rating/rate.ts';
import type { Rating } from '../../services/projections/star-rating/rating.ts';
import {
  type Column,
  type Criterion,
  columns,
  type Standard,
} from '../../services/projections/star-rating/standard.ts';
import {
  findStandard,
  standardInForce,
  standardName,
  standards,
} from '../../services/projections/star-rating/standards.ts';

const valued = (value: number | null, applicable = true): Measured => ({
  applicable,
  value,
  numerator: null,
  denominator: null,
  detail: { zh: '', en: '' },
});

const rated = (standard: Standard, answer: (criterion: Criterion) => Measured): Rating =>
  rateMeasured(standard, new Map(standard.criteria.map((criterion) => [criterion.id, answer(criterion)])), {
    compound: { id: 'garden', profile: 'new', timeZone: 'Asia/Shanghai' },
    at: '2026-07-01T04:00:00.000Z',
    position: null,
  });

/** Whether a higher star asks for more: where it doesn't, whoever reaches the column has reached the higher one too. */
const isOwnColumn = ({ thresholds }: Criterion, column: Column): boolean =>
  columns.every((other) => other <= column || thresholds[other] > thresholds[column]);

test('there is a standard, each name once, and one is in force', () => {
  const names = standards().map(standardName);
  expect(names).toContain('weihai-smart-compound@2020.1');
  expect(new Set(names).size).toBe(names.length);
  const today = standardInForce('2026-07-01T00:00:00.000Z');
  expect(findStandard(today.id, '2026-07-01T00:00:00.000Z')).toBe(today);
  expect(findStandard(standardName(today), '1990-01-01T00:00:00.000Z')).toBe(today);
  expect(findStandard('of-the-moon', '2026-07-01T00:00:00.000Z')).toBeUndefined();
});

describe.each(standards().map((standard) => [standardName(standard), standard] as const))('%s', (_, standard) => {
  const scored = standard.criteria.filter(({ control }) => !control);

  test('points add up to 100, and in each category to its own', () => {
    expect(scored.reduce((sum, { points }) => sum + points, 0)).toBe(100);
    for (const category of standard.categories) {
      const own = scored.filter((criterion) => criterion.category === category.id);
      expect(own.reduce((sum, { points }) => sum + points, 0)).toBe(category.points);
    }
  });

  test('no threshold crosses another, and every column says where its number comes from', () => {
    for (const { thresholds, basis } of standard.criteria) {
      expect(thresholds[4]).toBeGreaterThanOrEqual(thresholds[3]);
      expect(thresholds[5]).toBeGreaterThanOrEqual(thresholds[4]);
      for (const column of columns) expect(standard.basisLegend[basis[column].letter]).toBeDefined();
    }
  });

  test.each(columns)(
    'an item exactly at its %i-star value earns that star’s share, unless a higher one asks no more',
    (column) => {
      for (const criterion of scored) {
        const share = shareOf(criterion.thresholds[column], criterion.thresholds, standard);
        if (isOwnColumn(criterion, column)) expect(share).toBeCloseTo(standard.shares[column], 9);
        else expect(share).toBeGreaterThan(standard.shares[column]);
      }
    },
  );

  test.each(columns)(
    'everything exactly at its %i-star value gives that star and its share of the points',
    (column) => {
      const everything = rated(standard, ({ thresholds }) => valued(thresholds[column]));
      expect(everything.stars).toBeGreaterThanOrEqual(column);
      expect(everything.total).toBeGreaterThanOrEqual(standard.shares[column]);
      const own = rated(standard, (criterion) => valued(criterion.thresholds[column], isOwnColumn(criterion, column)));
      expect(own.total).toBeCloseTo(standard.shares[column], 5);
    },
  );

  test('without evidence there is no star, and every star names every control item', () => {
    const nothing = rated(standard, () => valued(null));
    expect(nothing).toMatchObject({ stars: 0, total: 0 });
    const control = standard.criteria.filter((criterion) => criterion.control).map(({ id }) => id);
    for (const { items } of nothing.missingFor) {
      expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining(control));
    }
  });
});

test('the catalogue of 2020.1 is complete', () => {
  const standard = findStandard('weihai-smart-compound@2020.1', '2026-07-01')!;
  const counts = new Map<string, number>();
  for (const { category } of standard.criteria) counts.set(category, (counts.get(category) ?? 0) + 1);
  expect(Object.fromEntries(counts)).toEqual({ control: 4, ACC: 5, CAM: 5, CHG: 4, SEN: 6, PLT: 3, PRO: 4, GOV: 2 });
  expect(standard).toMatchObject({ floorPercent: 30, windowDays: 30, profiles: { new: 4, retrofit: 3 } });
});
