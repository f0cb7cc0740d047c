import type { DeviceFact } from '../dialect.ts';
import { defined, rounded } from './state-facts.ts';

/** Letters and digits of any script with a digit among them: `_无_`, `无牌车`, `unknown` and the like are no plate. */
export const plateShape = /^(?=.*\p{N})[\p{L}\p{N}][\p{L}\p{N}·. -]{1,20}$/u;

/** How sure a reader is, from 0 to 1: readers count to 1 or to 100, and no reading worth sending is one per cent sure. */
const confidenceOf = (sureness: number | undefined): number | undefined => {
  if (sureness === undefined || sureness < 0 || sureness > 100) return undefined;
  return sureness > 1 ? rounded(sureness / 100) : sureness;
};

const directions = new Set(['in', 'out']);

/** A plate that somebody's software read. It stands in the credential's reference and nowhere else: the ingest replaces
 * that by a pseudonym. */
export const plateFact = (reading: {
  plate: string | undefined;
  confidence?: number | undefined;
  direction?: string | undefined;
}): Pick<DeviceFact, 'type' | 'data'> => {
  const plate = (reading.plate ?? '').trim();
  const direction = reading.direction?.toLowerCase() ?? '';
  return {
    type: 'gate.credential-seen',
    data: defined({
      credential: defined({ method: 'plate', reference: plateShape.test(plate) ? plate : undefined }),
      confidence: confidenceOf(reading.confidence),
      direction: directions.has(direction) ? direction : undefined,
    }),
  };
};
