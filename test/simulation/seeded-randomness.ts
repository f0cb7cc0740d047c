import { syncBuiltinESMExports } from 'node:module';
import { createRandom } from '../../services/demo/random.ts';

/**
 * Ids of commands and keys of pseudonyms come from `node:crypto`. While a simulation runs they come from its seed, so
 * that a seed gives the same log byte for byte; load this file before the services, or they keep the real functions.
 */
const crypto = process.getBuiltinModule('node:crypto');
const { randomUUID, randomBytes } = crypto;
let random: (() => number) | undefined;

const seededBytes = (size: number, next: () => number): Buffer =>
  Buffer.from(Array.from({ length: size }, () => Math.floor(next() * 256)));

const uuidOf = (bytes: Buffer): string => {
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

Object.assign(crypto, {
  randomUUID: (): string => (random === undefined ? randomUUID() : uuidOf(seededBytes(16, random))),
  randomBytes: (size: number, ...rest: unknown[]): unknown =>
    random === undefined || rest.length > 0
      ? Reflect.apply(randomBytes, crypto, [size, ...rest])
      : seededBytes(size, random),
});
syncBuiltinESMExports();

/** Runs `work` with every random id and key drawn from the seed; one such run at a time. */
export const withSeededRandomness = async <T>(seed: number, work: () => Promise<T>): Promise<T> => {
  if (random !== undefined) throw new Error('one simulation at a time in a process');
  random = createRandom(seed);
  try {
    return await work();
  } finally {
    random = undefined;
  }
};
