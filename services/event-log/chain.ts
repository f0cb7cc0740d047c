import { createHash } from 'node:crypto';
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

// Leaves and nodes are hashed with different first bytes, so that a node can't pass for an event (RFC 9162, 2.1.1).
const leafPrefix = '\u0001';
const nodePrefix = Buffer.from([2]);

/** Over the text as it is stored, fields separated by NUL, which no field can hold. */
export const eventHash = (event: Omit<StoredEvent, 'position'>): Buffer =>
  createHash('sha256')
    .update(`${leafPrefix}${event.id}\0${event.stream}\0${event.revision}\0${event.type}\0${event.data}\0${event.meta}`)
    .digest();

const nodeHash = (left: Buffer, right: Buffer): Buffer =>
  createHash('sha256').update(nodePrefix).update(left).update(right).digest();

/** Pairs level by level; an odd one moves up as it is, which gives the tree of RFC 9162. */
export const merkleRoot = (hashes: readonly Buffer[]): string => {
  if (hashes.length === 0) throw new RangeError('a stretch holds at least one event');
  let level = hashes;
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const [left, right] = [level[index]!, level[index + 1]];
      above.push(right === undefined ? left : nodeHash(left, right));
    }
    level = above;
  }
  return level[0]!.toString('hex');
};

export const rootOf = (events: readonly StoredEvent[]): string => merkleRoot(events.map(eventHash));

/** The chain's head after a stretch, hex. */
export const seal = (previousHash: string, { firstPosition, lastPosition, root }: Stretch): string =>
  createHash('sha256').update(`${previousHash}\n${firstPosition}\n${lastPosition}\n${root}`).digest('hex');
