import { type Hash, nodeHash, pairUp } from './chain.ts';

export const hashOf = (hex: string): Hash => Buffer.from(hex, 'hex').toString('latin1');

/** Hashes of one level of a tree by their index, ascending. */
type Known = ReadonlyMap<number, Hash>;

/** What is known one level up, asking for the sibling of each that stands alone; an odd last one moves up as it is. */
const levelAbove = (known: Known, size: number, siblingAt: (index: number) => Hash): Map<number, Hash> => {
  const above = new Map<number, Hash>();
  for (const [index, hash] of known) {
    if (above.has(index >> 1)) continue;
    const other = index ^ 1;
    if (other >= size) {
      above.set(index >> 1, hash);
      continue;
    }
    const sibling = known.get(other) ?? siblingAt(other);
    above.set(index >> 1, index < other ? nodeHash(hash, sibling) : nodeHash(sibling, hash));
  }
  return above;
};

/**
 * The hashes that lead from the leaves at `places` (ascending) to the root of all leaves (RFC 9162, 2.1.3), those that
 * several of the leaves need once: from the lowest level up, from left to right.
 */
export const proofOf = (leaves: readonly Hash[], places: readonly number[]): Hash[] => {
  const siblings: Hash[] = [];
  let level = leaves;
  let known: Known = new Map(places.map((place) => [place, leaves[place]!]));
  while (level.length > 1) {
    const below = level;
    known = levelAbove(known, below.length, (index) => {
      siblings.push(below[index]!);
      return below[index]!;
    });
    level = pairUp(below);
  }
  return siblings;
};

/** The root that leaves and siblings lead to in a tree of `size` leaves; `undefined` where they are too few or too many. */
export const rootFromProof = (
  size: number,
  leaves: readonly (readonly [place: number, hash: Hash])[],
  siblings: readonly Hash[],
): Hash | undefined => {
  const isAscending = leaves.every(([place], index) => place >= 0 && place > (leaves[index - 1]?.[0] ?? -1));
  if (leaves.length === 0 || !isAscending || leaves.at(-1)![0] >= size) return undefined;
  let used = 0;
  let known: Known = new Map(leaves);
  for (let width = size; width > 1; width = Math.ceil(width / 2)) {
    known = levelAbove(known, width, () => {
      used += 1;
      return siblings[used - 1] ?? '';
    });
  }
  return used === siblings.length ? known.get(0) : undefined;
};

/** The root of leaves that come one by one. */
export const createGrowingRoot = () => {
  // Roots of whole trees, the largest first, as the ones of the number of leaves in binary say.
  const peaks: { leaves: number; root: Hash }[] = [];
  return {
    add(leaf: Hash): void {
      let peak = { leaves: 1, root: leaf };
      while (peaks.at(-1)?.leaves === peak.leaves) {
        peak = { leaves: 2 * peak.leaves, root: nodeHash(peaks.pop()!.root, peak.root) };
      }
      peaks.push(peak);
    },
    /** Of at least one leaf. */
    root: (): Hash => peaks.map(({ root }) => root).reduceRight((right, left) => nodeHash(left, right)),
  };
};
