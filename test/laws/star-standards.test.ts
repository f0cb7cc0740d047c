import { type CriterionCases, criterionCases } from '../../services/projections/star-rating/cases-for-tests.ts';
import type { RatingFacts } from '../../services/projections/star-rating/facts.ts';
import {
  atMs,
  deviceFactsOf,
  factsOf,
  hourMs,
  workOrderOf,
} from '../../services/projections/star-rating/facts-for-tests.ts';
import type { Measured } from '../../services/projections/star-rating/measures/measured.ts';
import { measure } from '../../services/projections/star-rating/measures/measures.ts';
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
  detail: () => ({ zh: '', en: '' }),
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

/** Where a version asks for more than the common cases give, or has a criterion of its own. */
const ownCases: Readonly<Record<string, Record<string, CriterionCases>>> = {
  'weihai-smart-compound@2026.1': {
    'CTL-1': {
      ...criterionCases['CTL-1']!,
      met: factsOf({ devices: [deviceFactsOf({ kind: 'camera' }, { retainedDays: 45 })] }),
    },
    'PRO-5': {
      met: factsOf({ devices: [deviceFactsOf()], workOrders: [workOrderOf({ resolvedAtMs: atMs - 47 * hourMs })] }),
      notMet: factsOf({ devices: [deviceFactsOf()], workOrders: [workOrderOf({ resolvedAtMs: atMs - 45 * hourMs })] }),
      noEvidence: factsOf(),
      notApplicable: factsOf({ devices: [deviceFactsOf()] }),
    },
  },
};
const casesOf = (standard: Standard): Record<string, CriterionCases> => ({
  ...criterionCases,
  ...ownCases[standardName(standard)],
});

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

  test('bands rise, from one star to five', () => {
    const { bands } = standard;
    expect([...new Set(Object.values(bands))].sort((left, right) => left - right)).toEqual(Object.values(bands));
    expect(Object.keys(bands)).toEqual(['1', '2', '3', '4', '5']);
  });

  test.each(standard.criteria.map((criterion) => [criterion.id, criterion] as const))(
    '%s has cases of every answer, and gives them',
    (id, criterion) => {
      const cases = casesOf(standard)[id];
      if (cases === undefined) throw new Error(`${id} has no cases: add them to cases-for-tests.ts`);
      const valueUnder = (facts: RatingFacts): number | null => measure(facts, criterion.measure).value;
      expect(valueUnder(cases.met)).toBeGreaterThanOrEqual(criterion.thresholds[5]);
      expect(valueUnder(cases.notMet)).toBeLessThan(criterion.thresholds[3]);
      expect(measure(cases.noEvidence, criterion.measure)).toMatchObject({ applicable: true, value: null });
      if (cases.notApplicable === undefined || criterion.profiles.length < 2) return;
      expect(measure(cases.notApplicable, criterion.measure).applicable).toBe(false);
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

test('a draft is found by its whole name only, and is marked wherever its title stands', () => {
  const drafts = standards().filter(({ draft }) => draft);
  expect(drafts.map(standardName)).toContain('weihai-smart-compound@2026.1');
  for (const { id, version, title, notice, jurisdiction, basisLegend, criteria } of drafts) {
    expect(findStandard(`${id}@${version}`, '2020-01-01')).toMatchObject({ id, version, draft: true });
    expect(findStandard(id, '2099-01-01T00:00:00.000Z')?.draft).toBe(false);
    expect(standardInForce('2099-01-01T00:00:00.000Z').draft).toBe(false);
    for (const text of [title, notice, jurisdiction]) {
      expect(text.en).toMatch(/made up/);
      expect(text.zh).toMatch(/虚构/);
    }
    expect(basisLegend).toEqual({ D: { zh: expect.stringMatching(/虚构/), en: expect.stringMatching(/made up/) } });
    for (const { basis } of criteria) {
      for (const column of columns) expect(basis[column]).toEqual({ letter: 'D', source: 'made up for illustration' });
    }
  }
});

test('the draft of 2026 asks for no less than 2020.1, and for more in most', () => {
  const [now, later] = ['2020.1', '2026.1'].map((version) => findStandard(`weihai-smart-compound@${version}`, '')!);
  let stricter = 0;
  for (const { id, thresholds, mandatoryFrom } of now!.criteria) {
    const other = later!.criteria.find((criterion) => criterion.id === id)!;
    for (const column of columns) expect(other.thresholds[column]).toBeGreaterThanOrEqual(thresholds[column]);
    expect(other.mandatoryFrom ?? 6).toBeLessThanOrEqual(mandatoryFrom ?? 6);
    if (columns.some((column) => other.thresholds[column] > thresholds[column])) stricter += 1;
  }
  expect(stricter).toBeGreaterThan(now!.criteria.length / 2);
});

test('the catalogue of 2020.1 is complete', () => {
  const standard = findStandard('weihai-smart-compound@2020.1', '2026-07-01')!;
  const counts = new Map<string, number>();
  for (const { category } of standard.criteria) counts.set(category, (counts.get(category) ?? 0) + 1);
  expect(Object.fromEntries(counts)).toEqual({ control: 4, ACC: 5, CAM: 5, CHG: 4, SEN: 6, PLT: 3, PRO: 4, GOV: 2 });
  expect(standard).toMatchObject({ floorPercent: 30, windowDays: 30, profiles: { new: 4, retrofit: 3 } });
});
