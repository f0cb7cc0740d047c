import { z } from 'zod';
import { measureParameters } from './measures/measures.ts';

/** The stars that have a column of thresholds; one and two stars ask for the three-star column. */
export const columns = [3, 4, 5] as const;
export type Column = (typeof columns)[number];
export const columnOf = (stars: number): Column => (stars >= 5 ? 5 : stars === 4 ? 4 : 3);

const perColumn = <Value extends z.ZodType>(value: Value) => z.strictObject({ 3: value, 4: value, 5: value });
/** Both languages, and something in each. */
const bilingual = z.strictObject({ zh: z.string().trim().min(1), en: z.string().trim().min(1) });
const percent = z.number().min(0).max(100);
const id = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'kebab-case, e.g. weihai-smart-compound');
/** How well founded a number is, from an official page (A) to this project's default (D). */
const letter = z.enum(['A', 'B', 'C', 'N', 'K', 'D']);
const profile = z.enum(['new', 'retrofit']);
const criterionId = z.string().regex(/^[A-Z]{3}-[1-9][0-9]*$/, 'three letters and a number, e.g. ACC-1');

/** The category of control items, which carry no points. */
export const controlCategory = 'control';

export const standardFile = z.strictObject({
  id,
  version: z.string().regex(/^[0-9]+(\.[0-9]+)*$/, "numbers and dots in quotes, e.g. '2020.1'"),
  title: bilingual,
  jurisdiction: bilingual,
  effectiveFrom: z.iso.date(),
  /** Rated by only where somebody names it with its version: never in force by its date. */
  draft: z.boolean().default(false),
  /** What a reader must know before believing a number. */
  notice: bilingual,
  bands: z.strictObject({ 1: percent, 2: percent, 3: percent, 4: percent, 5: percent }),
  floorPercent: percent,
  shares: perColumn(percent),
  nothingBelowPercent: percent,
  windowDays: z.int().min(1).max(366),
  profiles: z.strictObject({ new: z.int().min(1).max(5), retrofit: z.int().min(1).max(5) }),
  categories: z
    .array(z.strictObject({ id: z.string().regex(/^[A-Z]{3}$/), title: bilingual, points: z.number().positive() }))
    .min(1),
  basisLegend: z.partialRecord(letter, bilingual),
});

export const criterionFile = z
  .strictObject({
    id: criterionId,
    title: bilingual,
    /** Control items pass or fail, carry no points and must pass for any star. */
    control: z.boolean().default(false),
    category: z.string(),
    profiles: z.array(profile).min(1).default(['new', 'retrofit']),
    /** The star from which its column must be met; `null`: it only earns points. */
    mandatoryFrom: z.int().min(1).max(5).nullable().optional(),
    unit: z.enum(['%', 'd', '']),
    thresholds: perColumn(z.number().positive()),
    points: z.number().positive().optional(),
    measure: measureParameters,
    basis: perColumn(z.strictObject({ letter, source: z.string().min(1) })),
    /** Why it is measured this way, for people. */
    notes: z.string().optional(),
  })
  .superRefine(({ control, category, points, mandatoryFrom }, context) => {
    const complain = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (control !== (category === controlCategory)) {
      complain('category', `is ${controlCategory} for control items and for no others`);
    }
    if (control && points !== undefined) complain('points', 'a control item carries none');
    if (control && mandatoryFrom !== undefined) complain('mandatoryFrom', 'a control item is mandatory for every star');
    if (!control && points === undefined) complain('points', 'missing');
    if (!control && mandatoryFrom === undefined) complain('mandatoryFrom', 'missing; null where it only earns points');
  })
  .transform((criterion) => ({
    ...criterion,
    points: criterion.points ?? 0,
    mandatoryFrom: criterion.control ? 1 : (criterion.mandatoryFrom ?? null),
  }));

export type Criterion = z.infer<typeof criterionFile>;
export type Standard = z.infer<typeof standardFile> & { criteria: Criterion[] };

/** `D`, or by column where they differ: `A/B/B`. */
export const basisLetters = ({ basis }: Pick<Criterion, 'basis'>): string => {
  const letters = columns.map((column) => basis[column].letter);
  return new Set(letters).size === 1 ? letters[0]! : letters.join('/');
};

/** `3★ A: Shandong smart-community indicators; 4★ 5★ D: this project's default`, for the page. */
export const basisSources = ({ basis }: Pick<Criterion, 'basis'>): string => {
  const groups = new Map<string, string[]>();
  for (const column of columns) {
    const text = `${basis[column].letter}: ${basis[column].source}`;
    groups.set(text, [...(groups.get(text) ?? []), `${column}★`]);
  }
  return [...groups].map(([text, stars]) => `${stars.join(' ')} ${text}`).join('; ');
};
