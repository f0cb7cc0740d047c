import type { MqttOutcome } from './application.ts';
import { publishRefusal, reasonCode } from './reason-codes.ts';

/** What the client agreed on, as far as an acknowledgement minds. */
export interface AcknowledgementStyle {
  protocolVersion: number;
  wantsProblems: boolean;
  clientPacketBytesMax: number;
}

const reasonStringProperty = 0x1f;
const userProperty = 0x26;
/** Keeps an acknowledgement small, and its strings far below the protocol's 65,535 bytes. */
const textLengthMax = 1_000;

const outcomeName = Buffer.from('outcome');
const receiptName = Buffer.from('receipt');
const reasonName = Buffer.from('reason');
const codeName = Buffer.from('code');
const deadLetterName = Buffer.from('dead-letter');

type UserProperty = readonly [name: Buffer, value: string];

const userPropertiesOf = (outcome: MqttOutcome): UserProperty[] => {
  if (outcome.outcome === 'recorded') {
    return [
      [outcomeName, outcome.duplicate === true ? 'duplicate' : 'recorded'],
      [receiptName, outcome.position],
    ];
  }
  if (outcome.outcome === 'no-op') {
    return [
      [outcomeName, 'no-op'],
      [reasonName, outcome.reason],
    ];
  }
  const code: UserProperty = [codeName, outcome.code];
  return outcome.deadLetter === undefined ? [code] : [code, [deadLetterName, outcome.deadLetter]];
};

const bounded = (text: string): string => (text.length > textLengthMax ? text.slice(0, textLengthMax) : text);
const stringBytes = (text: string): number => 2 + Buffer.byteLength(text);
const lengthBytes = (value: number): number => (value < 128 ? 1 : value < 16_384 ? 2 : 3);

export const acknowledgementCode = (outcome: MqttOutcome): number =>
  outcome.outcome === 'refused' ? publishRefusal(outcome.reasonCode) : reasonCode.success;

/**
 * PUBACKs and PUBRECs of one turn, encoded into one buffer and so sent by one write. By hand, because `mqtt-packet`
 * takes two microseconds and twenty small buffers for each.
 */
export class AcknowledgementBatch {
  #bytes = Buffer.allocUnsafe(4_096);
  #length = 0;

  append(
    packet: 'puback' | 'pubrec',
    packetId: number,
    outcome: MqttOutcome | undefined,
    style: AcknowledgementStyle,
  ): void {
    const type = packet === 'puback' ? 0x40 : 0x50;
    if (style.protocolVersion !== 5 || outcome === undefined) {
      // In 3.1.1 there is no way to say no: a refused message is acknowledged, and kept as a dead letter.
      this.#room(4);
      this.#head(type, 2, packetId);
      return;
    }
    this.#appendWithProperties(type, packetId, outcome, style);
  }

  /** The batch so far, for one write; begins the next one. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  #appendWithProperties(type: number, packetId: number, outcome: MqttOutcome, style: AcknowledgementStyle): void {
    const code = acknowledgementCode(outcome);
    let reason = style.wantsProblems && outcome.outcome === 'refused' ? bounded(outcome.reason) : undefined;
    let properties = style.wantsProblems ? userPropertiesOf(outcome) : [];
    const reasonBytes = reason === undefined ? 0 : 1 + stringBytes(reason);
    let propertiesBytes = reasonBytes;
    for (const [name, value] of properties) propertiesBytes += 3 + name.length + stringBytes(bounded(value));
    // What would make the packet too large for the client is left out [MQTT-3.4.2-2] [MQTT-3.4.2-3].
    if (frameBytes(propertiesBytes) > style.clientPacketBytesMax) {
      reason = undefined;
      propertiesBytes -= reasonBytes;
    }
    if (frameBytes(propertiesBytes) > style.clientPacketBytesMax) {
      properties = [];
      propertiesBytes = 0;
    }
    this.#room(frameBytes(propertiesBytes));
    if (propertiesBytes === 0) {
      this.#head(type, code === reasonCode.success ? 2 : 3, packetId);
      if (code !== reasonCode.success) this.#bytes[this.#length++] = code;
      return;
    }
    this.#head(type, 3 + lengthBytes(propertiesBytes) + propertiesBytes, packetId);
    this.#bytes[this.#length++] = code;
    this.#variableByteInteger(propertiesBytes);
    if (reason !== undefined) {
      this.#bytes[this.#length++] = reasonStringProperty;
      this.#string(reason);
    }
    for (const [name, value] of properties) {
      this.#bytes[this.#length++] = userProperty;
      this.#length = this.#bytes.writeUInt16BE(name.length, this.#length);
      this.#length += name.copy(this.#bytes, this.#length);
      this.#string(bounded(value));
    }
  }

  #head(type: number, remainingBytes: number, packetId: number): void {
    this.#bytes[this.#length++] = type;
    this.#variableByteInteger(remainingBytes);
    this.#length = this.#bytes.writeUInt16BE(packetId, this.#length);
  }

  #variableByteInteger(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  #string(text: string): void {
    const written = this.#bytes.write(text, this.#length + 2);
    this.#bytes.writeUInt16BE(written, this.#length);
    this.#length += 2 + written;
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + bytes));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Of a PUBACK with that many bytes of properties: header, packet id, reason code, property length. */
const frameBytes = (propertiesBytes: number): number => {
  const remaining = 3 + lengthBytes(propertiesBytes) + propertiesBytes;
  return 1 + lengthBytes(remaining) + remaining;
};
