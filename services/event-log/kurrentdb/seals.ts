import { createHash } from 'node:crypto';
import { z } from 'zod';
import { genesisHash } from '../chain.ts';
import type { Position } from '../event.ts';
import type { StreamReader } from './reader.ts';
import type { LogRecord } from './record.ts';
import { sealsStream } from './record.ts';

export const sealType = 'hub.sealed';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const position = z.string().regex(/^\d{1,19}\/\d{1,19}$/);

/**
 * A stretch with events that may expire is sealed in two parts, so that what stays can still be checked when the rest is
 * gone. Its root covers all of this.
 */
const sealParts = z.strictObject({
  /** Merkle root of the events that stay; `null` where there are none. */
  kept: hash.nullable(),
  /** Merkle root of those that may expire. */
  expiring: hash,
  /** Which events of the stretch may expire, a bit for each from the lowest of the first byte on, base64. */
  places: z.base64(),
  /** When the server wrote the newest of those. */
  newest: z.iso.datetime(),
});
export type SealParts = z.infer<typeof sealParts>;

// Another first byte than leaves and nodes of a Merkle tree have, so that no root of parts can pass for one of events.
export const rootOfParts = ({ kept, expiring, places, newest }: SealParts): string =>
  createHash('sha256')
    .update(`\u0003${kept ?? ''}\n${expiring}\n${places}\n${newest}`)
    .digest('hex');

export const placesOf = (mayExpire: readonly boolean[]): string => {
  const bits = Buffer.alloc(Math.ceil(mayExpire.length / 8));
  for (const [place, may] of mayExpire.entries()) if (may) bits[place >> 3]! |= 1 << (place & 7);
  return bits.toString('base64');
};

/** How many of a stretch's events may expire. */
export const countPlaces = (places: string): number => {
  let count = 0;
  for (const byte of Buffer.from(places, 'base64')) for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
};

/** Events are counted from 1 in the order of the log, because its positions have gaps. */
const sealData = z.strictObject({
  firstEvent: z.int().min(1),
  lastEvent: z.int().min(1),
  firstPosition: position,
  lastPosition: position,
  /** Left out where nothing in the stretch may expire, and in seals from before: then `root` is of all its events. */
  parts: sealParts.optional(),
  root: hash,
  hash,
  sealedAt: z.string(),
});

export type SealData = z.infer<typeof sealData>;

export interface LastSeal {
  /** Revision of the seal in its stream, -1 before the first. */
  revision: number;
  lastEvent: number;
  position: Position | null;
  hash: string;
}

/** `undefined` for what is no seal, or was one. */
export const sealOf = ({ type, data }: LogRecord): SealData | undefined => {
  if (type !== sealType || !ArrayBuffer.isView(data)) return undefined;
  try {
    return sealData.parse(JSON.parse(new TextDecoder().decode(data)));
  } catch {
    return undefined;
  }
};

/** Throws when the newest record among the seals is none: something else was written there. */
export const lastSeal = async (reader: StreamReader): Promise<LastSeal> => {
  const [record] = await reader.stream(sealsStream, { from: 'end', maxCount: 1, backwards: true });
  if (record === undefined) return { revision: -1, lastEvent: 0, position: null, hash: genesisHash };
  const seal = sealOf(record);
  if (seal === undefined) throw new Error(`what was last written to ${sealsStream} is no seal`);
  const { lastEvent, lastPosition } = seal;
  return { revision: Number(record.revision), lastEvent, position: lastPosition, hash: seal.hash };
};
