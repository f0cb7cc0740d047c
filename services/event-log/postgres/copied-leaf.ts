/** The columns of a COPY whose rows become leaves. */
export const leafColumns = 'position, checksum, id, stream, revision, type, data, meta';

/** A row of such a COPY. */
export interface CopiedLeaf {
  position: number;
  /** Null in rows from before there were checksums. */
  checksum: number | null;
  /** What the event's hash and its checksum cover, in the row's own bytes: good as long as those are. */
  leaf: Buffer;
}

const [newline, backslash, nul, leafPrefix] = [0x0a, 0x5c, 0x00, 0x01];
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

/**
 * From the tab before the id on a row is, but for the separators and the escapes, what the event's hash covers: it is
 * turned into that where it stands.
 */
export const copiedLeaf = (bytes: Buffer): CopiedLeaf => {
  // A character per byte, so that places are the same in both: a search in a string costs a third of one in a Buffer.
  const text = bytes.toString('latin1');
  const afterPosition = text.indexOf('\t');
  const start = text.indexOf('\t', afterPosition + 1);
  let end = bytes.length - (bytes[bytes.length - 1] === newline ? 1 : 0);
  let from = start + 1;
  for (let column = 0; column < 5; column += 1) {
    const separator = text.indexOf('\t', from);
    bytes[separator] = nul;
    from = separator + 1;
  }
  if (text.includes('\\', start)) end = withoutEscapes(bytes, start, end);
  bytes[start] = leafPrefix;
  return {
    position: Number(text.slice(0, afterPosition)),
    checksum: bytes[afterPosition + 1] === backslash ? null : Number(text.slice(afterPosition + 1, start)),
    leaf: bytes.subarray(start, end),
  };
};
