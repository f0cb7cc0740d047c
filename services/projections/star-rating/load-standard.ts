import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type Criterion, columns, controlCategory, criterionFile, type Standard, standardFile } from './standard.ts';

/** A standard's file says something that it can't mean. The message names file, line and field, one complaint a line. */
export class StandardWrong extends Error {
  readonly code = 'star-rating.standard-wrong';
  constructor(readonly complaints: readonly string[]) {
    super(complaints.join('\n'));
  }
}

export interface StandardFile {
  /** `standard.yaml` or `criteria/<ID>.yaml`. */
  name: string;
  text: string;
}

/** YAML as data that fits `schema`; complaints point at the nearest line that is there. */
const parseFile = <T>({ name, text }: StandardFile, schema: z.ZodType<T>): T => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new StandardWrong(
      document.errors.map((error) => `${name}:${lines.linePos(error.pos[0]).line}: ${error.message}`),
    );
  }
  const result = schema.safeParse(document.toJS());
  if (result.success) return result.data;
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      const offset = (node as { range?: [number, number, number] | null } | undefined)?.range?.[0];
      if (offset !== undefined) return lines.linePos(offset).line;
    }
    return 1;
  };
  throw new StandardWrong(
    result.error.issues.map(
      ({ path, message }) => `${name}:${lineOf(path)}: ${path.map(String).join('.') || 'file'}: ${message}`,
    ),
  );
};

const rising = (values: readonly number[]): boolean =>
  values.every((value, index) => value >= (values[index - 1] ?? value));

const complaintsOfCriterion = (
  criterion: Criterion,
  standard: Pick<Standard, 'categories' | 'basisLegend'>,
): string[] => {
  const complaints: string[] = [];
  const { id, thresholds, basis, category } = criterion;
  if (!rising(columns.map((column) => thresholds[column]))) {
    complaints.push(`criteria/${id}.yaml: thresholds: a higher star may not ask for less`);
  }
  if (category !== controlCategory && !standard.categories.some((known) => known.id === category)) {
    complaints.push(`criteria/${id}.yaml: category: ${category} is not among the categories of standard.yaml`);
  }
  for (const column of columns) {
    if (standard.basisLegend[basis[column].letter] === undefined) {
      complaints.push(`criteria/${id}.yaml: basis.${column}.letter: ${basis[column].letter} is not in the basisLegend`);
    }
  }
  return complaints;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, next) => total + next, 0);

/** What no single file can know: sums, order, references. */
const complaintsOf = (standard: Standard): string[] => {
  const { criteria, categories, bands, shares } = standard;
  const complaints = criteria.flatMap((criterion) => complaintsOfCriterion(criterion, standard));
  const points = sum(categories.map((category) => category.points));
  if (points !== 100) complaints.push(`standard.yaml: categories: their points add up to ${points}, not to 100`);
  for (const category of categories) {
    const own = sum(
      criteria.filter((criterion) => criterion.category === category.id).map((criterion) => criterion.points),
    );
    if (own !== category.points) {
      complaints.push(`standard.yaml: categories: ${category.id} has ${category.points} points, its criteria ${own}`);
    }
  }
  if (!rising([bands[1], bands[2], bands[3], bands[4], bands[5]])) {
    complaints.push('standard.yaml: bands: a higher star may not ask for less');
  }
  if (!rising(columns.map((column) => shares[column]))) {
    complaints.push('standard.yaml: shares: a higher star may not earn less');
  }
  return complaints;
};

/** The standard that the files describe. Throws `StandardWrong` with everything that is wrong with them. */
export const parseStandard = (files: readonly StandardFile[]): Standard => {
  const complaints: string[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof StandardWrong)) throw error;
      complaints.push(...error.complaints);
      return undefined;
    }
  };
  const head = files.find(({ name }) => name === 'standard.yaml');
  if (head === undefined) throw new StandardWrong(['standard.yaml: missing']);
  const standard = attempt(() => parseFile(head, standardFile));
  const criteria: Criterion[] = [];
  for (const file of files.filter(({ name }) => name.startsWith('criteria/'))) {
    const criterion = attempt(() => parseFile(file, criterionFile));
    if (criterion === undefined) continue;
    if (file.name !== `criteria/${criterion.id}.yaml`)
      complaints.push(`${file.name}: id: ${criterion.id} is not its name`);
    criteria.push(criterion);
  }
  if (complaints.length === 0 && standard !== undefined) {
    const order = [controlCategory, ...standard.categories.map((category) => category.id)];
    const rank = ({ category, id }: Criterion): number => order.indexOf(category) * 1000 + Number(id.split('-')[1]);
    const whole = { ...standard, criteria: criteria.sort((a, b) => rank(a) - rank(b)) };
    complaints.push(...complaintsOf(whole));
    if (complaints.length === 0) return whole;
  }
  throw new StandardWrong(complaints);
};

/** Reads `<folder>/standard.yaml` and `<folder>/criteria/*.yaml`. */
export const loadStandard = (folder: string): Standard => {
  const criteria = readdirSync(join(folder, 'criteria'))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => `criteria/${file}`);
  const files = ['standard.yaml', ...criteria].map((name) => ({
    name,
    text: readFileSync(join(folder, name), 'utf8'),
  }));
  try {
    return parseStandard(files);
  } catch (error) {
    if (error instanceof StandardWrong) throw new StandardWrong(error.complaints.map((line) => join(folder, line)));
    throw error;
  }
};
