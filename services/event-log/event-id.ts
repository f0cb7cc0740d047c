import { createHash } from 'node:crypto';

const latestMs = 2 ** 48 - 1;

/**
 * The id of an event that a device sent: the same message gives the same id, so a redelivery is the same event.
 * UUID version 8 (RFC 9562, 5.8): 48 bits of the device's time in front keep the index local, the rest is a hash of
 * the device and of `source` (the device's own id, sequence or content hash, and the index within the message).
 */
export const eventId = (of: { occurredAtMs: number; device: string; source: string }): string => {
  if (Number.isNaN(of.occurredAtMs)) throw new RangeError('occurredAtMs is not a number');
  const ms = Math.min(Math.max(Math.floor(of.occurredAtMs), 0), latestMs);
  // The length keeps device "a" with source "bc" apart from device "ab" with source "c".
  const hash = createHash('sha256').update(`${of.device.length}:${of.device}${of.source}`).digest();
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(ms, 0, 6);
  hash.copy(bytes, 6, 0, 10);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
