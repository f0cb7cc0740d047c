import { useQuery } from '@tanstack/react-query';
import type { AuthorityItem, CertificateItem, IssuedCertificate } from '../../../services/api/certificate-schemas.ts';
import { getJson } from './client.ts';
import { queryKeys } from './query-keys.ts';
import { compoundPath } from './record-queries.ts';

export type { AuthorityItem, CertificateItem, IssuedCertificate };

export const authorityPath = (compound: string, ...authority: string[]): string =>
  compoundPath(compound, 'authorities', ...authority);

export const certificatePath = (device: string, ...serial: string[]): string =>
  ['/api/devices', ...[device, 'certificates', ...serial].map(encodeURIComponent)].join('/');

export const useAuthorities = (compound: string) =>
  useQuery({
    queryKey: queryKeys.authorities(compound),
    queryFn: async () => (await getJson<{ items: AuthorityItem[] }>(authorityPath(compound))).items,
  });

export const useCertificates = (device: string) =>
  useQuery({
    queryKey: queryKeys.deviceCertificates(device),
    // A device changes over when it likes, and nothing else tells of it.
    refetchInterval: 5_000,
    queryFn: async () => (await getJson<{ items: CertificateItem[] }>(certificatePath(device))).items,
  });
