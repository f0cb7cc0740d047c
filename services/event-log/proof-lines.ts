import { z } from 'zod';
import { gatheredRun } from './gathering.ts';
import { partsByAge } from './sealed-parts.ts';

/**
 * What shows that events stand in a log with a certain head, line by line, each line resting on those before it:
 * `links`: seals up to the head; `runs`: what the newest gathering says of older seals; `run`: seals of one such run;
 * `commit`: one seal's own fields and the paths from the events that follow it, `event` by `event`, to its root.
 */
const hex = z.string().regex(/^[0-9a-f]{64}$/);
const place = z.int().min(0);
const position = z.int().min(1);
const siblings = z.array(hex);

export const linksLine = z.strictObject({
  kind: z.literal('links'),
  /** The last position before them, and the chain's hash there. */
  after: z.int().min(0),
  previous: hex,
  /** Last position and root of each; its first position follows on the one before. */
  seals: z.array(z.tuple([position, hex])).min(1),
});
export const runsLine = z.strictObject({
  kind: z.literal('runs'),
  /** Position of the gathering that names them. */
  gathering: position,
  runs: z.array(z.tuple([place, gatheredRun])).min(1),
  siblings,
});
export const runLine = z.strictObject({
  kind: z.literal('run'),
  run: place,
  /** Place in the run and hash. */
  seals: z.array(z.tuple([place, hex])).min(1),
  siblings,
});
export const commitLine = z.strictObject({
  kind: z.literal('commit'),
  previous: hex,
  first: position,
  last: position,
  root: hex,
  /** Shelf, members and root of each, or the two by age; `null` where the root is of the events themselves. */
  parts: z.union([z.array(z.tuple([z.string(), z.string().nullable(), hex])).min(1), partsByAge]).nullable(),
  /** For each part that holds some of the events, in the order of the parts. */
  paths: z.array(z.strictObject({ part: place, siblings })).min(1),
  /** How many of its events follow. */
  events: z.int().min(1),
});
export const eventLine = z.strictObject({
  kind: z.literal('event'),
  /** Counted by the log; no byte of the event itself says it. */
  position: z.string().max(50),
  id: z.string(),
  stream: z.string(),
  revision: z.int().min(0),
  type: z.string(),
  /** JSON as text, byte for byte as it was hashed. */
  data: z.string(),
  meta: z.string(),
});

export const proofLine = z.discriminatedUnion('kind', [linksLine, runsLine, runLine, commitLine, eventLine]);
export type ProofLine = z.infer<typeof proofLine>;
export type CommitLine = z.infer<typeof commitLine>;
export type EventLine = z.infer<typeof eventLine>;
