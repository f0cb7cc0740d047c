import type { z } from 'zod';
import { deviceEventKeeping, deviceEvents } from './device-events.ts';
import { type Decoded, refused } from './dialect.ts';
import { kinds } from './kinds/registry.ts';

const contracts = new Map<string, z.ZodType>(Object.entries(deviceEvents));
const expiring = new Set<string>();
const kindByType = new Map<string, string>();
for (const { kind, events } of kinds) {
  for (const [type, contract] of Object.entries(events)) {
    contracts.set(type, contract);
    kindByType.set(type, kind);
  }
}
for (const keeping of [deviceEventKeeping, ...kinds.map((kind) => kind.keeping)]) {
  for (const [type, how] of Object.entries(keeping)) if (how === 'for-a-while') expiring.add(type);
}

/** Every event type that a device may cause, of all kinds and `device.*`, in alphabetical order. */
export const eventTypes: readonly string[] = [...contracts.keys()].sort();

/** The contract of that type's `data`; `undefined` for a word that is not in the vocabulary. */
export const contractOf = (type: string): z.ZodType | undefined => contracts.get(type);

/** The kind whose word it is; `undefined` for `device.*`, which any kind may say, and for unknown words. */
export const kindOfType = (type: string): string | undefined => kindByType.get(type);

/** Whether events of that type may expire; `false` for a word that is not in the vocabulary. */
export const mayExpire = (type: string): boolean => expiring.has(type);

/** Steps of insertion, deletion or replacement between two words (Levenshtein). */
const editDistance = (left: string, right: string): number => {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = previous[column - 1]! + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[right.length]!;
};

/** Up to three types that were probably meant: the one it ends with (a vendor's prefix), then the nearest spellings. */
export const nearTypes = (type: string): string[] => {
  const word = type.slice(0, 100).toLowerCase();
  return eventTypes
    .map((known) => ({ known, distance: word.endsWith(known) ? 0 : editDistance(word, known) }))
    .filter(({ known, distance }) => distance <= known.length / 2)
    .sort((left, right) => left.distance - right.distance)
    .slice(0, 3)
    .map(({ known }) => known);
};

/** The refusal of a type that is not in the vocabulary; says what was probably meant. */
export const unknownType = (type: string, field: string): Decoded => {
  const near = nearTypes(type);
  const remedy =
    near.length > 0
      ? `did you mean ${near.join(' or ')}? Write it exactly so, without a prefix`
      : 'write a type of the vocabulary, e.g. gate.passed or sensor.measured';
  return refused('unknown-type', `"${type.slice(0, 100)}" is not an event type; ${remedy}.`, field);
};
