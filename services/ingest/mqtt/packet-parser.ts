import { type Packet, type Parser, parser } from 'mqtt-packet';
import { MqttViolation } from './link.ts';
import { reasonCode } from './reason-codes.ts';

interface Reader {
  parser: Parser;
  read: Packet | undefined;
}

const createReader = (protocolVersion: number): Reader => {
  const reader: Reader = { parser: parser({ protocolVersion }), read: undefined };
  reader.parser.on('packet', (packet) => {
    reader.read = packet;
  });
  reader.parser.on('error', (error: Error) => {
    throw new MqttViolation('malformed-packet', reasonCode.malformedPacket, error.message);
  });
  return reader;
};

/** One for all connections of a version: a parser of one's own would be the largest part of an idle connection. */
const readers = new Map<number, Reader>();

/** Reads one whole packet. Throws `MqttViolation`. */
export const parsePacket = (frame: Buffer, protocolVersion: number): Packet => {
  const reader = readers.get(protocolVersion) ?? createReader(protocolVersion);
  // Taken out meanwhile: what breaks in mid packet must not meet the next connection.
  readers.delete(protocolVersion);
  const left = reader.parser.parse(frame);
  const packet = reader.read;
  reader.read = undefined;
  if (packet === undefined || left > 0) {
    throw new MqttViolation('malformed-packet', reasonCode.malformedPacket, 'the packet does not end where it says');
  }
  readers.set(protocolVersion, reader);
  return packet;
};

/** Reads a CONNECT, which says its own version, and whose password no parser is to keep. */
export const parseConnect = (frame: Buffer): Packet => {
  const reader = createReader(4);
  reader.parser.parse(frame);
  if (reader.read !== undefined) return reader.read;
  throw new MqttViolation('malformed-packet', reasonCode.malformedPacket, 'the CONNECT does not end where it says');
};
