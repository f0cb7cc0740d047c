import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type pg from 'pg';
import { checkRun, type ExpiredShelf, type Fault, type HashedEvent, type Progress } from '../verify-chain.ts';
import { copiedLeaf, leafColumns } from './copied-leaf.ts';
import { copyOut } from './copy-out.ts';
import { type SealRow, sealColumns, sealOf } from './seal-row.ts';

/** A stretch of the log between two seals. */
export interface Range {
  /** The seal before it: its last position and its hash. */
  after: { position: number; hash: string };
  through: number;
  expired: readonly ExpiredShelf[];
  /** Looks at each event's own checksum too, which costs more and names the event among those under a seal. */
  looksCloser: boolean;
}

export interface RangeOutcome {
  at: Progress;
  fault: Fault | undefined;
}

const hashedRow = (bytes: Buffer, looksCloser: boolean): HashedEvent => {
  const { position, checksum, leaf } = copiedLeaf(bytes);
  return {
    position,
    hash: hash('sha256', leaf, 'binary'),
    intact: !looksCloser || checksum === null || checksum === (crc32(leaf) | 0),
  };
};

/** Recomputes the seals of a range from its events. */
export const verifyRange = async (client: pg.Client, range: Range): Promise<RangeOutcome> => {
  const { after, through, expired, looksCloser } = range;
  const { rows } = await client.query<SealRow>(
    `SELECT ${sealColumns} FROM hub.seal WHERE last_position > $1 AND last_position <= $2 ORDER BY last_position`,
    [after.position, through],
  );
  const events: HashedEvent[] = [];
  await copyOut(
    client,
    `COPY (SELECT ${leafColumns} FROM hub.event
      WHERE position > ${after.position} AND position <= ${through}) TO STDOUT`,
    (bytes) => events.push(hashedRow(bytes, looksCloser)),
  );
  // Each shelf comes in its own order already: cheaper to merge here than to let the server sort.
  events.sort((left, right) => left.position - right.position);
  const at: Progress = { ...after, expired: 0 };
  const fault = checkRun(at, rows.map(sealOf), events, expired);
  if (fault !== undefined || at.position === through) return { at, fault };
  return { at, fault: { brokenAt: at.position + 1, reason: `the seal of position ${at.position + 1} is missing` } };
};
