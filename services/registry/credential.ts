import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { RegistryEvent } from './events.ts';

export interface Credential {
  username: string;
  password: string;
}

/**
 * A device's MQTT credential: the device id and 128 random bits, so nobody guesses it and a fast hash is enough. As digits
 * and letters: a minus in front is a formula to a spreadsheet and an option to a command, and some devices take only 32.
 */
export const newCredential = (device: string): Credential => ({
  username: device,
  password: randomBytes(16).toString('hex'),
});

/** `formerUntil`: how long the password before counts beside it. */
export const issued = (credential: Credential, formerUntil: string | null = null): RegistryEvent => ({
  type: 'device.credential-issued',
  data: {
    username: credential.username,
    secretSha256: secretHash(credential.password),
    ...(formerUntil === null ? {} : { formerUntil }),
  },
});

/** What the registry knows of a user name; `former` while a rotation is under way. */
export interface KnownCredential {
  device: string;
  secretSha256: string;
  former?: { secretSha256: string; until: string };
}

type CredentialEvent = Extract<RegistryEvent, { type: `device.credential-${string}` }>;

/** What is known of a user name after an event; `undefined`: it counts no longer. */
export const credentialAfter = (
  before: KnownCredential | undefined,
  device: string,
  event: CredentialEvent,
): KnownCredential | undefined => {
  if (event.type === 'device.credential-revoked') return undefined;
  if (event.type === 'device.credential-taken-up') {
    return before && { device: before.device, secretSha256: before.secretSha256 };
  }
  const { secretSha256, formerUntil: until } = event.data;
  if (before === undefined || until === undefined) return { device, secretSha256 };
  return { device, secretSha256, former: { secretSha256: before.secretSha256, until } };
};

export const secretHash = (password: string | Uint8Array): string =>
  createHash('sha256').update(password).digest('hex');

export const secretMatches = (password: Uint8Array, sha256: string): boolean =>
  timingSafeEqual(Buffer.from(secretHash(password), 'hex'), Buffer.from(sha256, 'hex'));

/** Which of a credential's secrets a password is: the one in force, the former one within its time, or neither. */
export const secretOf = (
  { secretSha256, former }: KnownCredential,
  password: Uint8Array,
  nowMs: number,
): 'present' | 'former' | undefined => {
  if (secretMatches(password, secretSha256)) return 'present';
  const isInTime = former !== undefined && nowMs < Date.parse(former.until);
  return isInTime && secretMatches(password, former.secretSha256) ? 'former' : undefined;
};
