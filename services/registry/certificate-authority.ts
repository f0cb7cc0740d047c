// The library's container of dependencies wants it.
import 'reflect-metadata';
import { createPublicKey, type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  Pkcs10CertificateRequest,
  type PublicKey,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  X509Certificate as X509Text,
} from '@peculiar/x509';
import { Refusal } from '../event-log/decider.ts';
import { isoTime } from '../runtime/clock.ts';

const curve = { name: 'ECDSA', namedCurve: 'P-256' };
const signature = { name: 'ECDSA', hash: 'SHA-256' };
const dayMs = 86_400_000;
const authorityDays = 3_650;
/** Whoever checks it may have a clock that is behind. */
const earlierMs = 3_600_000;

/** As hexadecimal: positive, and nobody's guess (RFC 5280, 4.1.2.2). */
const newSerial = (): string => {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
};

const newKeys = () => crypto.subtle.generateKey(curve, true, ['sign', 'verify']);

const keyPem = async (key: CryptoKey): Promise<string> =>
  PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');

const identifiersOf = (key: CryptoKey | PublicKey) => SubjectKeyIdentifierExtension.create(key);

export const authorityIdOf = (certificate: X509Certificate): string =>
  certificate.fingerprint256.replaceAll(':', '').toLowerCase();

/** A new authority for the devices of a compound, with its key, both as PEM. */
export const newAuthority = async (compound: string, nowMs: number): Promise<{ certificate: string; key: string }> => {
  const keys = await newKeys();
  const serialNumber = newSerial();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber,
    // Two authorities of one compound are not to have one name: clients choose by it.
    name: [{ CN: [`${compound} devices ${serialNumber.slice(0, 8)}`] }, { O: ['Xingyuan'] }],
    ...{ notBefore: new Date(nowMs - earlierMs), notAfter: new Date(nowMs + authorityDays * dayMs) },
    ...{ signingAlgorithm: signature, keys },
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await identifiersOf(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await keyPem(keys.privateKey) };
};

const isStrong = ({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean =>
  type === 'ec' || type === 'ed25519' || (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048);

/** Of a certificate that somebody brought. Refuses what can't sign for devices, now and safely. */
export const broughtAuthority = (pem: string, nowMs: number): X509Certificate => {
  const refuse = (message: string): never => {
    throw new Refusal('authority.not-fitting', `certificate: ${message}`, { field: 'certificate' });
  };
  if (/PRIVATE KEY/.test(pem)) refuse('it holds a private key; bring the certificate alone, and make a new key');
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return refuse('no certificate in PEM (-----BEGIN CERTIFICATE-----)');
  }
  if (!certificate.ca) refuse('it is not that of an authority (basic constraints, CA)');
  if (!isStrong(certificate.publicKey)) refuse('its key is too weak: elliptic, or RSA of 2048 bits and more');
  if (nowMs > Date.parse(certificate.validTo)) refuse(`it expired on ${certificate.validTo}`);
  return certificate;
};

/** The public key of a certificate signing request. Refuses one whose sender doesn't hold the key. */
const requestedKey = async (pem: string): Promise<PublicKey> => {
  const refuse = (message: string): never => {
    throw new Refusal('certificate.not-fitting', `csr: ${message}`, { field: 'csr' });
  };
  let request: Pkcs10CertificateRequest;
  try {
    request = new Pkcs10CertificateRequest(pem);
  } catch {
    return refuse('no certificate signing request in PEM (-----BEGIN CERTIFICATE REQUEST-----)');
  }
  if (!(await request.verify().catch(() => false))) refuse('its signature is not of the key that it holds');
  const key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' });
  if (!isStrong(key)) refuse('its key is too weak: elliptic, or RSA of 2048 bits and more');
  return request.publicKey;
};

export interface SignedCertificate {
  serial: string;
  validFrom: string;
  validTo: string;
  /** PEM, like the key; `null` where a request was signed. */
  certificate: string;
  key: string | null;
}

/** An authority that can sign. */
export interface Signing {
  issuer: X509Text;
  ofIssuer: AuthorityKeyIdentifierExtension;
  key: CryptoKey;
}

/** Throws for what is no key of ours. */
export const openSigning = async (certificate: string, pem: string): Promise<Signing> => {
  const [der] = PemConverter.decode(pem);
  const issuer = new X509Text(certificate);
  return {
    issuer,
    ofIssuer: await AuthorityKeyIdentifierExtension.create(issuer),
    key: await crypto.subtle.importKey('pkcs8', der!, curve, false, ['sign']),
  };
};

/**
 * Signs a certificate for a device: with a new key, or with that of the request, of which nothing else is taken over. It
 * doesn't outlast its authority.
 */
export const signCertificate = async (
  { issuer, ofIssuer, key }: Signing,
  { device, days, csr }: { device: string; days: number; csr?: string | undefined },
  nowMs: number,
): Promise<SignedCertificate> => {
  const keys = csr === undefined ? await newKeys() : undefined;
  const publicKey = keys?.publicKey ?? (await requestedKey(csr!));
  const made = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    ...{ issuer: issuer.subjectName, subject: [{ CN: [device] }] },
    notBefore: new Date(nowMs - earlierMs),
    notAfter: new Date(Math.min(nowMs + days * dayMs, issuer.notAfter.getTime())),
    ...{ signingAlgorithm: signature, signingKey: key, publicKey },
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
      ofIssuer,
      await identifiersOf(publicKey),
    ],
  });
  const certificate = made.toString('pem');
  return {
    serial: new X509Certificate(certificate).serialNumber,
    validFrom: isoTime(made.notBefore.getTime()),
    validTo: isoTime(made.notAfter.getTime()),
    certificate,
    key: keys === undefined ? null : await keyPem(keys.privateKey),
  };
};
