import fc from 'fast-check';
import { parseStandard, type StandardFile } from './load-standard.ts';
import type { Measured } from './measures/measured.ts';
import { rateMeasured, shareOf } from './rate.ts';
import { type Rating, rating } from './rating.ts';

const at = '2026-07-01T04:00:00.000Z';

const standardText = `
id: example
version: '1'
title: { zh: 示例, en: Example }
jurisdiction: { zh: 示例, en: Example }
effectiveFrom: '2026-01-01'
notice: { zh: 示例, en: Example }
bands: { 1: 50, 2: 60, 3: 70, 4: 80, 5: 90 }
floorPercent: 30
shares: { 3: 75, 4: 88, 5: 100 }
nothingBelowPercent: 50
windowDays: 30
profiles: { new: 4, retrofit: 3 }
categories:
  - { id: AAA, title: { zh: 甲, en: Alpha }, points: 60 }
  - { id: BBB, title: { zh: 乙, en: Beta }, points: 40 }
basisLegend: { D: { zh: 默认, en: default } }
`;

const criterion = (id: string, lines: string): StandardFile => ({
  name: `criteria/${id}.yaml`,
  text: `
id: ${id}
title: { zh: ${id}项, en: Item ${id} }
unit: '%'
measure: { name: satisfaction, satisfiedFrom: 4 }
basis:
  3: { letter: D, source: default }
  4: { letter: D, source: default }
  5: { letter: D, source: default }
${lines}`,
});

const standard = parseStandard([
  { name: 'standard.yaml', text: standardText },
  criterion('CTL-1', 'control: true\ncategory: control\nthresholds: { 3: 30, 4: 30, 5: 30 }'),
  criterion('CTL-2', 'control: true\ncategory: control\nprofiles: [new]\nthresholds: { 3: 100, 4: 100, 5: 100 }'),
  criterion('AAA-1', 'category: AAA\nmandatoryFrom: 3\nthresholds: { 3: 80, 4: 90, 5: 100 }\npoints: 30'),
  criterion('AAA-2', 'category: AAA\nmandatoryFrom: null\nthresholds: { 3: 60, 4: 80, 5: 95 }\npoints: 30'),
  criterion('BBB-1', 'category: BBB\nmandatoryFrom: 4\nthresholds: { 3: 40, 4: 80, 5: 90 }\npoints: 20'),
  criterion('BBB-2', 'category: BBB\nmandatoryFrom: 1\nthresholds: { 3: 80, 4: 85, 5: 90 }\npoints: 20'),
]);

type Given = Record<string, number | 'no-evidence' | 'not-applicable'>;

const measuredAs = (given: Given): Map<string, Measured> =>
  new Map(
    Object.entries(given).map(([id, answer]) => [
      id,
      {
        applicable: answer !== 'not-applicable',
        value: typeof answer === 'number' ? answer : null,
        numerator: null,
        denominator: null,
        detail: () => ({ zh: '细节', en: 'detail' }),
      },
    ]),
  );

const all = (value: number): Given => Object.fromEntries(standard.criteria.map(({ id }) => [id, value]));
const rated = (given: Given, profile: 'new' | 'retrofit' = 'retrofit'): Rating =>
  rateMeasured(standard, measuredAs(given), {
    compound: { id: 'garden', profile, timeZone: 'Asia/Shanghai' },
    at,
    position: '17',
  });
const itemsFor = (result: Rating, stars: number): string[] =>
  result.missingFor.find((entry) => entry.stars === stars)?.items.map(({ about, id }) => `${about} ${id}`) ?? [];
const criterionOf = (result: Rating, id: string) => result.criteria.find((item) => item.id === id)!;

