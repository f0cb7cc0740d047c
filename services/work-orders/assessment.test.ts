import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type AssessmentFormula,
  assess,
  assessmentMade,
  type EarlierMonth,
  figureMeasures,
  formulaOf,
  loadFormulas,
  type MeasuredFigures,
  parseFormulas,
} from './assessment.ts';

const [formula] = loadFormulas() as [AssessmentFormula];
const text = readFileSync(new URL('./assessment.yaml', import.meta.url), 'utf8');

/** Of a hundred cases each. */
const figures = (values: Partial<Record<(typeof figureMeasures)[number], number | null>>): MeasuredFigures =>
  Object.fromEntries(
    figureMeasures.map((name) => {
      const value = values[name] ?? null;
      return [name, { value, numerator: value ?? 0, denominator: value === null ? 0 : 100 }];
    }),
  ) as MeasuredFigures;
const best = Object.fromEntries(formula.lines.map(({ measure, full }) => [measure, full]));
const worst = Object.fromEntries(formula.lines.map(({ measure, zero }) => [measure, zero]));
/** Each line halfway or at another share. */
const at = (share: number) =>
  Object.fromEntries(formula.lines.map(({ measure, full, zero }) => [measure, zero + share * (full - zero)]));

const about = {
  ...{ company: 'anju', companyName: '安居物业', month: '2026-03', asOf: '2026-04-05T16:00:00.000Z' },
  ...{ compounds: ['garden'], households: 1000 },
};
const assessed = (values: Parameters<typeof figures>[0], earlier: EarlierMonth[] = []) =>
  assess(formula, { ...about, figures: figures(values), earlier });

describe('the published formula', () => {
  test('gives 100 points at best, none at worst, and what lies between by the line', () => {
    expect(assessed(best)).toMatchObject({ total: 100, grade: 'excellent', listed: false });
    expect(assessed(worst)).toMatchObject({ total: 0, grade: 'failed', listed: true });
    expect(assessed(at(0.75))).toMatchObject({ total: 75, grade: 'passed' });
  });

  test('explains each line with its own numbers', () => {
    const made = assessed({ ...best, resolveInTimePercent: 84 });
    const line = made.lines.find(({ id }) => id === 'resolve-in-time')!;
    expect(line).toMatchObject({ value: 84, points: 10, of: 20 });
    expect(line.text.en).toBe('84 of 100 makes 84; 98 earns all 20 points, 70 none: 10');
    expect(assessmentMade.parse(made)).toEqual(made);
    expect(made.total).toBe(90);
  });

  test('a line without evidence counts on neither side; too little evidence gives no total', () => {
    const { satisfiedPercent: _, ...unrated } = at(0.5);
    expect(assessed(unrated)).toMatchObject({ total: 50 });
    const little = assessed({ satisfiedPercent: 100, roundsDonePercent: 100 });
    expect(little).toMatchObject({ total: null, grade: null, listed: false });
    expect(little.lines.find(({ id }) => id === 'complaints')).toMatchObject({ points: null, value: null });
  });

  test('never leaves 0 to 100, and a better value never costs points', () => {
    const value = fc.double({ min: 0, max: 200, noNaN: true });
    const all = fc.record(Object.fromEntries(figureMeasures.map((name) => [name, value])));
    fc.assert(
      fc.property(
        all,
        fc.constantFrom(...formula.lines),
        fc.double({ min: 0, max: 50, noNaN: true }),
        (any, line, by) => {
          const before = assessed(any).total!;
          const better = any[line.measure]! + (line.full > line.zero ? by : -by);
          const after = assessed({ ...any, [line.measure]: better }).total!;
          expect(before).toBeGreaterThanOrEqual(0);
          expect(after).toBeLessThanOrEqual(100);
          expect(after).toBeGreaterThanOrEqual(before);
        },
      ),
    );
  });
});

describe('the negative list', () => {
  const past = (...months: [total: number | null, listed: boolean][]): EarlierMonth[] =>
    months.map(([total, listed], index) => ({ month: `2025-0${index + 1}`, total, listed }));

  test.each<[string, EarlierMonth[], number, boolean]>([
    ['at once below 60', [], 0.59, true],
    ['not at 60', [], 0.6, false],
    ['after two months below 70', past([69, false]), 0.69, true],
    ['not after one', past([71, false]), 0.69, false],
    ['a month without a total breaks no row', past([69, false], [null, false]), 0.69, true],
    ['not off it after two good months', past([50, true], [80, true]), 0.8, true],
    ['off it after three', past([50, true], [80, true], [75, true]), 0.75, false],
    ['not off it with a middling month between', past([50, true], [80, true], [74, true], [80, true]), 0.8, true],
  ])('%s', (_, earlier, share, listed) => expect(assessed(at(share), earlier).listed).toBe(listed));

  test('stays as it is in a month without a total', () => {
    expect(assessed({}, past([50, true])).listed).toBe(true);
    expect(assessed({}, past([90, false])).listed).toBe(false);
  });
});

describe('the file', () => {
  test('a month is judged by the formula of its time', () => {
    const second = { ...formula, version: '2026.1', firstMonth: '2026-02' };
    const wanted = (month: string) => formulaOf([formula, second], month)?.version;
    expect([wanted('2019-12'), wanted('2026-01'), wanted('2026-02')]).toEqual([undefined, '2020.1', '2026.1']);
  });

  test.each([
    ['points: 20', 'points: 21', 'not 100'],
    ['id: on-site-in-time', 'id: acknowledge-in-time', 'one id'],
    ['from: 80', 'from: 95', 'grades'],
    ['belowAgain: 70', 'belowAgain: 50', 'negative list'],
    ['measure: satisfiedPercent', 'measure: kindness', 'measure'],
    ['zero: 57', 'zero: 90.5', 'two values'],
  ])('refuses %s → %s', (from, to, complaint) => {
    expect(() => parseFormulas(text.replace(from, to))).toThrow(complaint);
  });
});
