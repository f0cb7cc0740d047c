import { z } from 'zod';
import { bilingual, instant } from '../runtime/schema.ts';
import { DataFileWrong, parseDataFile, readDataFile } from './data-file.ts';

/** What a line of the formula may measure: a closed list; a new one is code with a test. */
export const figureMeasures = [
  'acknowledgeInTimePercent',
  'onSiteInTimePercent',
  'resolveInTimePercent',
  'firstTimeFixPercent',
  'repeatFaultPercent',
  'complaintsPerThousand',
  'satisfiedPercent',
  'roundsDonePercent',
] as const;
export type FigureMeasure = (typeof figureMeasures)[number];

export interface MeasuredFigure {
  /** `null` where there was nothing to be counted. */
  value: number | null;
  numerator: number;
  denominator: number;
}
export type MeasuredFigures = Record<FigureMeasure, MeasuredFigure>;

/** `2026-03`. */
export const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month like 2026-03');
const basis = z.enum(['A', 'B', 'C', 'D', 'K', 'N']);

const formulaLine = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'kebab-case'),
    title: bilingual,
    measure: z.enum(figureMeasures),
    points: z.number().positive(),
    full: z.number(),
    zero: z.number(),
    least: z.int().min(1),
    basis,
  })
  .refine(({ full, zero }) => full !== zero, 'full and zero are two values');

export const assessmentFormula = z.strictObject({
  version: z.string().min(1).max(32),
  firstMonth: month,
  title: bilingual,
  timeZone: z.string(),
  cutOffDays: z.int().min(0).max(28),
  lines: z.array(formulaLine).min(1),
  judgedPercent: z.number().min(0).max(100),
  grades: z
    .array(z.strictObject({ id: z.string().max(32), from: z.number().min(0).max(100), title: bilingual }))
    .min(1),
  negativeList: z.strictObject({
    below: z.number(),
    belowAgain: z.number(),
    months: z.int().min(2),
    off: z.number(),
    offMonths: z.int().min(1),
    basis,
  }),
});
export type AssessmentFormula = z.infer<typeof assessmentFormula>;

const formulasFile = z.strictObject({ formulas: z.array(assessmentFormula).min(1) });

const checked = (name: string, formulas: AssessmentFormula[]): AssessmentFormula[] => {
  for (const { version, lines, grades, negativeList } of formulas) {
    const wrong = (message: string): never => {
      throw new DataFileWrong(name, [`${version}: ${message}`]);
    };
    if (new Set(lines.map(({ id }) => id)).size < lines.length) wrong('two lines have one id');
    const points = lines.reduce((sum, line) => sum + line.points, 0);
    if (Math.abs(points - 100) > 1e-9) wrong(`the lines have ${points} points together, not 100`);
    if (grades.some(({ from }, index) => from >= (grades[index - 1]?.from ?? 101)) || grades.at(-1)!.from !== 0) {
      wrong('grades come from the best to the one that begins at 0');
    }
    const { below, belowAgain, off } = negativeList;
    if (below > belowAgain || belowAgain > off) wrong('the negative list: below ≤ belowAgain ≤ off');
  }
  const sorted = [...formulas].sort((left, right) => left.firstMonth.localeCompare(right.firstMonth));
  if (sorted.some(({ firstMonth }, index) => firstMonth === sorted[index - 1]?.firstMonth)) {
    throw new DataFileWrong(name, ['two formulas begin in one month']);
  }
  return sorted;
};

export const parseFormulas = (text: string, name = 'assessment.yaml'): AssessmentFormula[] =>
  checked(name, parseDataFile(formulasFile, name, text).formulas);

export const loadFormulas = (url: URL = new URL('./assessment.yaml', import.meta.url)): AssessmentFormula[] =>
  checked('assessment.yaml', readDataFile(formulasFile, url).formulas);

/** The formula of a month; `undefined` before the first. */
export const formulaOf = (formulas: readonly AssessmentFormula[], wanted: string): AssessmentFormula | undefined =>
  formulas.findLast(({ firstMonth }) => firstMonth <= wanted);

const assessedLine = z.strictObject({
  id: z.string(),
  title: bilingual,
  value: z.number().nullable(),
  numerator: z.number(),
  denominator: z.number(),
  full: z.number(),
  zero: z.number(),
  points: z.number().nullable(),
  of: z.number(),
  basis,
  text: bilingual,
});
export type AssessedLine = z.infer<typeof assessedLine>;

