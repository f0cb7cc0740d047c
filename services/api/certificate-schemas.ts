import { z } from 'zod';
import { instant } from '../runtime/schema.ts';

export const authorityItem = z.object({
  /** SHA-256 of the certificate. */
  authority: z.string(),
  /** The hub made it and signs with it, or its certificate was brought. */
  origin: z.enum(['made', 'brought']),
  subject: z.string(),
  validTo: instant,
  certificate: z.string(),
});
export type AuthorityItem = z.infer<typeof authorityItem>;

export const certificateItem = z.object({
  serial: z.string(),
  /** `null`: the operator's. */
  authority: z.string().nullable(),
  /** `null` where the hub did not issue it. */
  issuedAt: instant.nullable(),
  validTo: instant.nullable(),
  revokedAt: instant.nullable(),
  /** When the device last came with it, to some seconds. */
  usedAt: instant.nullable(),
});
export type CertificateItem = z.infer<typeof certificateItem>;

/** Told this once. */
export const issuedCertificate = z.object({
  serial: z.string(),
  validFrom: instant,
  validTo: instant,
  certificate: z.string(),
  /** `null` where a request was signed. */
  key: z.string().nullable(),
});
export type IssuedCertificate = z.infer<typeof issuedCertificate>;
