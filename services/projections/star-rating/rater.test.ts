import { type PreviousRating, ratingChanged, ratingChangedData } from './rater.ts';
import type { CriterionResult, Rating } from './rating.ts';

type Verdict = CriterionResult['verdict'];

const criterionOf = (id: string, points: number, three: Verdict, four: Verdict): CriterionResult => ({
  id,
  title: { zh: id, en: id },
  category: 'AAA',
  control: false,
  mandatoryFrom: 3,
  unit: '%',
  value: 1,
  numerator: null,
  denominator: null,
  thresholds: { 3: 80, 4: 90, 5: 100 },
  points,
  pointsMax: 10,
  pointsLost: 10 - points,
  verdict: three,
  verdicts: { 3: three, 4: four, 5: 'not-met' },
  basis: 'D',
  explanation: { zh: '', en: '' },
});

const ratingOf = (stars: number, criteria: CriterionResult[]): Rating => ({
  compound: 'garden',
  standard: { id: 'example', version: '1', title: { zh: '', en: '' } },
  profile: 'retrofit',
  at: '2026-07-01T04:00:00.000Z',
  window: { from: '2026-06-01T04:00:00.000Z', to: '2026-07-01T04:00:00.000Z', days: 30 },
  position: null,
  stars,
  targetStars: 3,
  total: 81,
  bands: [],
  categories: [],
  criteria,
  missingFor: [],
});

const before: PreviousRating = {
  to: 3,
  criteria: { 'AAA-1': { standing: '3', points: 7.5 }, 'AAA-2': { standing: 'no-evidence', points: 0 } },
};

test.each<[string, PreviousRating | null, Rating, unknown]>([
  [
    'the first rating is a change without causes',
    null,
    ratingOf(2, [criterionOf('AAA-1', 8, 'met', 'not-met')]),
    { from: null, to: 2, total: 81, standard: 'example@1', causes: [] },
  ],
  ['the same stars are no change', before, ratingOf(3, [criterionOf('AAA-1', 10, 'met', 'met')]), null],
  [
    'what stood otherwise caused it',
    before,
    ratingOf(4, [criterionOf('AAA-1', 9, 'met', 'met'), criterionOf('AAA-2', 0, 'no-evidence', 'no-evidence')]),
    { from: 3, to: 4, causes: ['AAA-1'] },
  ],
  [
    'evidence that was found or lost caused it',
    before,
    ratingOf(2, [criterionOf('AAA-1', 7.5, 'met', 'not-met'), criterionOf('AAA-2', 1, 'not-met', 'not-met')]),
    { from: 3, to: 2, causes: ['AAA-2'] },
  ],
  [
    'where all stand as before, other points caused it',
    before,
    ratingOf(2, [criterionOf('AAA-1', 7.6, 'met', 'not-met'), criterionOf('AAA-2', 0, 'no-evidence', 'no-evidence')]),
    { from: 3, to: 2, causes: ['AAA-1'] },
  ],
])('%s', (_, previous, rating, expected) => {
  const change = ratingChanged(previous, rating);
  if (expected === null) expect(change).toBeNull();
  else expect(ratingChangedData.parse(change)).toMatchObject(expected as object);
});

test('a change leaves behind what the next one compares with', () => {
  const first = ratingChanged(null, ratingOf(3, [criterionOf('AAA-1', 8, 'met', 'not-met')]))!;
  expect(ratingChanged(first, ratingOf(3, []))).toBeNull();
  const second = ratingChanged(first, ratingOf(2, [criterionOf('AAA-1', 5, 'not-met', 'not-met')]));
  expect(second).toMatchObject({ from: 3, to: 2, causes: ['AAA-1'] });
});