describe('share of the points', () => {
  test.each([
    ['below half the three-star value', 39.9, { 3: 80, 4: 90, 5: 100 }, 0],
    ['at half the three-star value', 40, { 3: 80, 4: 90, 5: 100 }, 37.5],
    ['just below the three-star value', 79.2, { 3: 80, 4: 90, 5: 100 }, 74.25],
    ['at three stars', 80, { 3: 80, 4: 90, 5: 100 }, 75],
    ['between three and four', 85, { 3: 80, 4: 90, 5: 100 }, 81.5],
    ['at four stars', 90, { 3: 80, 4: 90, 5: 100 }, 88],
    ['between four and five', 95, { 3: 80, 4: 90, 5: 100 }, 94],
    ['at five stars', 100, { 3: 80, 4: 90, 5: 100 }, 100],
    ['above five stars', 250, { 3: 80, 4: 90, 5: 100 }, 100],
    ['all columns the same, reached', 100, { 3: 100, 4: 100, 5: 100 }, 100],
    ['all columns the same, not reached', 98, { 3: 100, 4: 100, 5: 100 }, 73.5],
    ['four and five the same, reached', 100, { 3: 80, 4: 100, 5: 100 }, 100],
    ['four and five the same, half way', 90, { 3: 80, 4: 100, 5: 100 }, 81.5],
    ['three and four the same, reached', 80, { 3: 80, 4: 80, 5: 100 }, 88],
  ])('%s', (_, value, thresholds, expected) => {
    expect(shareOf(value, thresholds, standard)).toBeCloseTo(expected, 9);
  });
});

describe('stars', () => {
  test.each<[string, Given, number, number]>([
    ['everything at its best', all(100), 5, 100],
    ['everything at its three-star value', { 'CTL-1': 30, 'AAA-1': 80, 'AAA-2': 60, 'BBB-1': 40, 'BBB-2': 80 }, 3, 75],
    ['everything at its four-star value', { 'CTL-1': 30, 'AAA-1': 90, 'AAA-2': 80, 'BBB-1': 80, 'BBB-2': 85 }, 4, 88],
    ['everything at its five-star value', { 'CTL-1': 30, 'AAA-1': 100, 'AAA-2': 95, 'BBB-1': 90, 'BBB-2': 90 }, 5, 100],
    ['a control item just missed', { ...all(100), 'CTL-1': 29.9 }, 0, 100],
    ['a control item without evidence', { ...all(100), 'CTL-1': 'no-evidence' }, 0, 100],
    ['a control item that does not apply', { ...all(100), 'CTL-1': 'not-applicable' }, 5, 100],
    ['mandatory from four, below its four-star column', { ...all(100), 'BBB-1': 79.9 }, 3, 97.5935],
    ['mandatory from three, below its three-star column', { ...all(100), 'AAA-1': 79.9 }, 2, 92.471875],
    ['mandatory from one, below its three-star column', { ...all(100), 'BBB-2': 79 }, 0, 94.8125],
    ['mandatory from one, at its three-star column', { ...all(100), 'BBB-2': 80 }, 3, 95],
    ['mandatory without evidence', { ...all(100), 'AAA-1': 'no-evidence' }, 2, 70],
    ['mandatory that does not apply', { ...all(100), 'AAA-1': 'not-applicable' }, 5, 100],
    ['never mandatory, and nothing of it', { ...all(100), 'AAA-2': 0 }, 3, 70],
    ['not measured at all', {}, 0, 0],
    ['nothing applies', Object.fromEntries(standard.criteria.map(({ id }) => [id, 'not-applicable'])) as Given, 0, 0],
  ])('%s', (_, given, stars, total) => {
    const result = rated(given);
    expect(result.stars).toBe(stars);
    expect(result.total).toBeCloseTo(total, 3);
  });

  test('what does not apply leaves numerator and denominator', () => {
    const result = rated({ ...all(100), 'AAA-1': 'not-applicable', 'AAA-2': 60 });
    expect(result.categories[0]).toMatchObject({ points: 22.5, pointsMax: 30, floorPoints: 9 });
    expect(result.total).toBeCloseTo((100 * 62.5) / 70, 5);
  });

  test('no evidence earns nothing and stays in the denominator', () => {
    const result = rated({ ...all(100), 'AAA-2': 'no-evidence' });
    expect(result.categories[0]).toMatchObject({ points: 30, pointsMax: 60 });
    expect(criterionOf(result, 'AAA-2')).toMatchObject({
      value: null,
      verdict: 'no-evidence',
      points: 0,
      pointsMax: 30,
    });
  });

  test('a category below its floor costs every star', () => {
    const result = rated({ ...all(100), 'BBB-1': 20, 'BBB-2': 0 });
    expect(result.categories[1]).toMatchObject({ points: 7.5, floorPoints: 12, floorMet: false });
    expect(itemsFor(result, 1)).toEqual(['criterion BBB-2', 'floor BBB']);
  });

  test('a category to which nothing applies has no floor', () => {
    const result = rated({ ...all(100), 'BBB-1': 'not-applicable', 'BBB-2': 'not-applicable' });
    expect(result.categories[1]).toMatchObject({ pointsMax: 0, floorMet: true });
    expect(result.stars).toBe(5);
  });
});

