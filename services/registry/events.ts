import type { Compound, CompoundChange, Device, DeviceChange } from './registry.ts';

export interface IssuedCredential {
  username: string;
  secretSha256: string;
  /** Until then the secret before counts too, or until the new one is used; left out, it counts no longer. */
  formerUntil?: string;
}

/** Facts about what is registered. A change carries only the fields that changed, `null` for one that was taken away. */
export type RegistryEvent =
  | { type: 'compound.registered'; data: Compound }
  | { type: 'compound.changed'; data: CompoundChange }
  | { type: 'device.registered'; data: Device }
  | { type: 'device.changed'; data: DeviceChange }
  | { type: 'device.retired'; data: { reason?: string } }
  /** The secret has 192 random bits, so one fast hash is right for it (facts: reconnect storms). */
  | { type: 'device.credential-issued'; data: IssuedCredential }
  /** The device has used the new secret: the one before it counts no longer. */
  | { type: 'device.credential-taken-up'; data: { username: string } }
  | { type: 'device.credential-revoked'; data: { username: string } };

export const registryEventTypes = [
  'compound.registered',
  'compound.changed',
  'device.registered',
  'device.changed',
  'device.retired',
  'device.credential-issued',
  'device.credential-taken-up',
  'device.credential-revoked',
] as const satisfies readonly RegistryEvent['type'][];
