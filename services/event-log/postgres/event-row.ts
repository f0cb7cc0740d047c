import { checksumOf } from '../chain.ts';
import { CorruptEvent, type StoredEvent } from '../stored-event.ts';

export const eventColumns = 'position, stream, revision, id, type, data, meta, checksum';

export interface EventRow extends Omit<StoredEvent, 'position'> {
  position: string;
  /** Null in rows from before there were checksums: the chain alone tells of them. */
  checksum: number | null;
}

/** Throws `CorruptEvent` for a row that is not what was stored. */
export const storedOf = ({ position, stream, revision, id, type, data, meta, checksum }: EventRow): StoredEvent => {
  const event = { position: Number(position), stream, revision, id, type, data, meta };
  if (checksum !== null && checksum !== checksumOf(event)) throw new CorruptEvent(position);
  return event;
};
