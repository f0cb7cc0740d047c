import type { RecordedEvent } from '../event-log/event.ts';
import type { AddedAuthority, RegistryEvent } from './events.ts';

export type CertificateEvent = Extract<
  RegistryEvent,
  { type: `compound.authority-${string}` | `device.certificate-${string}` }
>;

export const isCertificateEvent = (event: RecordedEvent & RegistryEvent): event is RecordedEvent & CertificateEvent =>
  event.type.startsWith('compound.authority-') || event.type.startsWith('device.certificate-');

export interface CertificateSnapshot {
  authorities: (AddedAuthority & { compound: string })[];
  revoked: { device: string; serial: string }[];
}

/** What is asked of certificates at every CONNECT: who signs for a compound, and what was revoked. */
export const createCertificateIndex = () => {
  const authorities = new Map<string, Map<string, AddedAuthority>>();
  const revoked = new Map<string, Set<string>>();

  const add = (compound: string, authority: AddedAuthority): void => {
    const own = authorities.get(compound) ?? new Map<string, AddedAuthority>();
    authorities.set(compound, own.set(authority.authority, authority));
  };
  const remove = (compound: string, authority: string): void => {
    const own = authorities.get(compound);
    own?.delete(authority);
    if (own?.size === 0) authorities.delete(compound);
  };
  const revoke = (device: string, serial: string): void => {
    revoked.set(device, (revoked.get(device) ?? new Set<string>()).add(serial));
  };

  return {
    load(snapshot: CertificateSnapshot): void {
      for (const { compound, ...authority } of snapshot.authorities) add(compound, authority);
      for (const { device, serial } of snapshot.revoked) revoke(device, serial);
    },
    apply(event: RecordedEvent & CertificateEvent): void {
      if (event.type === 'compound.authority-added') add(event.meta.compound!, event.data);
      else if (event.type === 'compound.authority-removed') remove(event.meta.compound!, event.data.authority);
      else if (event.type === 'device.certificate-revoked') revoke(event.meta.device!, event.data.serial);
    },
    lookups: {
      /** Who signs for a compound's devices, the newest last. */
      authoritiesOf: (compound: string): AddedAuthority[] => [...(authorities.get(compound)?.values() ?? [])],
      hasAuthorities: (): boolean => authorities.size > 0,
      isRevoked: (device: string, serial: string): boolean => revoked.get(device)?.has(serial) ?? false,
    },
  };
};
