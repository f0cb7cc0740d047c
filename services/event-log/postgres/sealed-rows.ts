import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Hash } from '../chain.ts';
import type { Planned } from '../plan-group.ts';
import type { Shelf } from '../retention.ts';
import { type EventBytes, idBytes } from './draft-bytes.ts';
import { shelfDate } from './shelves.ts';

/** The columns of a commit's rows. Between the position's and the checksum's tab they are what a leaf is hashed over. */
export const rowColumns = 'position, id, stream, revision, type, data, meta, checksum, shelf';

const [tab, backslash] = [0x09, 0x5c];
/** Of position, revision, checksum, shelf and what stands between them. */
const numbersBytesMax = 64;

/** Bytes that the rows can take at most. */
const roomFor = (events: readonly Planned<EventBytes>[]): number => {
  let [bytes, perByte] = [0, 1];
  let looked: Buffer | undefined;
  for (const { event } of events) {
    const { texts, start, end, streamBytes } = event;
    if (texts !== looked) [looked, perByte] = [texts, texts.includes(backslash) ? 2 : 1];
    bytes += perByte * (idBytes + streamBytes + end - start) + numbersBytesMax;
  }
  return bytes;
};

/**
 * A commit's rows in COPY's text format, and the hashes of its leaves. A row is put together as its leaf, hashed, and
 * then its separators become tabs: but for an escaped backslash the two differ in nothing else.
 */
export const sealedRows = (
  events: readonly Planned<EventBytes>[],
  shelves: readonly Shelf[],
): { rows: Buffer<ArrayBuffer>; leaves: Hash[] } => {
  const memory = Buffer.allocUnsafeSlow(roomFor(events));
  const leaves: Hash[] = [];
  let at = 0;
  for (const [place, { position, stream, revision, event }] of events.entries()) {
    const { id, texts, start, end, streamBytes, typeBytes, dataBytes } = event;
    const leafStart = at + memory.write(String(position), at, 'latin1');
    const textsStart = leafStart + memory.write(`\u0001${id}\0${stream}\0${revision}`, leafStart);
    at = textsStart + texts.copy(memory, textsStart, start, end);
    const leaf = memory.subarray(leafStart, at);
    leaves.push(hash('sha256', leaf, 'binary'));
    const checksum = crc32(leaf) | 0;
    memory[leafStart] = tab;
    memory[leafStart + 1 + idBytes] = tab;
    memory[leafStart + 2 + idBytes + streamBytes] = tab;
    memory[textsStart] = tab;
    memory[textsStart + 1 + typeBytes] = tab;
    memory[textsStart + 2 + typeBytes + dataBytes] = tab;
    // Neither names nor JSON text hold control characters, so a backslash is all that COPY would take for something else.
    if (leaf.includes(backslash)) {
      at = leafStart + memory.write(leaf.toString('latin1').replaceAll('\\', '\\\\'), leafStart, 'latin1');
    }
    at += memory.write(`\t${checksum}\t${shelfDate(shelves[place])}\n`, at, 'latin1');
  }
  return { rows: memory.subarray(0, at), leaves };
};
