import { hash } from 'node:crypto';

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
  const digest = hash('sha256', `${of.device.length}:${of.device}${of.source}`, 'hex');
  const time = ms.toString(16).padStart(12, '0');
  // Version 8 and the variant's two bits `10` stand in place of the digest's own (RFC 9562, 5.8).
  const variant = ((Number.parseInt(digest[4]!, 16) & 0b11) | 0b1000).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-8${digest.slice(1, 4)}-${variant}${digest.slice(5, 8)}-${digest.slice(8, 20)}`;
};
