/** PostgreSQL counts instants in microseconds since then. */
const epochMs = Date.UTC(2000, 0, 1);

/**
 * Reads one list of numbers after the other from the bytes that PostgreSQL's `…send` functions make of them. A year of a
 * compound is a hundred thousand numbers, and the server makes bytes of them in less time than decimals.
 */
export const createNumberReader = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  const take = (count: number, sizeBytes: number, numberAt: (offset: number) => number): number[] => {
    const numbers: number[] = [];
    for (const end = offset + count * sizeBytes; offset < end; offset += sizeBytes) numbers.push(numberAt(offset));
    return numbers;
  };
  // In two halves, because a BigInt for each would cost more than all the rest; exact until 2285.
  const instantAt = (at: number): number =>
    Math.round((view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4)) / 1000) + epochMs;
  return {
    /** `timestamptz_send`, to milliseconds. */
    instantsMs: (count: number) => take(count, 8, instantAt),
    /** `int2send`. */
    smallIntegers: (count: number) => take(count, 2, (at) => view.getInt16(at)),
    /** `int4send`. */
    integers: (count: number) => take(count, 4, (at) => view.getInt32(at)),
    /** `float8send`. */
    doubles: (count: number) => take(count, 8, (at) => view.getFloat64(at)),
  };
};
export type NumberReader = ReturnType<typeof createNumberReader>;
