import type { Compound, CompoundChange, Device, DeviceChange, DeviceMove } from './registry.ts';

export interface IssuedCredential {
  username: string;
  secretSha256: string;
  /** Until then the secret before counts too, or until the new one is used; left out, it counts no longer. */
  formerUntil?: string;
}

/** Who signs certificates for a compound's devices. Only what is public: the key of one that the hub made stays out. */
export interface AddedAuthority {
  /** SHA-256 of the certificate, hex. */
  authority: string;
  /** PEM. */
  certificate: string;
  /** The hub made it and signs with it, or somebody brought its certificate and signs elsewhere. */
  origin: 'made' | 'brought';
}

export interface IssuedCertificate {
  serial: string;
  authority: string;
  validFrom: string;
  validTo: string;
}

/** Facts about what is registered. A change carries only the fields that changed, `null` for one that was taken away. */
export type RegistryEvent =
  | { type: 'compound.registered'; data: Compound }
  | { type: 'compound.changed'; data: CompoundChange }
  | { type: 'compound.authority-added'; data: AddedAuthority }
  /** None of the certificates that it signed counts from now on. */
  | { type: 'compound.authority-removed'; data: { authority: string } }
  | { type: 'device.registered'; data: Device }
  | { type: 'device.changed'; data: DeviceChange & Partial<Pick<DeviceMove, 'compound'>> }
  | { type: 'device.retired'; data: { reason?: string } }
  /** The secret has 128 random bits, so one fast hash is right for it (facts: reconnect storms). */
  | { type: 'device.credential-issued'; data: IssuedCredential }
  /** The device has used the new secret: the one before it counts no longer. */
  | { type: 'device.credential-taken-up'; data: { username: string } }
  | { type: 'device.credential-revoked'; data: { username: string } }
  /** Those before it count on until they expire or are revoked, so a device can change over when it likes. */
  | { type: 'device.certificate-issued'; data: IssuedCertificate }
  /** Whoever issued it. */
  | { type: 'device.certificate-revoked'; data: { serial: string } };

export const registryEventTypes = [
  'compound.registered',
  'compound.changed',
  'compound.authority-added',
  'compound.authority-removed',
  'device.registered',
  'device.changed',
  'device.retired',
  'device.credential-issued',
  'device.credential-taken-up',
  'device.credential-revoked',
  'device.certificate-issued',
  'device.certificate-revoked',
] as const satisfies readonly RegistryEvent['type'][];

const byPeople = /^device\.(registered|changed|retired|credential-|certificate-|command-sent)/;

/** Registrations and commands stand on the devices' streams too, and no device said them. */
export const isSaidByPeople = (type: string): boolean => byPeople.test(type);