/** On stream `assessment-<company>`; the newest of a month holds. */
export const assessmentMade = z.strictObject({
  company: z.string().max(64),
  companyName: z.string().max(200),
  month,
  formula: z.string().max(32),
  /** What was known then counts, so that the month can be counted again. */
  asOf: instant,
  compounds: z.array(z.string().max(64)).max(10_000),
  households: z.int().min(0),
  lines: z.array(assessedLine),
  /** Of 100; `null` where too little could be judged. */
  total: z.number().nullable(),
  grade: z.string().nullable(),
  /** 负面清单. */
  listed: z.boolean(),
  listedText: bilingual,
});
export type AssessmentMade = z.infer<typeof assessmentMade>;
export const assessmentStream = (company: string): string => `assessment-${company}`;

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Share of the points that a value earns. */
const shareOf = (value: number, { full, zero }: Pick<AssessedLine, 'full' | 'zero'>): number =>
  Math.min(1, Math.max(0, (value - zero) / (full - zero)));

const assessLine = (
  line: AssessmentFormula['lines'][number],
  { value, numerator, denominator }: MeasuredFigure,
): AssessedLine => {
  const { id, title, full, zero, points: of, basis: from } = line;
  const known = { id, title, numerator: rounded(numerator), denominator, full, zero, of, basis: from };
  if (value === null || denominator < line.least) {
    const text = {
      zh: `样本不足（${denominator}，至少 ${line.least}），不计分也不计入满分`,
      en: `too few to judge (${denominator}, at least ${line.least}): counts on neither side`,
    };
    return { ...known, value: value === null ? null : rounded(value), points: null, text };
  }
  const points = rounded(of * shareOf(value, line));
  const shown = rounded(value);
  const text = {
    zh: `${rounded(numerator)} / ${denominator}，得 ${shown}；${full} 得满分 ${of}，${zero} 得 0，本项得 ${points}`,
    en: `${rounded(numerator)} of ${denominator} makes ${shown}; ${full} earns all ${of} points, ${zero} none: ${points}`,
  };
  return { ...known, value: shown, points, text };
};

/** What a month's list depends on: the totals and the list of the months before, oldest first, without gaps closed. */
export interface EarlierMonth {
  month: string;
  total: number | null;
  listed: boolean;
}

const listing = (
  { negativeList: rule }: AssessmentFormula,
  total: number | null,
  earlier: readonly EarlierMonth[],
): Pick<AssessmentMade, 'listed' | 'listedText'> => {
  const wasListed = earlier.at(-1)?.listed ?? false;
  if (total === null) {
    const text = { zh: '本月无总分，名单不变', en: 'no total this month, so the list stays as it is' };
    return { listed: wasListed, listedText: text };
  }
  const totals = [...earlier.flatMap((past) => (past.total === null ? [] : [past.total])), total];
  const lastAll = (months: number, holds: (value: number) => boolean): boolean =>
    totals.length >= months && totals.slice(-months).every(holds);
  if (total < rule.below) {
    return { listed: true, listedText: { zh: `低于 ${rule.below} 分，列入`, en: `below ${rule.below}: on the list` } };
  }
  if (lastAll(rule.months, (value) => value < rule.belowAgain)) {
    const text = {
      zh: `连续 ${rule.months} 个月低于 ${rule.belowAgain} 分，列入`,
      en: `${rule.months} months in a row below ${rule.belowAgain}: on the list`,
    };
    return { listed: true, listedText: text };
  }
  if (!wasListed) return { listed: false, listedText: { zh: '不在名单上', en: 'not on the list' } };
  const words = {
    zh: `连续 ${rule.offMonths} 个月不低于 ${rule.off} 分`,
    en: `${rule.offMonths} months in a row from ${rule.off} on`,
  };
  return lastAll(rule.offMonths, (value) => value >= rule.off)
    ? { listed: false, listedText: { zh: `${words.zh}，移出`, en: `${words.en}: off the list` } }
    : { listed: true, listedText: { zh: `尚未${words.zh}，保留`, en: `not yet ${words.en}: stays` } };
};

export interface Assessed
  extends Pick<AssessmentMade, 'company' | 'companyName' | 'month' | 'asOf' | 'compounds' | 'households'> {
  figures: MeasuredFigures;
  /** Months before this one, oldest first. */
  earlier: readonly EarlierMonth[];
}

/** Pure: the same figures and the same past give the same assessment. */
export const assess = (formula: AssessmentFormula, { figures, earlier, ...about }: Assessed): AssessmentMade => {
  const lines = formula.lines.map((line) => assessLine(line, figures[line.measure]));
  const judged = lines.filter((line) => line.points !== null);
  const of = judged.reduce((sum, line) => sum + line.of, 0);
  const earned = judged.reduce((sum, line) => sum + line.points!, 0);
  const total = of === 0 || of < formula.judgedPercent ? null : rounded((100 * earned) / of);
  const grade = total === null ? null : formula.grades.find(({ from }) => total >= from)!.id;
  return { ...about, formula: formula.version, lines, total, grade, ...listing(formula, total, earlier) };
};
