import { z } from 'zod';
import { healthStates, standingFault } from '../projections/device-health/health.ts';
import { compound, device } from '../registry/registry.ts';
import { instant } from '../runtime/schema.ts';

/** The community (社区) and the departments of the street's alliance see everything, and act on matters alone. */
export const accountRoles = ['admin', 'operator', 'viewer', 'community', 'department'] as const;

/** Shapes of the HTTP API. OpenAPI and the page's types both derive from these. Instants are ISO 8601 in UTC. */
export const loginRequest = z.strictObject({ user: z.string().min(1).max(100), password: z.string().min(1).max(500) });
export const loginAnswer = z.object({
  token: z.string(),
  user: z.string(),
  role: z.enum(accountRoles),
  department: z.string().nullable(),
  expiresAt: instant,
});
export const me = loginAnswer.omit({ token: true });

/** RFC 9457. `errors` names each field and what would be right. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});

export const credentialAnswer = z.object({ username: z.string(), password: z.string() });
/** The answer to registering a device; the password is told this once. A device beneath a gateway has none. */
export const registeredDevice = device.extend({ credential: credentialAnswer.optional() });

export const compoundItem = compound.extend({
  devices: z.int(),
  devicesDown: z.int(),
  openWorkOrders: z.int(),
  /** The newest rating, `null` before the first one. */
  stars: z.int().min(0).max(5).nullable(),
  lastHeardAt: instant.nullable(),
});

/** One line of a city's overview: no more than a list of thousands shows. */
export const overviewItem = compoundItem.omit({
  ...{ timeZone: true, code: true, coordinates: true, figures: true, buildings: true, positions: true },
});

export const deviceItem = device.extend({
  positionName: z.string().nullable(),
  buildingName: z.string().nullable(),
  health: z.object({
    state: z.enum(healthStates),
    /** When this state began. */
    since: instant.nullable(),
    lastHeardAt: instant.nullable(),
    batteryPercent: z.number().nullable(),
    faults: z.array(standingFault),
  }),
  openWorkOrders: z.array(z.string()),
});
/** Latest value of each quantity a device measures. */
export const latestReading = z.object({ quantity: z.string(), unit: z.string(), value: z.number(), at: instant });
export const readingBucket = z.object({
  /** Where the bucket begins. */
  at: instant,
  count: z.int(),
  min: z.number(),
  max: z.number(),
  avg: z.number(),
  last: z.number(),
});
export const deviceDetail = deviceItem.extend({
  readings: z.array(latestReading),
  username: z.string().nullable(),
  /** Silent for so long, it counts as down. */
  silentAfterSeconds: z.number(),
  /** When it last came with its password, to some seconds. */
  credentialUsedAt: instant.nullable(),
  /** While a rotation is under way: how long the former password counts. */
  formerCredentialUntil: instant.nullable(),
  /** What became of its messages since the hub started. */
  messages: z.object({
    recorded: z.int(),
    noOp: z.record(z.string(), z.int()),
    refused: z.record(z.string(), z.int()),
  }),
});

/**
 * What an import did, or with `dryRun` would do: nothing is applied while a row has a problem. What somebody else
 * registered in the same moment is a problem of its row alone, beside an import that was applied.
 */
export const importReport = z.object({
  applied: z.boolean(),
  rows: z.int(),
  problems: z.array(z.object({ line: z.int(), field: z.string(), message: z.string() })),
  /** Told in this answer only: the hub keeps no password. */
  credentials: z.array(credentialAnswer.extend({ device: z.string() })),
});

export const deadLetter = z.object({
  id: z.string(),
  receivedAt: instant,
  compound: z.string().nullable(),
  /** The credential that sent it. */
  device: z.string().nullable(),
  topic: z.string(),
  dialect: z.string().nullable(),
  code: z.string(),
  reason: z.string(),
  field: z.string().nullable(),
  sizeBytes: z.int(),
  /** The payload's beginning, as text where it is text. */
  preview: z.string(),
  replayedAt: instant.nullable(),
  replayOutcome: z.string().nullable(),
  /** Refusals of the same device since the letter before that were only counted. */
  unkeptBefore: z.int().optional(),
});
export const deadLetterDetail = deadLetter.extend({ payloadBase64: z.string().nullable() });

export const replayAnswer = z.object({
  outcome: z.enum(['recorded', 'no-op', 'refused']),
  code: z.string().nullable(),
  reason: z.string().nullable(),
});

export const eventItem = z.object({
  position: z.string(),
  stream: z.string(),
  revision: z.int(),
  id: z.string(),
  type: z.string(),
  data: z.unknown(),
  meta: z.record(z.string(), z.unknown()),
});

/** Of a long message the first 16 KiB; the text is `null` where they are none. */
export const eventMessage = z.object({
  sender: z.string(),
  dialect: z.string(),
  topic: z.string(),
  receivedAt: z.string(),
  sizeBytes: z.int(),
  payloadText: z.string().nullable(),
  payloadBase64: z.string(),
});

export const logHead = z.object({
  position: z.string().nullable(),
  hash: z.string(),
  /** On KurrentDB: how far the seals reach; the hash says nothing of what came after. */
  sealedTo: z.string().nullable().optional(),
});
export const logVerdict = z.object({
  ok: z.boolean(),
  events: z.int(),
  head: logHead,
  /** Position of the first event that doesn't fit. */ brokenAt: z.string().nullable(),
  reason: z.string().nullable(),
  /** Telemetry under the seals that is past its retention and has gone. */
  expired: z.int(),
  /** On KurrentDB: events that no seal covers yet. */
  unsealed: z.int().optional(),
});

export type DeviceItem = z.infer<typeof deviceItem>;
export type DeviceDetail = z.infer<typeof deviceDetail>;
export type CompoundItem = z.infer<typeof compoundItem>;
export type DeadLetter = z.infer<typeof deadLetter>;
export type EventItem = z.infer<typeof eventItem>;
export type Problem = z.infer<typeof problem>;
