import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { type DeviceFact, type DialectMessage, refusalCodes } from './dialect.ts';

const kebab = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'a reason is kebab-case, e.g. downlink-echo');

const fact = z.strictObject({
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  externalId: z.string().optional(),
  kind: z.string().optional(),
  name: z.string().optional(),
  time: z.strictObject({ at: z.string(), clock: z.enum(['trusted', 'assumed-zone']) }).optional(),
  sourceId: z.string().optional(),
  sourceIdRestarts: z.literal(true).optional(),
  level: z.strictObject({ channel: z.string(), value: z.string(), initial: z.string().optional() }).optional(),
  replayed: z.boolean().optional(),
}) satisfies z.ZodType<DeviceFact>;

const remember = z.record(z.string(), z.string().nullable());
/** As with `payload`: text as it stands, anything else as JSON. */
const answers = z.array(
  z.strictObject({
    topic: z.string(),
    payload: z.unknown().optional(),
    payloadBase64: z.base64().optional(),
  }),
);

const expectation = z.union(
  [
    z.strictObject({ facts: z.array(fact).min(1), remember: remember.optional(), answers: answers.optional() }),
    z.strictObject({ noOp: kebab, remember: remember.optional(), answers: answers.optional() }),
    z.strictObject({ refused: z.enum(refusalCodes), field: z.string().optional(), answers: answers.optional() }),
  ],
  { error: 'one of {facts, remember?}, {noOp, remember?} or {refused, field?}, each with answers?' },
);

/** One message and what must come of it. `payload`: text goes out as it stands, anything else as JSON. */
const example = z
  .strictObject({
    description: z.string().min(1),
    topic: z.string().min(1),
    payload: z.unknown().optional(),
    payloadBase64: z.base64().optional(),
    retain: z.boolean().default(false),
    timeZone: z.string().default('Asia/Shanghai'),
    contentType: z.string().optional(),
    userProperties: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
    /** What earlier messages asked to remember. */
    recall: z.record(z.string(), z.string()).default({}),
    expect: expectation,
  })
  .refine((entry) => (entry.payload === undefined) !== (entry.payloadBase64 === undefined), {
    error: 'give either payload or payloadBase64',
  });

export type DialectExample = z.infer<typeof example>;

const exampleFile = z.array(z.unknown()).min(1);

/** The examples in YAML text; an error names the file and the entry. */
export const parseExamples = (text: string, file: string): DialectExample[] => {
  const list = exampleFile.safeParse(parse(text));
  if (!list.success) throw new Error(`${file}: a list with at least one example`);
  return list.data.map((entry, index) => {
    const result = example.safeParse(entry);
    if (result.success) return result.data;
    const { description } = (entry ?? {}) as { description?: unknown };
    const issue = result.error.issues[0];
    const where = typeof description === 'string' ? `"${description}"` : 'without description';
    throw new Error(`${file}, entry ${index + 1} ${where}: ${issue?.path.join('.') || 'entry'}: ${issue?.message}`);
  });
};

export const loadExamples = (path: string): DialectExample[] =>
  parseExamples(readFileSync(path, 'utf8'), basename(path));

/** The message as the dialect would see it. */
export const exampleMessage = (entry: DialectExample): DialectMessage => ({
  topic: entry.topic,
  payload: examplePayload(entry),
  retain: entry.retain,
  timeZone: entry.timeZone,
  ...(entry.contentType === undefined ? {} : { contentType: entry.contentType }),
  ...(entry.userProperties === undefined ? {} : { userProperties: entry.userProperties }),
});

/** The bytes of a payload as it stands in an example. */
export const examplePayload = ({
  payload,
  payloadBase64,
}: Pick<DialectExample, 'payload' | 'payloadBase64'>): Uint8Array => {
  if (payloadBase64 !== undefined) return new Uint8Array(Buffer.from(payloadBase64, 'base64'));
  return new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload));
};
