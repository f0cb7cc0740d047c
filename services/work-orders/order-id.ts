import { createHash } from 'node:crypto';
import type { Fault } from './fault-routing.ts';

/** Crockford's alphabet: no letter that a person takes for a digit on the telephone. */
const base32 = '0123456789abcdefghjkmnpqrstvwxyz';

/** Five bits of each byte. */
export const base32Of = (bytes: Uint8Array): string => [...bytes].map((byte) => base32[byte & 31]).join('');

const idOf = (text: string, episode: number): string => {
  const hash = createHash('sha256').update(text).digest();
  return `${base32Of(hash.subarray(0, 10))}-${episode}`;
};

/**
 * One order per fault and episode by construction: whoever sees the same fault names the same stream. The hash has
 * 50 bits, so that 200,000 faults share one with a chance of 1 in 50,000; with eight letters it would be 1 in 50.
 */
export const orderIdOf = ({ device, code, component }: Fault, episode: number): string =>
  idOf(JSON.stringify([device, code, component]), episode);

/** For an order that a person raises: nothing tells two of them apart but that they were raised twice. */
export const newOrderId = (uuid: string): string => idOf(uuid, 1);