describe('profiles', () => {
  test('an item of the other profile does not apply, and the verdict looks at the profile’s own star', () => {
    const given = { ...all(100), 'CTL-2': 0, 'BBB-1': 50 };
    expect(rated(given)).toMatchObject({ stars: 3, targetStars: 3 });
    expect(rated(given, 'new')).toMatchObject({ stars: 0, targetStars: 4 });
    expect(criterionOf(rated(given), 'CTL-2').verdict).toBe('not-applicable');
    expect(criterionOf(rated(given), 'CTL-2').explanation.en).toBe('Does not apply: asked of new compounds only.');
    expect(criterionOf(rated(given), 'BBB-1').verdict).toBe('met');
    expect(criterionOf(rated(given, 'new'), 'BBB-1').verdict).toBe('not-met');
  });
});

describe('what is missing', () => {
  test('only for the stars above, with numbers, in both languages', () => {
    const result = rated({ ...all(100), 'BBB-1': 60.55, 'AAA-2': 'no-evidence' });
    expect(result.stars).toBe(2);
    expect(result.missingFor.map(({ stars }) => stars)).toEqual([3, 4, 5]);
    expect(itemsFor(result, 3)).toEqual(['total total']);
    expect(itemsFor(result, 4)).toEqual(['criterion BBB-1', 'total total']);
    const [short, total] = result.missingFor.find(({ stars }) => stars === 4)!.items;
    expect(short!.text).toEqual({ zh: 'BBB-1项 60.5 %，需 80 %', en: 'Item BBB-1 60.5 %, 80 % needed' });
    expect(total!.text.en).toBe('Total 66.3, 80 needed; most to gain: Item AAA-2 +30, Item BBB-1 +3.6');
  });

  test('and what each would bring to the total, were it done', () => {
    const result = rated({ ...all(100), 'BBB-1': 60.55, 'AAA-2': 'no-evidence', 'CTL-1': 20 });
    const [control, short, total] = result.missingFor.find(({ stars }) => stars === 4)!.items;
    expect(control).toMatchObject({ id: 'CTL-1', points: null });
    // 20 points at 88 % are 17.6; 60.55 of 40 … 80 is 51.375 % of the way from 75 % to 88 %.
    expect(short!.points).toBeCloseTo(17.6 - 0.2 * (75 + 0.51375 * 13), 5);
    expect(total!.points).toBeCloseTo(80 - result.total, 5);
    expect(total!.gains!.map(({ criterion }) => criterion)).toEqual(['AAA-2', 'BBB-1']);
    expect(result.total + total!.gains!.reduce((sum, { points }) => sum + points, 0)).toBeCloseTo(100, 5);
    expect(criterionOf(result, 'AAA-2').pointsLost).toBe(30);
    expect(criterionOf(result, 'CTL-1').pointsLost).toBe(0);
  });

  test('of what does not apply a point is worth more of the total', () => {
    const result = rated({ ...all(100), 'BBB-1': 'not-applicable', 'AAA-2': 'no-evidence' });
    const [total] = result.missingFor.find(({ stars }) => stars === 5)!.items;
    expect(total!.gains).toEqual([{ criterion: 'AAA-2', points: 37.5 }]);
  });

  test('who falls short is named, against the column of that star', () => {
    const shortfall = (needed: number) => ({ zh: `不到${needed}`, en: `below ${needed}` });
    const measured = measuredAs(all(100));
    measured.set('BBB-1', { ...measured.get('BBB-1')!, value: 60, shortfall });
    const result = rateMeasured(standard, measured, {
      compound: { id: 'garden', profile: 'retrofit', timeZone: 'Asia/Shanghai' },
      ...{ at, position: null },
    });
    const textFor = (stars: number) =>
      result.missingFor.find((entry) => entry.stars === stars)?.items.find(({ id }) => id === 'BBB-1')?.text.en;
    expect([3, 4, 5].map(textFor)).toEqual([
      undefined,
      'Item BBB-1 60 %, 80 % needed: below 80',
      'Item BBB-1 60 %, 90 % needed: below 90',
    ]);
    // Three stars are what a retrofitted compound must hold: nobody falls short of them.
    expect(criterionOf(result, 'BBB-1').explanation.en).toBe('detail: 60 %, 3★ asks for 40 %.');
  });

  test('a control item without evidence says so for every star', () => {
    const result = rated({ ...all(100), 'CTL-1': 'no-evidence' });
    for (const stars of [1, 2, 3, 4, 5]) expect(itemsFor(result, stars)).toEqual(['criterion CTL-1']);
    expect(result.missingFor[0]!.items[0]!.text).toEqual({
      zh: 'CTL-1项：无证据，细节',
      en: 'Item CTL-1: no evidence, detail',
    });
  });

  test('nothing at five stars', () => {
    expect(rated(all(100)).missingFor).toEqual([]);
  });
});

