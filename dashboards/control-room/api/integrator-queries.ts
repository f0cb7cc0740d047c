import { useMutation, useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import type {
  adoptionAnswer,
  explanation,
  HeardUnknown,
  letterReason,
  replayReport,
} from '../../../services/api/integrator-schemas.ts';
import { getJson, postJson, withQuery } from './client.ts';
import { queryKeys } from './query-keys.ts';

export type { HeardUnknown };
export type Explained = z.infer<typeof explanation>;
export type LetterReason = z.infer<typeof letterReason>;
export type ReplayReport = z.infer<typeof replayReport>;
export type Adoption = z.infer<typeof adoptionAnswer>;

/** Who speaks and what is refused changes without an event that the page hears. */
const everyMs = 10_000;

export const useHeardUnknown = (compound: string | undefined) =>
  useQuery({
    queryKey: queryKeys.heardUnknown(compound),
    refetchInterval: everyMs,
    queryFn: async () =>
      (await getJson<{ items: HeardUnknown[] }>(withQuery('/api/heard-unknown', { compound, limit: 100 }))).items,
  });

export const adoptPath = (id: string): string => `/api/heard-unknown/${encodeURIComponent(id)}/adopt`;

export const useLetterReasons = (compound: string | undefined) =>
  useQuery({
    queryKey: queryKeys.letterReasons(compound),
    refetchInterval: everyMs,
    queryFn: async () =>
      (await getJson<{ items: LetterReason[] }>(withQuery('/api/dead-letter-reasons', { compound }))).items,
  });

export interface TryWish {
  topic: string;
  payload: string;
  device?: string;
}

export const useTry = () =>
  useMutation({ mutationFn: (wish: TryWish) => postJson<Explained>('/api/dialects/try', wish) });

export const messagesPath = (device: string): string => `/api/devices/${encodeURIComponent(device)}/messages`;
