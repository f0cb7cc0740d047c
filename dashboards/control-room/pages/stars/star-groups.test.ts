import type { CriterionResult } from '../../../../services/projections/star-rating/rating.ts';
import {
  basisLetters,
  columnOf,
  countsText,
  countVerdicts,
  groupCriteria,
  pointsToBand,
  roundedDown,
} from './star-groups.ts';

const criterion = (id: string, category: string, control: boolean): CriterionResult => ({
  id,
  title: { zh: id, en: id },
  category,
  control,
  mandatoryFrom: null,
  unit: '%',
  value: null,
  numerator: null,
  denominator: null,
  thresholds: null,
  points: 0,
  pointsMax: 0,
  pointsLost: 0,
  verdict: 'no-evidence',
  verdicts: { 3: 'no-evidence', 4: 'no-evidence', 5: 'no-evidence' },
  basis: 'D',
  explanation: { zh: '', en: '' },
});
const category = (id: string) => ({
  id,
  title: { zh: id, en: id },
  points: 0,
  pointsMax: 10,
  floorPoints: 3,
  floorMet: false,
});

test('control items first, categories in the standard’s order, empty ones left out, none lost', () => {
  const criteria = [
    criterion('CAM-1', 'CAM', false),
    criterion('CTL-1', 'CAM', true),
    criterion('ACC-1', 'ACC', false),
  ];
  const groups = groupCriteria({ categories: ['ACC', 'CAM', 'GOV'].map(category), criteria });
  expect(groups.map((group) => [group.category?.id ?? null, group.criteria.map(({ id }) => id)])).toEqual([
    [null, ['CTL-1']],
    ['ACC', ['ACC-1']],
    ['CAM', ['CAM-1']],
  ]);
  expect(countVerdicts(criteria)).toEqual({ met: 0, 'not-met': 0, 'no-evidence': 3, 'not-applicable': 0 });
});

test.each([
  [94.999, 1, '94.9'],
  [95, 1, '95'],
  [0.1 + 0.2, 1, '0.3'],
  [30, 2, '30'],
])('%d cut to %d decimals', (value, decimals, text) => {
  expect(roundedDown(value, decimals)).toBe(text);
});

test.each([
  ["3★ A: Shandong's indicators; 4★ 5★ D: default", ['A', 'D']],
  ['3★ 4★ 5★ D: default', ['D']],
  ['D', ['D']],
  ['words', []],
])('letters of %s', (basis, letters) => {
  expect(basisLetters(basis)).toEqual(letters);
});

test.each([
  [0, 3],
  [3, 3],
  [4, 4],
  [5, 5],
])('column of %d stars', (stars, column) => {
  expect(columnOf(stars)).toBe(column);
});

test('what a ratio was made of', () => {
  expect(countsText({ numerator: 18, denominator: 20 })).toBe('18 / 20');
  expect(countsText({ numerator: null, denominator: 20 })).toBe('');
});

test('points to a band', () => {
  const rating = { bands: [{ stars: 4, total: 80 }], total: 72.5 };
  expect([pointsToBand(rating, 4), pointsToBand({ ...rating, total: 90 }, 4), pointsToBand(rating, 6)]).toEqual([
    7.5,
    0,
    null,
  ]);
});
