import { instantOf } from '../locales/instant.ts';

/** A field of a form as data. `name` may lead into an object: `figures.parkingSpaces`. */
export interface FieldSpec {
  name: string;
  label: string;
  kind:
    | 'text'
    | 'area'
    | 'instant'
    | 'day'
    | 'time'
    | 'number'
    | 'flag'
    | 'radio'
    | 'choice'
    | 'choices'
    | 'lines'
    | 'document';
  required?: boolean;
  hint?: string;
  options?: { value: string; label: string }[];
  /** Of a text: what it is likely to be. */
  suggestions?: string[];
  min?: number;
  max?: number;
  lengthMax?: number;
}

/** A paper: words, or a file that is stored before the command that names it. */
export interface DocumentDraft {
  text?: string;
  file?: File;
}

export type FieldValue = string | number | boolean | string[] | DocumentDraft | null | undefined;

/** One a line, or with commas between; `undefined` for none. */
const linesOf = (text: string): string[] | undefined => {
  const lines = text
    .split(/[\n,，、;；]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.length === 0 ? undefined : lines;
};

/** What the API takes of a field; `undefined` where nothing was entered. */
function given({ kind }: FieldSpec, value: FieldValue, zone: string): FieldValue {
  if (value === undefined || value === null || value === '') return undefined;
  if (kind === 'instant') return instantOf(String(value), zone);
  if (kind === 'flag') return value === 'yes';
  if (kind === 'lines') return linesOf(String(value));
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  return value;
}

const at = (values: unknown, path: readonly string[]): FieldValue =>
  path.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[part] : undefined,
    values,
  ) as FieldValue;

/** The body of a command: fields left empty are left out, so that nothing is said that nobody said. */
export function bodyOf(fields: readonly FieldSpec[], values: unknown, zone: string): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const field of fields) {
    const path = field.name.split('.');
    const value = given(field, at(values, path), zone);
    if (value === undefined) continue;
    let inner = body;
    for (const part of path.slice(0, -1)) {
      inner[part] ??= {};
      inner = inner[part] as Record<string, unknown>;
    }
    inner[path.at(-1)!] = value;
  }
  return body;
}

/** The same fields with `null` for what is empty now and was there before: a change takes it away. */
export function changeOf(
  fields: readonly FieldSpec[],
  values: unknown,
  before: Record<string, unknown>,
  zone: string,
): Record<string, unknown> {
  const body = bodyOf(fields, values, zone);
  const names = new Set(fields.map(({ name }) => name.split('.')[0]!));
  for (const name of names) {
    if (!(name in body) && before[name] !== undefined && before[name] !== null) body[name] = null;
  }
  return body;
}
