/** PostgreSQL counts instants in microseconds since then. */
const epochMs = Date.UTC(2000, 0, 1);

/**
 * Reads one number after the other from the bytes that PostgreSQL's `…send` functions make of them. A year of a compound
 * is a hundred thousand numbers, and the server makes bytes of them in less time than decimals.
 */
export const createNumberReader = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  /** The place of the next number, past which the reader goes. */
  const past = (sizeBytes: number): number => {
    offset += sizeBytes;
    return offset - sizeBytes;
  };
  return {
    /** `timestamptz_send`, to milliseconds. */
    instantMs(): number {
      const at = past(8);
      // In two halves, because a BigInt for each would cost more than all the rest; exact until 2285.
      return Math.round((view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4)) / 1000) + epochMs;
    },
    /** `int2send`. */
    smallInteger: (): number => view.getInt16(past(2)),
    /** `int4send`. */
    integer: (): number => view.getInt32(past(4)),
    /** `float8send`. */
    double: (): number => view.getFloat64(past(8)),
  };
};
export type NumberReader = ReturnType<typeof createNumberReader>;
