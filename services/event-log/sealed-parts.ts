import { createHash } from 'node:crypto';
import { z } from 'zod';
import { memberTest, type Part, rootOfParts, type Stretch } from './chain.ts';
import { keptShelf } from './retention.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * KurrentDB drops telemetry event by event and not by the shelf: a stretch with events that may expire is sealed in two
 * parts, so that what stays can still be checked when the rest is gone. Its root covers all of this.
 */
export const partsByAge = z.strictObject({
  /** Merkle root of the events that stay; `null` where there are none. */
  kept: hash.nullable(),
  /** Merkle root of those that may expire. */
  expiring: hash,
  /** Which events of the stretch may expire, a bit for each from the lowest of the first byte on, base64. */
  places: z.base64(),
  /** When the server wrote the newest of those. */
  newest: z.iso.datetime(),
});
export type PartsByAge = z.infer<typeof partsByAge>;

// Another first byte than leaves and nodes of a Merkle tree have, so that no root of parts can pass for one of events;
// and no NUL, which every part of the other form has, so that neither form can pass for the other.
export const rootOfPartsByAge = ({ kept, expiring, places, newest }: PartsByAge): string =>
  createHash('sha256')
    .update(`\u0003${kept ?? ''}\n${expiring}\n${places}\n${newest}`)
    .digest('hex');

export const bitsOf = (isSet: readonly boolean[]): string => {
  const bits = Buffer.alloc(Math.ceil(isSet.length / 8));
  for (const [place, is] of isSet.entries()) if (is) bits[place >> 3]! |= 1 << (place & 7);
  return bits.toString('base64');
};

/** For each event of a stretch, whether it may expire. */
export const mayExpireIn = ({ places }: PartsByAge, count: number): boolean[] => {
  const isMember = memberTest({ shelf: keptShelf, members: places, root: '' });
  return Array.from({ length: count }, (_, place) => isMember(place));
};

/** By the shelf in PostgreSQL, by age in KurrentDB; `null` where the root is of the events themselves. */
export type SealedParts = readonly Part[] | PartsByAge | null;

export const isByShelf = (parts: readonly Part[] | PartsByAge): parts is readonly Part[] => Array.isArray(parts);

/** The parts of a stretch, each with a root of its own, whichever way it is sealed. */
export const partsOf = (parts: SealedParts, { firstPosition, lastPosition, root }: Stretch): readonly Part[] => {
  if (parts === null) return [{ shelf: keptShelf, members: null, root }];
  if (isByShelf(parts)) return parts;
  const mayExpire = mayExpireIn(parts, lastPosition - firstPosition + 1);
  const expiring = { shelf: 'expiring', members: parts.places, root: parts.expiring };
  if (parts.kept === null) return [expiring];
  return [{ shelf: keptShelf, members: bitsOf(mayExpire.map((may) => !may)), root: parts.kept }, expiring];
};

export const rootOfSealedParts = (parts: readonly Part[] | PartsByAge): string =>
  isByShelf(parts) ? rootOfParts(parts) : rootOfPartsByAge(parts);
