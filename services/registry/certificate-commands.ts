import { X509Certificate } from 'node:crypto';
import { Refusal } from '../event-log/decider.ts';
import { compoundStream } from '../event-log/event.ts';
import type { AuthorityKeys } from './authority-keys.ts';
import {
  authorityIdOf,
  broughtAuthority,
  newAuthority,
  openSigning,
  type SignedCertificate,
  type Signing,
  signCertificate,
} from './certificate-authority.ts';
import { append, compoundOrRefuse, deviceOrRefuse, type Meta, type RegistryParts } from './commands.ts';
import { appendOfDevice, appendOfDevices } from './credential-commands.ts';
import { serialOf } from './device-certificate.ts';
import type { AddedAuthority, RegistryEvent } from './events.ts';

export interface CertificateParts extends RegistryParts {
  authorityKeys: AuthorityKeys;
}

/** An authority is changed by adding the next one; more at once than this is somebody's mistake. */
const authoritiesMax = 10;

const addAuthority = async (
  parts: RegistryParts,
  compound: string,
  data: AddedAuthority,
  meta: Meta,
): Promise<void> => {
  await append(parts, compoundStream(compound), 'any', [{ type: 'compound.authority-added', data }], {
    ...meta,
    compound,
  });
};

const roomForAuthority = ({ index }: RegistryParts, compound: string): void => {
  compoundOrRefuse(index, compound);
  if (index.authoritiesOf(compound).length < authoritiesMax) return;
  throw new Refusal('authority.too-many', `${compound} has ${authoritiesMax} authorities; remove one first`);
};

/** An authority of the hub's own: from now on it signs certificates for the compound's devices. */
export const makeAuthority = async (parts: CertificateParts, compound: string, meta: Meta): Promise<AddedAuthority> => {
  roomForAuthority(parts, compound);
  const { certificate, key } = await newAuthority(compound, Date.parse(meta.occurredAt));
  const added = { authority: authorityIdOf(new X509Certificate(certificate)), certificate, origin: 'made' as const };
  await parts.authorityKeys.keep(added.authority, key);
  await addAuthority(parts, compound, added, meta);
  return added;
};

/** Who has the authority already: renewed with the same key it may come again, but never for another compound. */
const ownerOf = ({ index }: RegistryParts, compound: string, certificate: X509Certificate): string | undefined =>
  index.compounds().find(({ id }) =>
    index.authoritiesOf(id).some((known) => {
      if (id === compound) return known.authority === authorityIdOf(certificate);
      return new X509Certificate(known.certificate).publicKey.equals(certificate.publicKey);
    }),
  )?.id;

/** An authority that signs elsewhere. Of `pem` only the first certificate counts: the one that signs for devices. */
export const bringAuthority = async (
  parts: RegistryParts,
  compound: string,
  pem: string,
  meta: Meta,
): Promise<AddedAuthority> => {
  roomForAuthority(parts, compound);
  const certificate = broughtAuthority(pem, Date.parse(meta.occurredAt));
  const authority = authorityIdOf(certificate);
  const owner = ownerOf(parts, compound, certificate);
  if (owner !== undefined) throw new Refusal('authority.known', `the authority is that of ${owner} already`);
  const added = { authority, certificate: certificate.toString(), origin: 'brought' as const };
  await addAuthority(parts, compound, added, meta);
  return added;
};

/** None of its certificates counts from now on, and whoever is connected is sent away. */
export const removeAuthority = async (
  parts: RegistryParts,
  compound: string,
  authority: string,
  meta: Meta,
): Promise<void> => {
  compoundOrRefuse(parts.index, compound);
  if (!parts.index.authoritiesOf(compound).some((each) => each.authority === authority)) {
    throw new Refusal('authority.unknown', `${compound} has no authority ${authority}`);
  }
  await append(parts, compoundStream(compound), 'any', [{ type: 'compound.authority-removed', data: { authority } }], {
    ...meta,
    compound,
  });
};

interface OpenAuthority extends Signing {
  authority: string;
}

/** The newest authority of a compound that the hub can sign with. */
const signingOf = async (parts: CertificateParts, compound: string): Promise<OpenAuthority> => {
  const made = parts.index.authoritiesOf(compound).findLast(({ origin }) => origin === 'made');
  if (made === undefined) {
    throw new Refusal('authority.none', `${compound} has no authority that the hub signs with; make one first`);
  }
  const signing = await openSigning(made.certificate, await parts.authorityKeys.read(made.authority));
  return { authority: made.authority, ...signing };
};

const issuedFact = (authority: string, { serial, validFrom, validTo }: SignedCertificate): RegistryEvent => ({
  type: 'device.certificate-issued',
  data: { serial, authority, validFrom, validTo },
});

const speakingForItself = (device: { id: string; gateway?: string | undefined }): void => {
  if (device.gateway === undefined) return;
  const message = `${device.id} speaks through the gateway ${device.gateway} and needs no certificate`;
  throw new Refusal('certificate.not-fitting', message);
};

export interface IssuedToDevice extends SignedCertificate {
  device: string;
}

/** A certificate for a device; its key, made here, is told this once. Those before it count on. */
export const issueCertificate = async (
  parts: CertificateParts,
  id: string,
  wanted: { days: number; csr?: string | undefined },
  meta: Meta,
): Promise<IssuedToDevice> => {
  const device = deviceOrRefuse(parts.index, id);
  speakingForItself(device);
  const { authority, ...signing } = await signingOf(parts, device.compound);
  const signed = await signCertificate(signing, { device: id, ...wanted }, Date.parse(meta.occurredAt));
  await appendOfDevice(parts, device, issuedFact(authority, signed), meta);
  return { device: id, ...signed };
};

/** As `issueCertificate`, for many devices of one compound. */
export const issueCertificates = async (
  parts: CertificateParts,
  compound: string,
  devices: readonly { id: string; compound: string }[],
  { days }: { days: number },
  meta: Meta,
): Promise<IssuedToDevice[]> => {
  const { authority, ...signing } = await signingOf(parts, compound);
  const signed: IssuedToDevice[] = [];
  for (const { id } of devices) {
    const certificate = await signCertificate(signing, { device: id, days }, Date.parse(meta.occurredAt));
    signed.push({ device: id, ...certificate });
  }
  const facts = devices.map((device, at) => ({ device, fact: issuedFact(authority, signed[at]!) }));
  await appendOfDevices(parts, facts, meta);
  return signed;
};

/** Whoever issued it: the certificate counts no longer, and the device's open connections end. */
export const revokeCertificate = async (
  parts: RegistryParts,
  id: string,
  serial: string,
  meta: Meta,
): Promise<void> => {
  const device = deviceOrRefuse(parts.index, id);
  const data = { serial: serialOf(serial) };
  await appendOfDevice(parts, device, { type: 'device.certificate-revoked', data }, meta);
};
