import { X509Certificate } from 'node:crypto';
import { authorityIdOf, newAuthority, openSigning, signCertificate } from './certificate-authority.ts';
import type { ClientCertificate } from './device-certificate.ts';
import type { AddedAuthority } from './events.ts';

/** A compound's authority, and what clients prove with the certificates that it signs. */
export const authorityFor = async (compound: string, nowMs: number) => {
  const { certificate, key } = await newAuthority(compound, nowMs);
  const added: AddedAuthority = {
    ...{ authority: authorityIdOf(new X509Certificate(certificate)), certificate },
    origin: 'made',
  };
  const signing = await openSigning(certificate, key);
  return {
    added,
    certificate,
    /** What an index knows of it. */
    snapshot: { authorities: [{ compound, ...added }], revoked: [] },
    async sign(device: string, days = 1) {
      const signed = await signCertificate(signing, { device, days }, nowMs);
      const presented: ClientCertificate = {
        ...{ x509: new X509Certificate(signed.certificate), name: device, isOperators: false },
      };
      return { ...signed, key: signed.key!, presented };
    },
  };
};
export type AuthorityForTests = Awaited<ReturnType<typeof authorityFor>>;
