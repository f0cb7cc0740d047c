import { z } from 'zod';
import { genesisHash } from '../chain.ts';
import type { Position } from '../event.ts';
import { partsByAge } from '../sealed-parts.ts';
import type { StreamReader } from './reader.ts';
import type { LogRecord } from './record.ts';
import { sealsStream } from './record.ts';

export const sealType = 'hub.sealed';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const position = z.string().regex(/^\d{1,19}\/\d{1,19}$/);

/** Events are counted from 1 in the order of the log, because its positions have gaps. */
const sealData = z.strictObject({
  firstEvent: z.int().min(1),
  lastEvent: z.int().min(1),
  firstPosition: position,
  lastPosition: position,
  /** Left out where nothing in the stretch may expire, and in seals from before: then `root` is of all its events. */
  parts: partsByAge.optional(),
  root: hash,
  hash,
  sealedAt: z.string(),
});

export type SealData = z.infer<typeof sealData>;

export interface LastSeal {
  /** Revision of the seal in its stream, -1 before the first. */
  revision: number;
  lastEvent: number;
  position: Position | null;
  hash: string;
}

/** `undefined` for what is no seal, or was one. */
export const sealOf = ({ type, data }: LogRecord): SealData | undefined => {
  if (type !== sealType || !ArrayBuffer.isView(data)) return undefined;
  try {
    return sealData.parse(JSON.parse(new TextDecoder().decode(data)));
  } catch {
    return undefined;
  }
};

/** Throws when the newest record among the seals is none: something else was written there. */
export const lastSeal = async (reader: StreamReader): Promise<LastSeal> => {
  const [record] = await reader.stream(sealsStream, { from: 'end', maxCount: 1, backwards: true });
  if (record === undefined) return { revision: -1, lastEvent: 0, position: null, hash: genesisHash };
  const seal = sealOf(record);
  if (seal === undefined) throw new Error(`what was last written to ${sealsStream} is no seal`);
  const { lastEvent, lastPosition } = seal;
  return { revision: Number(record.revision), lastEvent, position: lastPosition, hash: seal.hash };
};
