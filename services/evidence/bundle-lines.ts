import { z } from 'zod';
import { proofLine } from '../event-log/proof-lines.ts';
import { bilingual, instant } from '../runtime/schema.ts';

/** The lines of an evidence bundle: a header, the contributions, events with their proof, the signature. */
export const bundleFormat = 'xingyuan-evidence/1';

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const amount = z.number().nullable();

export const headerLine = z.strictObject({
  kind: z.literal('header'),
  format: z.literal(bundleFormat),
  createdAt: instant,
  compound: z.strictObject({ id: z.string(), name: z.string() }),
  criterion: z.strictObject({ id: z.string(), title: bilingual }),
  at: instant,
  knownAt: instant.nullable(),
  window: z.strictObject({ from: instant, to: instant }),
  standard: z.strictObject({ name: z.string(), title: bilingual }),
  value: amount,
  numerator: amount,
  denominator: amount,
  explanation: bilingual,
  /** The log's head that the events are shown against; `null` where nothing is shown. */
  head: z.strictObject({ position: z.int().min(1), hash: hex }).nullable(),
  /** `none`: the log gives no proofs, and `note` says why. */
  proof: z.enum(['merkle', 'none']),
  note: bilingual,
  key: z.strictObject({ algorithm: z.literal('Ed25519'), publicKey: z.base64() }),
});
export const itemLine = z.strictObject({
  kind: z.literal('item'),
  subject: z.strictObject({ kind: z.string(), id: z.string(), name: z.string() }),
  counted: z.boolean(),
  value: amount,
  numerator: amount,
  denominator: amount,
  text: bilingual,
  intervals: z.array(z.strictObject({ from: instant, to: instant, state: z.string() })),
  intervalsLeft: z.int().min(0),
  /** Positions of its events in the bundle, and whether these are all that there are beneath it. */
  events: z.array(z.string()),
  eventsComplete: z.boolean(),
});
export const signatureLine = z.strictObject({
  kind: z.literal('signature'),
  /** Of all bytes before this line. */
  sha256: hex,
  /** Ed25519 over those 32 bytes, base64. */
  signature: z.base64(),
});

export const bundleLine = z.discriminatedUnion('kind', [headerLine, itemLine, ...proofLine.options, signatureLine]);
export type BundleLine = z.infer<typeof bundleLine>;
export type HeaderLine = z.infer<typeof headerLine>;
export type ItemLine = z.infer<typeof itemLine>;
export type SignatureLine = z.infer<typeof signatureLine>;
