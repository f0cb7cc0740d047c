import fc from 'fast-check';
import { type Hash, hexOf, merkleRoot } from './chain.ts';
import { createGrowingRoot, hashOf, proofOf, rootFromProof } from './merkle-proof.ts';

const hash: fc.Arbitrary<Hash> = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => {
  return Buffer.from(bytes).toString('latin1');
});
/** A tree, and some of its leaves. */
const tree = fc.array(hash, { minLength: 1, maxLength: 70 }).chain((leaves) =>
  fc.tuple(
    fc.constant(leaves),
    fc.subarray([...leaves.keys()], { minLength: 1 }).map((places) => places.sort((left, right) => left - right)),
  ),
);
const known = (leaves: readonly Hash[], places: readonly number[]) =>
  places.map((place) => [place, leaves[place]!] as const);

test('the leaves and their siblings lead to the root of all', () => {
  fc.assert(
    fc.property(tree, ([leaves, places]) => {
      const root = rootFromProof(leaves.length, known(leaves, places), proofOf(leaves, places));
      expect(hexOf(root!)).toBe(merkleRoot(leaves));
    }),
  );
});

test('a leaf needs no more siblings than the tree has levels, and all of them together none', () => {
  fc.assert(
    fc.property(tree, ([leaves, [place]]) => {
      expect(proofOf(leaves, [place!]).length).toBeLessThanOrEqual(Math.ceil(Math.log2(leaves.length)));
      expect(proofOf(leaves, [...leaves.keys()])).toEqual([]);
    }),
  );
});

test('another leaf, another place, another sibling, one too few or too many lead elsewhere', () => {
  fc.assert(
    fc.property(tree, hash, fc.nat(), ([leaves, places], other, at) => {
      fc.pre(!leaves.includes(other) && new Set(leaves).size === leaves.length);
      const root = merkleRoot(leaves);
      const siblings = proofOf(leaves, places);
      const shows = (of: ReturnType<typeof known>, by: readonly Hash[]): boolean => {
        const found = rootFromProof(leaves.length, of, by);
        return found !== undefined && hexOf(found) === root;
      };
      const right = known(leaves, places);
      const turn = at % right.length;
      expect(
        shows(
          right.map((leaf, index) => (index === turn ? ([leaf[0], other] as const) : leaf)),
          siblings,
        ),
      ).toBe(false);
      expect(shows(right, [...siblings, other])).toBe(false);
      if (siblings.length > 0) {
        expect(shows(right, siblings.slice(1))).toBe(false);
        const place = at % siblings.length;
        expect(
          shows(
            right,
            siblings.map((each, index) => (index === place ? other : each)),
          ),
        ).toBe(false);
      }
      const free = [...leaves.keys()].find((place) => !places.includes(place));
      if (free !== undefined) {
        const moved = right.map(([place, leaf], index) => [index === turn ? free : place, leaf] as const);
        expect(
          shows(
            moved.sort((left, second) => left[0] - second[0]),
            siblings,
          ),
        ).toBe(false);
      }
    }),
  );
});

test.each([
  ['no leaf', 4, [], []],
  ['a place outside of the tree', 2, [[2, 'a']], ['b']],
  ['a negative place', 2, [[-1, 'a']], ['b']],
  [
    'a place twice',
    4,
    [
      [1, 'a'],
      [1, 'b'],
    ],
    ['c', 'd'],
  ],
] as [string, number, [number, Hash][], Hash[]][])('%s proves nothing', (_, size, leaves, siblings) => {
  expect(rootFromProof(size, leaves, siblings)).toBeUndefined();
});

test('a hash comes back from its hexadecimal text', () => {
  fc.assert(fc.property(hash, (one) => expect(hashOf(hexOf(one))).toBe(one)));
});

test('a root that grows leaf by leaf is that of all leaves so far', () => {
  fc.assert(
    fc.property(fc.array(hash, { minLength: 1, maxLength: 40 }), (leaves) => {
      const growing = createGrowingRoot();
      for (const [index, leaf] of leaves.entries()) {
        growing.add(leaf);
        expect(hexOf(growing.root())).toBe(merkleRoot(leaves.slice(0, index + 1)));
      }
    }),
  );
});
