import { createHash, hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { keptShelf, type Shelf } from './retention.ts';
import type { StoredEvent } from './stored-event.ts';

/** Head of an empty log's chain. */
export const genesisHash = '0'.repeat(64);

/** One commit's stretch of the log: positions from first to last without gaps, and the Merkle root of its events. */
export interface Stretch {
  firstPosition: number;
  lastPosition: number;
  /** Hex. */
  root: string;
}

/** What of a commit stands on one shelf: sealed by itself, so that the rest can be checked when it has gone. */
export interface Part {
  shelf: Shelf;
  /** Which positions of the stretch, a bit each from the lowest bit of the first byte on, base64; `null` for all. */
  members: string | null;
  /** Merkle root of its events, hex. */
  root: string;
}

/** A SHA-256 as a text of one character per byte: several times as fast to make and to hand on as a Buffer. */
export type Hash = string;

// Leaves, nodes and parts are hashed with different first bytes, so that none can pass for another (RFC 9162, 2.1.1).
const leafPrefix = '\u0001';
const nodePrefix = 2;
const partPrefix = '\u0003';

type HashedEvent = Pick<StoredEvent, 'id' | 'stream' | 'revision' | 'type' | 'data' | 'meta'>;

/** The text as it is stored, fields separated by NUL, which no field can hold. */
const leafText = ({ id, stream, revision, type, data, meta }: HashedEvent): string =>
  `${leafPrefix}${id}\0${stream}\0${revision}\0${type}\0${data}\0${meta}`;

export const leafHash = (event: HashedEvent): Hash => hash('sha256', leafText(event), 'binary');
export const eventHash = (event: HashedEvent): Buffer => Buffer.from(leafHash(event), 'latin1');

/** CRC-32 over what the leaf hash covers, as PostgreSQL's signed integer: cheap enough to be looked at by every read. */
export const checksumOf = (event: HashedEvent): number => crc32(leafText(event)) | 0;

const node = Buffer.alloc(65, nodePrefix);

export const nodeHash = (left: Hash, right: Hash): Hash => {
  node.write(left + right, 1, 64, 'latin1');
  return hash('sha256', node, 'binary');
};

/** The level above: pairs, and an odd one as it is, which gives the tree of RFC 9162. */
export const pairUp = (level: readonly Hash[]): Hash[] => {
  const above: Hash[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const [left, right] = [level[index]!, level[index + 1]];
    above.push(right === undefined ? left : nodeHash(left, right));
  }
  return above;
};

const rootHash = (hashes: readonly Hash[]): Hash => {
  if (hashes.length === 0) throw new RangeError('a stretch holds at least one event');
  let level = hashes;
  while (level.length > 1) level = pairUp(level);
  return level[0]!;
};

export const hexOf = (text: Hash): string => Buffer.from(text, 'latin1').toString('hex');

/** Hex. */
export const merkleRoot = (hashes: readonly (Buffer | Hash)[]): string =>
  hexOf(rootHash(hashes.map((each) => (typeof each === 'string' ? each : each.toString('latin1')))));

export const rootOf = (events: readonly HashedEvent[]): string => hexOf(rootHash(events.map(leafHash)));

/** The root of a commit that reaches beyond the kept shelf. */
export const rootOfParts = (parts: readonly Part[]): string =>
  hexOf(
    rootHash(
      parts.map(({ shelf, members, root }) =>
        hash('sha256', `${partPrefix}${shelf}\0${members ?? ''}\0${root}`, 'binary'),
      ),
    ),
  );

const membersOf = (places: readonly number[], count: number): string | null => {
  if (places.length === count) return null;
  const bits = Buffer.alloc(Math.ceil(count / 8));
  for (const place of places) bits[place >> 3]! |= 1 << (place & 7);
  return bits.toString('base64');
};

/** Whether a part holds the event at a place of its stretch, counted from 0. */
export const memberTest = ({ members }: Part): ((place: number) => boolean) => {
  if (members === null) return () => true;
  const bits = Buffer.from(members, 'base64');
  return (place) => ((bits[place >> 3] ?? 0) & (1 << (place & 7))) !== 0;
};

/** The places of a stretch that stand in a part, in order. */
export const placesOf = (part: Part, { firstPosition, lastPosition }: Omit<Stretch, 'root'>): number[] => {
  const isMember = memberTest(part);
  return Array.from({ length: lastPosition - firstPosition + 1 }, (_, place) => place).filter(isMember);
};

/** A commit's root from its leaves and their shelves, and its parts where not all of it stands on the kept shelf. */
export const sealedParts = (
  leaves: readonly Hash[],
  shelves: readonly Shelf[],
): { root: string; parts: Part[] | null } => {
  const places = new Map<Shelf, number[]>();
  for (const [place, shelf] of shelves.entries()) {
    const own = places.get(shelf);
    if (own === undefined) places.set(shelf, [place]);
    else own.push(place);
  }
  if (places.size === 1 && places.has(keptShelf)) return { root: hexOf(rootHash(leaves)), parts: null };
  const parts = [...places].map(([shelf, own]): Part => {
    const root = hexOf(rootHash(own.map((place) => leaves[place]!)));
    return { shelf, members: membersOf(own, leaves.length), root };
  });
  return { root: rootOfParts(parts), parts };
};

/** The chain's head after a stretch, hex. */
export const seal = (previousHash: string, { firstPosition, lastPosition, root }: Stretch): string =>
  createHash('sha256').update(`${previousHash}\n${firstPosition}\n${lastPosition}\n${root}`).digest('hex');
