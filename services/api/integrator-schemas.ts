import { z } from 'zod';
import { partialDevice } from '../registry/registry.ts';
import { bilingual, instant } from '../runtime/schema.ts';
import { registeredDevice } from './schemas.ts';

const shownPayload = z.object({
  sizeBytes: z.int(),
  /** Without whoever it names; `null` where the bytes are no text. */
  text: z.string().nullable(),
  hex: z.string().nullable(),
  isCut: z.boolean(),
});

const explainedEvent = z.object({
  device: z.string(),
  type: z.string(),
  occurredAt: instant,
  clock: z.string(),
  sourceId: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});

/** What the hub makes of a message, or why it is refused, with the path in the payload. */
export const explanation = z.object({
  dialect: z.string().nullable(),
  outcome: z.enum(['recorded', 'no-op', 'refused']),
  reason: z.string().nullable(),
  code: z.string().nullable(),
  field: z.string().nullable(),
  events: z.array(explainedEvent),
  payload: shownPayload,
});

export const dialectItem = z.object({
  name: z.string(),
  title: bilingual,
  kinds: z.array(z.string()),
  topics: z.array(z.string()),
});

/** Dead letters that wait, by what is wrong with them. */
export const letterReason = z.object({
  code: z.string(),
  device: z.string().nullable(),
  field: z.string().nullable(),
  letters: z.int(),
  newestAt: instant,
  newest: z.string(),
});

export const replayedLetter = explanation
  .pick({ outcome: true, reason: true, code: true, field: true })
  .extend({ id: z.string(), events: z.array(explainedEvent).optional() });
export const replayReport = z.object({
  preview: z.boolean(),
  items: z.array(replayedLetter),
  /** Where to go on; `null` when no letter is left. */
  next: z.string().nullable(),
});

/**
 * Somebody who speaks and is registered nowhere: `connection`, turned away at CONNECT; `address`, heard through a
 * credential or a broker, and nobody knows of whom; `gateway`, taken in beneath a gateway and looked at by nobody yet.
 */
export const heardUnknown = z.object({
  id: z.string(),
  source: z.enum(['connection', 'address', 'gateway']),
  /** The user name, the address in the topic, or the device's id. */
  name: z.string(),
  compound: z.string().nullable(),
  /** The credential or gateway through which it is heard. */
  through: z.string().nullable(),
  firstAt: instant,
  lastAt: instant.nullable(),
  messages: z.int().nullable(),
  /** In words: why it isn't known. */
  why: bilingual,
  /** What it said last. */
  said: z.object({ topic: z.string(), payload: shownPayload.nullable() }).nullable(),
  /** What it would be registered as; what is missing here an adoption has to name. */
  suggested: partialDevice,
});
export type HeardUnknown = z.infer<typeof heardUnknown>;

export const adoptionAnswer = registeredDevice.extend({
  /** What became of what it had said before. */
  replayed: z.object({ recorded: z.int(), noOp: z.int(), refused: z.int() }),
});
