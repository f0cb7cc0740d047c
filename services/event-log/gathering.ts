import { hash } from 'node:crypto';
import { z } from 'zod';
import { type Hash, hexOf, merkleRoot } from './chain.ts';
import { createGrowingRoot, hashOf } from './merkle-proof.ts';
import type { Seal } from './verify-chain.ts';

/**
 * From time to time the log says in an event of its own what its seals were: the Merkle root of a run of them, and the
 * root of all such runs. The path from any old commit to a new head is then some hashes long; without it, it is every
 * seal between them.
 */
export const sealsGatheredType = 'log.seals-gathered';

/** Few enough that a path within a run is found by reading all of the run, and the links to the head are some kilobytes. */
export const sealsPerGathering = { fewest: 1_024, most: 16_384 };

const hex = z.string().regex(/^[0-9a-f]{64}$/);
export const gatheredRun = z.strictObject({
  /** The last position before the run's first seal, and that of its last one. */
  after: z.int().min(0),
  through: z.int().min(1),
  seals: z.int().min(1),
  /** Merkle root of the seals' hashes. */
  root: hex,
});
export type GatheredRun = z.infer<typeof gatheredRun>;

export const gathering = gatheredRun.extend({
  /** How many runs there are with this one, and the Merkle root of them all. */
  runs: z.int().min(1),
  allRuns: hex,
});
export type Gathering = z.infer<typeof gathering>;

// Another first byte than leaves, nodes and parts have, so that none can pass for another.
export const runHash = ({ after, through, seals, root }: GatheredRun): Hash =>
  hash('sha256', `\u0004${after}\0${through}\0${seals}\0${root}`, 'binary');

/** A seal's hash begins with a digit's byte under it, which no node does: it can stand in the tree as it is. */
export const sealLeaves = (seals: readonly Pick<Seal, 'hash'>[]): Hash[] => seals.map((seal) => hashOf(seal.hash));

/** Puts run on run, and says after each what the log then has to say of them. */
export const createGatherer = () => {
  const tree = createGrowingRoot();
  let [runs, through] = [0, 0];
  return {
    /** The last position that is gathered. */
    get through(): number {
      return through;
    },
    /** The next gathering: of seals that come right after those before. */
    gather(seals: readonly Pick<Seal, 'hash' | 'lastPosition'>[]): Gathering {
      const after = through;
      through = seals.at(-1)!.lastPosition;
      const run = { after, through, seals: seals.length, root: merkleRoot(sealLeaves(seals)) };
      return this.follow(run);
    },
    /** One that the log has said already. */
    follow(run: GatheredRun): Gathering {
      const { after, seals, root } = run;
      tree.add(runHash(run));
      runs += 1;
      through = run.through;
      return { after, through, seals, root, runs, allRuns: hexOf(tree.root()) };
    },
  };
};
