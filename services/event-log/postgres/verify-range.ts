import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type pg from 'pg';
import { checkRun, type ExpiredShelf, type Fault, type HashedEvent, type Progress } from '../verify-chain.ts';
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

const [tab, newline, backslash, nul, leafPrefix] = [0x09, 0x0a, 0x5c, 0x00, 0x01];
/** What may follow a backslash in COPY's text format; any other character stands for itself. */
const escapes: Readonly<Record<number, number>> = { 98: 8, 102: 12, 110: 10, 114: 13, 116: 9, 118: 11 };

/** Takes COPY's escapes back, in place. Answers where the text ends now. */
const withoutEscapes = (bytes: Buffer, start: number, end: number): number => {
  let write = start;
  for (let read = start; read < end; read += 1) {
    let byte = bytes[read]!;
    if (byte === backslash) {
      read += 1;
      byte = escapes[bytes[read]!] ?? bytes[read]!;
    }
    bytes[write] = byte;
    write += 1;
  }
  return write;
};

const numberOf = (bytes: Buffer, start: number, end: number): number => Number(bytes.toString('latin1', start, end));

/**
 * One row of `position, checksum, id, stream, revision, type, data, meta`. From the tab before the id on it is, but for
 * the separators and the escapes, what the event's hash covers: it is turned into that where it stands.
 */
const hashedRow = (bytes: Buffer, looksCloser: boolean): HashedEvent => {
  const afterPosition = bytes.indexOf(tab);
  const start = bytes.indexOf(tab, afterPosition + 1);
  let end = bytes.length - (bytes[bytes.length - 1] === newline ? 1 : 0);
  let from = start + 1;
  for (let column = 0; column < 5; column += 1) {
    const separator = bytes.indexOf(tab, from);
    bytes[separator] = nul;
    from = separator + 1;
  }
  if (bytes.indexOf(backslash, start) !== -1) end = withoutEscapes(bytes, start, end);
  bytes[start] = leafPrefix;
  const leaf = bytes.subarray(start, end);
  const isUnchecked = !looksCloser || bytes[afterPosition + 1] === backslash;
  return {
    position: numberOf(bytes, 0, afterPosition),
    hash: hash('sha256', leaf, 'binary'),
    intact: isUnchecked || numberOf(bytes, afterPosition + 1, start) === (crc32(leaf) | 0),
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
    `COPY (SELECT position, checksum, id, stream, revision, type, data, meta FROM hub.event
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
