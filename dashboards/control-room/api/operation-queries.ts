import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { NoticeItem } from '../../../services/outbound/notice-queries.ts';
import type { TargetItem } from '../../../services/outbound/target-queries.ts';
import type { HandoverItem } from '../../../services/work-orders/handover.ts';
import type { MaintenanceWindow } from '../../../services/work-orders/maintenance.ts';
import type { DutyRole, Roster } from '../../../services/work-orders/roster.ts';
import type { Page } from './answers.ts';
import { getJson, type SendMethod, sendJson, withQuery } from './client.ts';
import { type QueryKey, queryKeys } from './query-keys.ts';
import { compoundPath } from './record-queries.ts';
import { refresh } from './refresh.ts';

const noticesMax = 100;

export interface DeadLetterItem {
  event: string;
  order: string;
  type: string;
  reason: string;
  diedAt: string;
  state: 'dead' | 'wished' | 'delivered';
}

export interface DutyItem {
  person: string;
  role: DutyRole;
  shift: string;
  until: string;
}

export interface CoveredFault {
  device: string;
  code: string;
  component: string;
  because: string;
  coveredAt: string;
  uncoveredAt: string | null;
}

export const targetPath = (id: string, ...rest: string[]): string =>
  ['/api/work-order-targets', ...[id, ...rest].map(encodeURIComponent)].join('/');

/** What waits for a target changes without an event, so it is asked for again by itself. */
const targetsEveryMs = 5_000;

export const useTargets = () =>
  useQuery({
    queryKey: queryKeys.targets,
    refetchInterval: targetsEveryMs,
    queryFn: async () => (await getJson<Page<TargetItem>>('/api/work-order-targets')).items,
  });

export const useDeadLetters = (target: string) =>
  useQuery({
    queryKey: queryKeys.deadLetters(target),
    refetchInterval: targetsEveryMs,
    queryFn: async () =>
      (await getJson<Page<DeadLetterItem>>(withQuery(targetPath(target, 'dead-letters'), { limit: 100 }))).items,
  });

export const useRoster = (compound: string) =>
  useQuery({ queryKey: queryKeys.roster(compound), queryFn: () => getJson<Roster>(compoundPath(compound, 'roster')) });

export const useOnDuty = (compound: string) =>
  useQuery({
    queryKey: [...queryKeys.roster(compound), 'on-duty'],
    refetchInterval: 60_000,
    queryFn: async () => (await getJson<Page<DutyItem>>(compoundPath(compound, 'roster', 'on-duty'))).items,
  });

export const useHandovers = (compound: string) =>
  useQuery({
    queryKey: queryKeys.handoverList(compound),
    queryFn: async () => (await getJson<Page<HandoverItem>>(compoundPath(compound, 'handovers'))).items,
  });

export const useMaintenance = (compound: string) =>
  useQuery({
    queryKey: queryKeys.maintenanceList(compound),
    queryFn: async () =>
      (await getJson<Page<MaintenanceWindow>>(withQuery('/api/maintenance', { compound, state: 'all' }))).items,
  });

export const useNotices = (compound: string) =>
  useQuery({
    queryKey: queryKeys.notices(compound),
    refetchInterval: targetsEveryMs,
    queryFn: async () =>
      (await getJson<Page<NoticeItem>>(withQuery('/api/notices', { compound, limit: noticesMax }))).items,
  });

export const useCoveredFaults = (order: string) =>
  useQuery({
    queryKey: queryKeys.coveredFaults(order),
    queryFn: () =>
      getJson<Page<CoveredFault>>(withQuery(`/api/work-orders/${encodeURIComponent(order)}/covered`, { limit: 200 })),
  });

/** Any command of this page, and the list that has to be asked for again. */
export function useOperation<Answer = unknown>(list: QueryKey) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ method = 'POST', path, body }: { method?: SendMethod; path: string; body: unknown }) =>
      sendJson<Answer>(method, path, body),
    onSettled: () => refresh(client, list),
  });
}
