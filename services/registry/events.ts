import type { Compound, CompoundChange, Device, DeviceChange } from './registry.ts';

/** Facts about what is registered. A change carries only the fields that changed, `null` for one that was taken away. */
export type RegistryEvent =
  | { type: 'compound.registered'; data: Compound }
  | { type: 'compound.changed'; data: CompoundChange }
  | { type: 'device.registered'; data: Device }
  | { type: 'device.changed'; data: DeviceChange }
  | { type: 'device.retired'; data: { reason?: string } }
  /** The secret has 192 random bits, so one fast hash is right for it (facts: reconnect storms). */
  | { type: 'device.credential-issued'; data: { username: string; secretSha256: string } }
  | { type: 'device.credential-revoked'; data: { username: string } };

export const registryEventTypes = [
  'compound.registered',
  'compound.changed',
  'device.registered',
  'device.changed',
  'device.retired',
  'device.credential-issued',
  'device.credential-revoked',
] as const satisfies readonly RegistryEvent['type'][];
