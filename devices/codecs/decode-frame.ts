import { adeunis } from './adeunis.ts';
import type { Codec, Fields, Frame } from './codec.ts';
import { dragino } from './dragino.ts';
import { elsys } from './elsys.ts';
import { milesight } from './milesight.ts';
import { netvox } from './netvox.ts';

/** Tried in this order; a new vendor is one file and one entry. */
const codecs: readonly Codec[] = [milesight, dragino, elsys, netvox, adeunis];

/** The frame in its vendor's words, or nothing when no codec knows it. */
export const decodeFrame = (frame: Frame): Fields | undefined => {
  for (const codec of codecs) {
    const fields = codec.decode(frame);
    if (fields !== undefined) return fields;
  }
  return undefined;
};
