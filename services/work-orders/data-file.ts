import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { z } from 'zod';

/** A file of this folder says something that it can't mean; the message names the file and the field. */
export class DataFileWrong extends Error {
  readonly code = 'work-orders.data-file-wrong';
  constructor(file: string, complaints: string[]) {
    super(`${file}:\n${complaints.map((complaint) => `  ${complaint}`).join('\n')}`);
  }
}

/** YAML text as data that fits `schema`. */
export const parseDataFile = <T>(schema: z.ZodType<T>, file: string, text: string): T => {
  let data: unknown;
  try {
    data = parse(text);
  } catch (error) {
    throw new DataFileWrong(file, [(error as Error).message]);
  }
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  throw new DataFileWrong(
    file,
    result.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`),
  );
};

export const readDataFile = <T>(schema: z.ZodType<T>, url: URL): T =>
  parseDataFile(schema, basename(fileURLToPath(url)), readFileSync(url, 'utf8'));
