import { useMutation, useQuery } from '@tanstack/react-query';
import type { Contact } from '../../../services/outbound/contacts.ts';
import type { BackTest } from '../../../services/work-orders/fault-back-test.ts';
import type { Page } from './answers.ts';
import { getJson, sendJson } from './client.ts';
import { queryKeys } from './query-keys.ts';
import { compoundPath } from './record-queries.ts';

/** A back-test reads the log for up to a minute. */
const backTestTimeoutMs = 90_000;

export const contactPath = (person: string): string => `/api/contacts/${encodeURIComponent(person)}`;

export const useContacts = () =>
  useQuery({
    queryKey: queryKeys.contacts,
    queryFn: async () => (await getJson<Page<Contact>>('/api/contacts')).items,
  });

export interface QuietHours {
  from: string;
  to: string;
}

export const useQuietHours = () =>
  useQuery({
    queryKey: queryKeys.noticeRules,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await getJson<{ quietHours: QuietHours }>('/api/notice-rules')).quietHours,
  });

export interface IntakeState {
  open: boolean;
  since: string | null;
}

export const useIntake = (compound: string) =>
  useQuery({
    queryKey: queryKeys.intake(compound),
    queryFn: () => getJson<IntakeState>(compoundPath(compound, 'intake-token')),
  });

export interface PolicyInForce {
  version: number;
  policy: string;
  switchedOnAt: string | null;
  by: string | null;
  reason: string | null;
  problems: { line: number | null; field: string; message: string }[];
}

export const useFaultPolicy = () =>
  useQuery({ queryKey: queryKeys.faultPolicy, queryFn: () => getJson<PolicyInForce>('/api/fault-policy') });

export interface BackTestWish {
  policy: string;
  from: string;
  to: string;
  compounds?: string[];
}

export const useBackTest = () =>
  useMutation({
    mutationFn: (wish: BackTestWish) =>
      sendJson<BackTest>('POST', '/api/fault-policy/back-test', wish, backTestTimeoutMs),
  });
