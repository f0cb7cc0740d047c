import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Credential {
  username: string;
  password: string;
}

/** A device's MQTT credential: the device id and 192 random bits, so nobody guesses it and a fast hash is enough. */
export const newCredential = (device: string): Credential => ({
  username: device,
  password: randomBytes(24).toString('base64url'),
});

export const secretHash = (password: string | Uint8Array): string =>
  createHash('sha256').update(password).digest('hex');

export const secretMatches = (password: Uint8Array, sha256: string): boolean =>
  timingSafeEqual(Buffer.from(secretHash(password), 'hex'), Buffer.from(sha256, 'hex'));
