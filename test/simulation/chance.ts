import { createRandom } from '../../services/demo/random.ts';

/** A source of chance with a seed of its own, so that one part's draws don't shift another's. */
export interface Chance {
  /** 0 to 1. */
  random(): number;
  hit(probability: number): boolean;
  between(least: number, most: number): number;
  whole(least: number, most: number): number;
  pick<T>(items: readonly T[]): T;
  fork(name: string): Chance;
}

const mixed = (seed: number, name: string): number => {
  let hash = 0x811c9dc5;
  for (const character of `${seed}|${name}`) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  return hash | 0;
};

export const createChance = (seed: number): Chance => {
  const random = createRandom(seed);
  const between = (least: number, most: number): number => least + random() * (most - least);
  return {
    random,
    hit: (probability) => random() < probability,
    between,
    whole: (least, most) => Math.floor(between(least, most + 1)),
    pick: (items) => items[Math.floor(random() * items.length)]!,
    fork: (name) => createChance(mixed(seed, name)),
  };
};
