/** The stream can't be read on: what its next packet claims is refused by its header alone. */
export class FrameRefused extends Error {
  constructor(
    readonly code: 'packet-too-large' | 'malformed-packet',
    message: string,
    /** What the header says the packet would have taken. */
    readonly sizeBytes?: number,
    readonly topic?: string,
  ) {
    super(message);
  }
}

const empty = Buffer.alloc(0);
const publishType = 3;
const firstAssemblyBytes = 4_096;

/**
 * Cuts the byte stream into whole packets, so that a packet too large is refused before it is buffered, and the parser
 * never reads past a packet's end into the next one.
 */
export class FrameReader {
  #unread: Buffer = empty;
  #offset = 0;
  /** Size of the packet at hand, 0 while its header isn't complete. */
  #frameBytes = 0;
  /** A packet that spans chunks. It grows with what arrives, not with what the header claims. */
  #assembly: Buffer | undefined;
  #assembledBytes = 0;

  constructor(
    /** Largest packet with its header; the connection raises it after the handshake. */
    public frameBytesMax: number,
  ) {}

  push(chunk: Buffer): void {
    let rest = chunk;
    if (this.#assembly !== undefined && this.#assembledBytes < this.#frameBytes) {
      const taken = chunk.subarray(0, this.#frameBytes - this.#assembledBytes);
      this.#assemble(this.#assembly, taken);
      rest = chunk.subarray(taken.length);
      if (rest.length === 0) return;
    }
    const left = this.#unread.length - this.#offset;
    this.#unread = left === 0 ? rest : Buffer.concat([this.#unread.subarray(this.#offset), rest]);
    this.#offset = 0;
  }

  /** The next packet is a PUBLISH, as far as it is here. */
  get beginsPublish(): boolean {
    const first = this.#assembly === undefined ? this.#unread[this.#offset] : this.#assembly[0];
    return first !== undefined && first >> 4 === publishType;
  }

  /** The next whole packet, or `undefined` until more arrives. Throws `FrameRefused`. */
  next(): Buffer | undefined {
    if (this.#assembly !== undefined) {
      if (this.#assembledBytes < this.#frameBytes) return undefined;
      const assembled = this.#assembly.subarray(0, this.#frameBytes);
      this.#assembly = undefined;
      this.#frameBytes = 0;
      return assembled;
    }
    if (this.#frameBytes === 0 && !this.#readHeader()) return undefined;
    const end = this.#offset + this.#frameBytes;
    if (this.#unread.length < end) {
      const begun = this.#unread.subarray(this.#offset);
      this.#assembledBytes = 0;
      this.#assemble(Buffer.allocUnsafe(Math.min(this.#frameBytes, firstAssemblyBytes)), begun);
      this.#unread = empty;
      this.#offset = 0;
      return undefined;
    }
    const frame = this.#unread.subarray(this.#offset, end);
    this.#offset = end;
    this.#frameBytes = 0;
    if (end === this.#unread.length) {
      // An idle connection holds on to no chunk that it has read.
      this.#unread = empty;
      this.#offset = 0;
    }
    return frame;
  }

  #assemble(into: Buffer, bytes: Buffer): void {
    let assembly = into;
    const needed = this.#assembledBytes + bytes.length;
    if (needed > assembly.length) {
      assembly = Buffer.allocUnsafe(Math.min(this.#frameBytes, Math.max(needed, assembly.length * 2)));
      into.copy(assembly, 0, 0, this.#assembledBytes);
    }
    bytes.copy(assembly, this.#assembledBytes);
    this.#assembledBytes = needed;
    this.#assembly = assembly;
  }

  #readHeader(): boolean {
    const unread = this.#unread;
    let remainingBytes = 0;
    for (let index = 0; index < 4; index += 1) {
      const byte = unread[this.#offset + 1 + index];
      if (byte === undefined) return false;
      remainingBytes += (byte & 0x7f) * 128 ** index;
      if ((byte & 0x80) === 0) {
        const frameBytes = 2 + index + remainingBytes;
        if (frameBytes > this.frameBytesMax) throw this.#tooLarge(frameBytes, this.#offset + 2 + index);
        this.#frameBytes = frameBytes;
        return true;
      }
    }
    throw new FrameRefused('malformed-packet', 'the remaining length takes more than four bytes [MQTT-1.5.5]');
  }

  #tooLarge(sizeBytes: number, bodyStart: number): FrameRefused {
    const text = `the packet takes ${sizeBytes} bytes, at most ${this.frameBytesMax} are read`;
    return new FrameRefused('packet-too-large', text, sizeBytes, this.#peekTopic(bodyStart));
  }

  /** The topic stands first in a PUBLISH and has nearly always arrived with the header. */
  #peekTopic(bodyStart: number): string | undefined {
    if ((this.#unread[this.#offset] ?? 0) >> 4 !== publishType || this.#unread.length < bodyStart + 2) return undefined;
    const end = bodyStart + 2 + this.#unread.readUInt16BE(bodyStart);
    return this.#unread.length < end ? undefined : this.#unread.toString('utf8', bodyStart + 2, end);
  }
}
