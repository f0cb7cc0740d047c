import { createHash } from 'node:crypto';
import type { Fault } from './fault-routing.ts';

/** Crockford's alphabet: no letter that a person takes for a digit on the telephone. */
const base32 = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * One order per fault and episode by construction: whoever sees the same fault names the same stream. The hash has
 * 50 bits, so that 200,000 faults share one with a chance of 1 in 50,000; with eight letters it would be 1 in 50.
 */
export const orderIdOf = ({ device, code, component }: Fault, episode: number): string => {
  const hash = createHash('sha256')
    .update(JSON.stringify([device, code, component]))
    .digest();
  return `${[...hash.subarray(0, 10)].map((byte) => base32[byte & 31]).join('')}-${episode}`;
};
