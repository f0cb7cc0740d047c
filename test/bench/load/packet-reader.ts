/** What the generator hears from the other side. */
export interface PacketListener {
  /** The reason code of MQTT 5; 0 where none is sent. */
  connected(returnCode: number): void;
  acknowledged(packetId: number, reasonCode: number): void;
}

const connack = 0x20;
const puback = 0x40;

/** Answers how many bytes make up the complete packet at `at`, and where its body begins; 0 while it is incomplete. */
const measure = (bytes: Buffer, at: number): { bodyAt: number; length: number } => {
  let length = 0;
  for (let place = at + 1, factor = 1; place < bytes.length && place < at + 5; place += 1, factor *= 128) {
    const byte = bytes[place]!;
    length += (byte & 0x7f) * factor;
    if ((byte & 0x80) === 0) {
      const bodyAt = place + 1;
      return { bodyAt, length: bodyAt + length > bytes.length ? 0 : bodyAt - at + length };
    }
  }
  return { bodyAt: 0, length: 0 };
};

/** Reads acknowledgements from a stream of bytes; whatever else comes is skipped. */
export const createPacketReader = (listener: PacketListener): ((chunk: Buffer) => void) => {
  let rest: Buffer | undefined;
  return (chunk) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (at + 2 <= bytes.length) {
      // Nearly all packets are PUBACKs below 128 bytes: one byte tells their length.
      const short = bytes[at + 1]!;
      let bodyAt = at + 2;
      let length = 2 + short;
      if ((short & 0x80) !== 0) ({ bodyAt, length } = measure(bytes, at));
      if (length === 0 || at + length > bytes.length) break;
      const kind = bytes[at]! & 0xf0;
      if (kind === puback) {
        const reasonCode = at + length > bodyAt + 2 ? bytes[bodyAt + 2]! : 0;
        listener.acknowledged((bytes[bodyAt]! << 8) | bytes[bodyAt + 1]!, reasonCode);
      } else if (kind === connack) {
        listener.connected(bytes[bodyAt + 1]!);
      }
      at += length;
    }
    rest = at === bytes.length ? undefined : bytes.subarray(at);
  };
};
