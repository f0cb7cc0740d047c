/** A message that waits for its PUBACK. */
interface Awaiting {
  readonly packetId: number;
  settled: boolean;
}

const pubackBytes = 4;

const pubacksOf = (due: readonly Awaiting[]): Buffer => {
  const bytes = Buffer.allocUnsafe(due.length * pubackBytes);
  let at = 0;
  for (const { packetId } of due) {
    bytes[at] = 0x40;
    bytes[at + 1] = 2;
    bytes.writeUInt16BE(packetId, at + 2);
    at += pubackBytes;
  }
  return bytes;
};

/**
 * The PUBACKs that one connection owes, written in receive order [MQTT-4.6.0-2]. One per connection: packet ids are void
 * on the next one, and the broker sends again what has no PUBACK.
 */
export const createAcknowledgementQueue = (write: (bytes: Buffer) => void) => {
  let awaiting: Awaiting[] = [];
  let flushDue = false;
  let dropped = false;
  let idle: (() => void) | undefined;

  const flush = (): void => {
    flushDue = false;
    const first = awaiting.findIndex(({ settled }) => !settled);
    const due = awaiting.splice(0, first === -1 ? awaiting.length : first);
    if (due.length > 0) write(pubacksOf(due));
    if (awaiting.length === 0) idle?.();
  };

  return {
    /** A message came in. Answers what to call once it is durable. */
    admit(packetId: number): () => void {
      const entry: Awaiting = { packetId, settled: false };
      awaiting.push(entry);
      return () => {
        entry.settled = true;
        if (dropped || flushDue) return;
        // One write for all that one group commit settles.
        flushDue = true;
        setImmediate(flush);
      };
    },
    /** The connection is over: nothing is written any more. */
    drop(): void {
      dropped = true;
      awaiting = [];
      idle?.();
    },
    isDropped: (): boolean => dropped,
    /** Resolves when nothing is owed any more. */
    drained: (): Promise<void> =>
      awaiting.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            idle = resolve;
          }),
  };
};

export type AcknowledgementQueue = ReturnType<typeof createAcknowledgementQueue>;
