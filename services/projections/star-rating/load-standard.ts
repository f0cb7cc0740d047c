import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

/** What a file says, and the line on which it says it, or would say it. */
interface Parsed<T> {
  data: T;
  complaint(path: readonly (string | number)[], reason: string): string;
}

/** YAML as data that fits `schema`; complaints point at the nearest line that is there. */
const parseFile = <T>({ name, text }: StandardFile, schema: z.ZodType<T>): Parsed<T> => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new StandardWrong(
      document.errors.map((error) => `${name}:${lines.linePos(error.pos[0]).line}: ${error.message}`),
    );
  }
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      const offset = (node as { range?: [number, number, number] | null } | undefined)?.range?.[0];
      if (offset !== undefined) return lines.linePos(offset).line;
    }
    return 1;
  };
  const complaint = (path: readonly PropertyKey[], reason: string): string =>
    `${name}:${lineOf(path)}: ${path.map(String).join('.') || 'file'}: ${reason}`;
  const result = schema.safeParse(document.toJS());
  if (result.success) return { data: result.data, complaint };
  throw new StandardWrong(result.error.issues.map(({ path, message }) => complaint(path, message)));
};

type Head = z.infer<typeof standardFile>;

const rising = (values: readonly number[]): boolean =>
  values.every((value, index) => value >= (values[index - 1] ?? value));

const complaintsOfCriterion = ({ data, complaint }: Parsed<Criterion>, standard: Head): string[] => {
  const complaints: string[] = [];
  const { thresholds, basis, category } = data;
  if (!rising(columns.map((column) => thresholds[column]))) {
    complaints.push(complaint(['thresholds'], 'a higher star may not ask for less'));
  }
  if (category !== controlCategory && !standard.categories.some((known) => known.id === category)) {
    complaints.push(complaint(['category'], `${category} is not among the categories of standard.yaml`));
  }
  for (const column of columns) {
    const { letter } = basis[column];
    if (standard.basisLegend[letter] === undefined) {
      complaints.push(complaint(['basis', column, 'letter'], `${letter} is not in the basisLegend`));
    }
  }
  return complaints;
};

/** Points are written with few decimals: what binary fractions add must not refuse a file. */
const sum = (numbers: readonly number[]): number =>
  Math.round(numbers.reduce((total, next) => total + next, 0) * 1e6) / 1e6;

/** What no single file can know: sums, order, references. */
const complaintsOf = ({ data, complaint }: Parsed<Head>, criteria: readonly Parsed<Criterion>[]): string[] => {
  const complaints = criteria.flatMap((criterion) => complaintsOfCriterion(criterion, data));
  const { categories, bands, shares } = data;
  const points = sum(categories.map((category) => category.points));
  if (points !== 100) complaints.push(complaint(['categories'], `their points add up to ${points}, not to 100`));
  for (const [index, category] of categories.entries()) {
    const place = ['categories', index];
    if (categories.findIndex(({ id }) => id === category.id) !== index) {
      complaints.push(complaint(place, `${category.id} is there twice`));
      continue;
    }
    const own = criteria.filter((criterion) => criterion.data.category === category.id);
    const ownPoints = sum(own.map((criterion) => criterion.data.points));
    if (ownPoints !== category.points) {
      complaints.push(complaint(place, `${category.id} has ${category.points} points, its criteria ${ownPoints}`));
    }
  }
  if (!rising([bands[1], bands[2], bands[3], bands[4], bands[5]])) {
    complaints.push(complaint(['bands'], 'a higher star may not ask for less'));
  }
  if (!rising(columns.map((column) => shares[column]))) {
    complaints.push(complaint(['shares'], 'a higher star may not earn less'));
  }
  return complaints;
};

/** Collects what is wrong with each of several files. */
const createAttempts = () => {
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
  return { complaints, attempt };
};

/** The standard that the files describe. Throws `StandardWrong` with everything that is wrong with them. */
export const parseStandard = (files: readonly StandardFile[]): Standard => {
  const { complaints, attempt } = createAttempts();
  const head = files.find(({ name }) => name === 'standard.yaml');
  if (head === undefined) throw new StandardWrong(['standard.yaml: missing']);
  const standard = attempt(() => parseFile(head, standardFile));
  const criteria: Parsed<Criterion>[] = [];
  for (const file of files.filter(({ name }) => name.startsWith('criteria/'))) {
    const criterion = attempt(() => parseFile(file, criterionFile));
    if (criterion === undefined) continue;
    const { id } = criterion.data;
    if (file.name !== `criteria/${id}.yaml`) complaints.push(criterion.complaint(['id'], `${id} is not its name`));
    criteria.push(criterion);
  }
  if (complaints.length === 0 && standard !== undefined) {
    complaints.push(...complaintsOf(standard, criteria));
    const order = [controlCategory, ...standard.data.categories.map((category) => category.id)];
    const rank = ({ category, id }: Criterion): number => order.indexOf(category) * 1000 + Number(id.split('-')[1]);
    const sorted = criteria.map(({ data }) => data).sort((a, b) => rank(a) - rank(b));
    if (complaints.length === 0) return { ...standard.data, criteria: sorted };
  }
  throw new StandardWrong(complaints);
};

/** Reads `<folder>/standard.yaml` and `<folder>/criteria/*.yaml`. */
export const loadStandard = (folder: string): Standard => {
  const criteriaFolder = join(folder, 'criteria');
  const criteria = existsSync(criteriaFolder) ? readdirSync(criteriaFolder) : [];
  const files = [
    'standard.yaml',
    ...criteria.filter((file) => file.endsWith('.yaml')).map((file) => `criteria/${file}`),
  ]
    .filter((name) => existsSync(join(folder, name)))
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  try {
    return parseStandard(files);
  } catch (error) {
    if (error instanceof StandardWrong) throw new StandardWrong(error.complaints.map((line) => join(folder, line)));
    throw error;
  }
};

/** Whether the folders are named after what is in them, and which two can't be told apart by name or date. */
const complaintsOfAll = (loaded: readonly { folder: string; standard: Standard }[]): string[] =>
  loaded.flatMap(({ folder, standard }, index) => {
    const { id, version, effectiveFrom, draft } = standard;
    const file = join(folder, 'standard.yaml');
    const complaints: string[] = [];
    if (!folder.endsWith(join(id, version)))
      complaints.push(`${file}: id, version: its folder is not ${id}/${version}`);
    const rival = loaded
      .slice(0, index)
      .find((other) => !draft && !other.standard.draft && other.standard.effectiveFrom === effectiveFrom);
    if (rival !== undefined) {
      complaints.push(`${file}: effectiveFrom: ${rival.folder} is in force from ${effectiveFrom} on as well`);
    }
    return complaints;
  });

/** Those of several folders, `<id>/<version>` each, by effective date. Throws `StandardWrong` for all of them at once. */
export const loadStandards = (folders: readonly string[]): Standard[] => {
  const { complaints, attempt } = createAttempts();
  const loaded = folders.flatMap((folder) => {
    const standard = attempt(() => loadStandard(folder));
    return standard === undefined ? [] : [{ folder, standard }];
  });
  complaints.push(...complaintsOfAll(loaded));
  if (complaints.length > 0) throw new StandardWrong(complaints);
  return loaded.map(({ standard }) => standard).sort((a, b) => a.effectiveFrom.localeCompare(b.effectiveFrom));
};
