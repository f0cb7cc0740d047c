/**
 * Texts as UTF-8, one after the other, in memory that is used again: memory fresh from the system costs more than what is
 * written into it.
 */
export const createUtf8Bytes = () => {
  let memory = Buffer.allocUnsafeSlow(64 * 1024);
  let length = 0;
  return {
    /** Answers how many bytes it took. */
    add(text: string): number {
      // No UTF-16 unit takes more than three bytes.
      const lengthMax = length + 3 * text.length;
      if (lengthMax > memory.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(lengthMax, 2 * memory.length));
        memory.copy(larger, 0, 0, length);
        memory = larger;
      }
      const written = memory.write(text, length);
      length += written;
      return written;
    },
    /** What was added since the last call; it stands until the next `add`. */
    take(): Buffer {
      const bytes = memory.subarray(0, length);
      length = 0;
      return bytes;
    },
  };
};
