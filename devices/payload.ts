import { z } from 'zod';
import { type Decoded, refused } from './dialect.ts';

export type Parsed<T> = { ok: true; value: T } | { ok: false; refusal: Decoded };

const text = new TextDecoder('utf-8', { fatal: true });

/** The payload as UTF-8 text, or a refusal when it is binary. */
export const parseText = (payload: Uint8Array): Parsed<string> => {
  try {
    return { ok: true, value: text.decode(payload) };
  } catch {
    return {
      ok: false,
      refusal: refused('binary-payload', 'The payload is not UTF-8 text; send JSON as UTF-8 on this topic.'),
    };
  }
};

/** The parser quotes what stands around the error: it may name somebody, and the reason is kept for good. */
const withoutQuote = (message: string): string => message.replace(/, (?:\.\.\.)?"[\s\S]*$/, '');

/** The payload as JSON that fits `schema`, or a refusal that names the field. */
export const parseJson = <T>(payload: Uint8Array, schema: z.ZodType<T>): Parsed<T> => {
  const body = parseText(payload);
  if (!body.ok) return body;
  let json: unknown;
  try {
    json = JSON.parse(body.value);
  } catch (error) {
    return {
      ok: false,
      refusal: refused('broken-json', `The payload is not valid JSON: ${withoutQuote((error as Error).message)}`),
    };
  }
  const result = schema.safeParse(json);
  return result.success ? { ok: true, value: result.data } : { ok: false, refusal: contractRefusal(result.error) };
};

/** The first violation as a refusal: integrators mend one field at a time. */
export const contractRefusal = (error: z.ZodError, prefix = ''): Decoded => {
  const issue = error.issues[0];
  const field = [prefix, ...(issue?.path ?? []).map(String)].filter((part) => part !== '').join('.');
  return refused('contract-violated', `${field || 'payload'}: ${issue?.message ?? 'does not fit'}`, field || undefined);
};

/** Numbers that many devices send as strings (OCPP 1.6, Axis, face gates). */
export const looseNumber = z.union(
  [
    z.number(),
    z
      .string()
      .trim()
      .regex(/^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/)
      .transform(Number)
      .pipe(z.number()),
  ],
  { error: 'a number, or a number in quotes' },
);

/** `OverVoltage` → `over-voltage`: vendors' enumeration words in the hub's spelling. */
export const kebabCase = (word: string): string =>
  word
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