test('a rating names what it was made of', () => {
  const result = rated(all(100));
  expect(result).toMatchObject({
    compound: 'garden',
    standard: { id: 'example', version: '1' },
    at,
    window: { from: '2026-06-01T04:00:00.000Z', to: at, days: 30 },
    position: '17',
  });
  expect(rating.parse(result)).toEqual(result);
});

describe('properties', () => {
  const answer = fc.oneof(
    fc.double({ min: 0, max: 120, noNaN: true }),
    fc.constantFrom('no-evidence' as const, 'not-applicable' as const),
  );
  const given = fc.record(Object.fromEntries(standard.criteria.map(({ id }) => [id, answer]))) as fc.Arbitrary<Given>;
  const raised = (value: Given[string], by: number): Given[string] => {
    if (value === 'not-applicable') return value;
    return value === 'no-evidence' ? by : value + by;
  };

  test('raising a value, or giving evidence, never lowers the total or the stars', () => {
    fc.assert(
      fc.property(
        given,
        fc.constantFrom(...standard.criteria.map(({ id }) => id)),
        fc.double({ min: 0, max: 60, noNaN: true }),
        (values, id, by) => {
          const before = rated(values);
          const after = rated({ ...values, [id]: raised(values[id]!, by) });
          expect(after.total).toBeGreaterThanOrEqual(before.total);
          expect(after.stars).toBeGreaterThanOrEqual(before.stars);
        },
      ),
    );
  });

  test('points add up, nothing exceeds its maximum, and each star asks for all that the one below asks', () => {
    fc.assert(
      fc.property(given, fc.constantFrom('new' as const, 'retrofit' as const), (values, profile) => {
        const result = rated(values, profile);
        expect(result.stars).toBeLessThanOrEqual(5);
        expect(result.total).toBeGreaterThanOrEqual(0);
        expect(result.total).toBeLessThanOrEqual(100);
        for (const category of result.categories) {
          const own = result.criteria.filter((item) => item.category === category.id);
          expect(own.reduce((sum, { points }) => sum + points, 0)).toBeCloseTo(category.points, 5);
          expect(own.reduce((sum, { pointsMax }) => sum + pointsMax, 0)).toBeCloseTo(category.pointsMax, 5);
        }
        for (const { points, pointsMax } of result.criteria) expect(points).toBeLessThanOrEqual(pointsMax);
        expect(result.missingFor.map(({ stars }) => stars)).toEqual([1, 2, 3, 4, 5].slice(result.stars));
        for (const { items } of result.missingFor) expect(items).not.toHaveLength(0);
      }),
    );
  });
});
