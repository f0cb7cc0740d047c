import { criterionCases } from '../../services/projections/star-rating/cases-for-tests.ts';
import { evidenceOf } from '../../services/projections/star-rating/evidence.ts';
import type { RatingFacts } from '../../services/projections/star-rating/facts.ts';
import { at } from '../../services/projections/star-rating/facts-for-tests.ts';
import { rate } from '../../services/projections/star-rating/rate.ts';
import type { CriterionResult } from '../../services/projections/star-rating/rating.ts';
import { findStandard } from '../../services/projections/star-rating/standards.ts';

const standard = findStandard('weihai-smart-compound@2020.1', at)!;

const resultOf = (facts: RatingFacts, id: string): CriterionResult =>
  rate(standard, facts, { at, position: null }).criteria.find((criterion) => criterion.id === id)!;

test('every criterion has its cases, and no case is of another', () => {
  expect(Object.keys(criterionCases).sort()).toEqual(standard.criteria.map(({ id }) => id).sort());
});

describe.each(Object.entries(criterionCases))('%s', (id, cases) => {
  const answers = [
    ['met', cases.met],
    ['not-met', cases.notMet],
    ['no-evidence', cases.noEvidence],
    ...(cases.notApplicable === undefined ? [] : ([['not-applicable', cases.notApplicable]] as const)),
  ] as const;

  test.each(answers)('%s', (verdict, facts) => {
    const result = resultOf(facts, id);
    expect(result.verdicts).toEqual({ 3: verdict, 4: verdict, 5: verdict });
    expect(result.pointsLost).toBeCloseTo(result.pointsMax - result.points, 6);
  });

  test('what is not met says who falls short, in both languages; what is met names nobody', () => {
    const { explanation } = resultOf(cases.notMet, id);
    expect(explanation.zh.split('。').length).toBe(3);
    expect(explanation.en.split('. ').length).toBeGreaterThanOrEqual(2);
    expect(resultOf(cases.met, id).explanation.zh.split('。').length).toBe(2);
  });

  test('the evidence is about the same number, and every item tells what it is', () => {
    const evidence = evidenceOf(standard, cases.notMet, id)!;
    const { value, explanation } = resultOf(cases.notMet, id);
    expect(evidence).toMatchObject({ value, explanation });
    expect(evidence.contributions.length).toBeGreaterThan(0);
    for (const { text, beneath, subject } of evidence.contributions) {
      for (const words of [text.zh, text.en, subject.id, subject.name]) expect(words).not.toBe('');
      expect(beneath.streams.length * beneath.types.length).toBeGreaterThan(0);
    }
    const subjects = evidence.contributions.map(({ subject: { kind, id: of } }) => `${kind}:${of}`);
    expect(new Set(subjects).size).toBe(subjects.length);
  });
});

test('where it is missing for a star, the text is the one of what is to be done', () => {
  const { missingFor } = rate(standard, criterionCases['CAM-3']!.notMet, { at, position: null });
  const item = missingFor[0]!.items.find(({ id }) => id === 'CAM-3')!;
  expect(item.text).toEqual({
    zh: '摄像机完好在线率 50 %，需 90 %：3 台摄像机中 2 台在线时间不足：d-3从未上线、d-2 50 %',
    en: 'Cameras intact and online 50 %, 90 % needed: 2 of 3 cameras were online for less of the time: d-3 (never heard), d-2 50 %',
  });
});
