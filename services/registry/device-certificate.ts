import { X509Certificate } from 'node:crypto';
import type { AddedAuthority } from './events.ts';
import type { RegistryIndex } from './registry-index.ts';

/** What a client proved with its TLS handshake: that it holds the key of this certificate, and no more. */
export interface ClientCertificate {
  x509: X509Certificate;
  /** Its common name: the id of a device. */
  name: string;
  /** The operator's own authority (HUB_MQTT_TLS_CA) signed it: that one speaks for every compound. */
  isOperators: boolean;
  /** Why it didn't; `undefined` also where there is no such authority. */
  operatorsProblem?: string;
}

export interface CertificateUse {
  serial: string;
  /** `null`: the operator's. */
  authority: string | null;
  validTo: string;
}

type Judged = CertificateUse | { problem: string };

/** Hexadecimal in capitals and whole bytes, as Node tells serial numbers; people's tools put colons in between. */
export const serialOf = (text: string): string => {
  const digits = text.replace(/[:\s]/g, '').toUpperCase().replace(/^0+/, '') || '0';
  return digits.length % 2 === 0 ? digits : `0${digits}`;
};

const parsed = new WeakMap<AddedAuthority, X509Certificate>();
const certificateOf = (authority: AddedAuthority): X509Certificate => {
  const known = parsed.get(authority) ?? new X509Certificate(authority.certificate);
  parsed.set(authority, known);
  return known;
};

const clientAuthentication = '1.3.6.1.5.5.7.3.2';

/** By the signature: anybody can give an authority of his own the name of another's. */
const hasSigned = (authority: X509Certificate, certificate: X509Certificate): boolean =>
  certificate.checkIssued(authority) && certificate.verify(authority.publicKey);

const outOfTime = ({ validFrom, validTo }: X509Certificate, nowMs: number): string | undefined => {
  if (nowMs > Date.parse(validTo)) return `expired on ${validTo}`;
  return nowMs < Date.parse(validFrom) ? `is valid only from ${validFrom} on` : undefined;
};

/**
 * Whether a certificate speaks for the device that it names: signed by an authority of that device's own compound, or by
 * the operator's, in its time, and not revoked. TLS itself is asked for the operator's only: the names of every compound's
 * authority in each handshake would be more than many a device takes.
 */
export const judgeCertificate = (
  index: Pick<RegistryIndex, 'device' | 'authoritiesOf' | 'isRevoked'>,
  { x509, name, isOperators, operatorsProblem }: ClientCertificate,
  nowMs: number,
): Judged => {
  if (name === '') return { problem: 'it has no common name (CN)' };
  const device = index.device(name);
  const signer = device && index.authoritiesOf(device.compound).find((each) => hasSigned(certificateOf(each), x509));
  if (!isOperators && signer === undefined) {
    return { problem: operatorsProblem ?? `no authority that speaks for ${name} has signed it` };
  }
  if (device === undefined || device.retiredAt !== null) return { problem: `no device ${name} is registered` };
  if (device.gateway !== undefined) return { problem: `${name} speaks through the gateway ${device.gateway}` };
  const late = outOfTime(x509, nowMs) ?? (signer && outOfTime(certificateOf(signer), nowMs));
  if (late !== undefined) return { problem: `it, or its authority, ${late}` };
  if (x509.ca) return { problem: 'it is the certificate of an authority' };
  if (x509.keyUsage !== undefined && !x509.keyUsage.includes(clientAuthentication)) {
    return { problem: 'its extended key usage does not name client authentication' };
  }
  const serial = serialOf(x509.serialNumber);
  if (index.isRevoked(name, serial)) return { problem: `the certificate ${serial} was revoked` };
  const validTo = new Date(x509.validTo).toISOString();
  return { serial, authority: signer?.authority ?? null, validTo };
};
