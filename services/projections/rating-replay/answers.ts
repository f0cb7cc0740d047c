import { type Measured, noEvidence, notApplicable, valued } from '../star-rating/measures/measured.ts';

/** Nobody reads these words: a replay looks at stars, and at which criteria stand in their way. */
export const wordless = { detail: () => ({ zh: '', en: '' }) };

/** What a measure answers on each day of a period. */
export interface Answers {
  isApplicable: Uint8Array;
  /** `NaN`: no evidence. */
  values: Float64Array;
}

export const answersOf = (measured: (day: number) => Measured, days: number): Answers => {
  const answers = { isApplicable: new Uint8Array(days), values: new Float64Array(days) };
  for (let day = 0; day < days; day += 1) {
    const { applicable, value } = measured(day);
    answers.isApplicable[day] = Number(applicable);
    answers.values[day] = value ?? Number.NaN;
  }
  return answers;
};

export const answerOn = ({ isApplicable, values }: Answers, day: number): Measured => {
  if (isApplicable[day] === 0) return notApplicable(wordless);
  const value = values[day]!;
  return Number.isNaN(value) ? noEvidence(wordless) : valued(value, wordless);
};
