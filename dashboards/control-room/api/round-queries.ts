import { useQuery } from '@tanstack/react-query';
import type { WorkOrderFigure } from '../../../services/projections/work-order-figures/figures.ts';
import type { AssessmentMade } from '../../../services/work-orders/assessment.ts';
import type { RoundPlan } from '../../../services/work-orders/round-events.ts';
import type { Page } from './answers.ts';
import { getJson, withQuery } from './client.ts';
import { queryKeys } from './query-keys.ts';
import { compoundPath } from './record-queries.ts';

export interface RoundOccurrence {
  day: string;
  dueAt: string;
  until: string;
  order: string;
  checked: Record<string, 'ok' | 'finding'>;
  missed: boolean;
  done: boolean;
}

export interface RoundItem {
  id: string;
  plan: RoundPlan;
  ended: boolean;
  nextAt: string | null;
  occurrences: RoundOccurrence[];
}

export interface MonthFigures {
  month: string;
  figures: WorkOrderFigure;
}

export const roundPath = (id: string, ...rest: string[]): string =>
  ['/api/rounds', ...[id, ...rest].map(encodeURIComponent)].join('/');

export const companyPath = (company: string, ...rest: string[]): string =>
  ['/api/companies', ...[company, ...rest].map(encodeURIComponent)].join('/');

export const useRounds = (compound: string) =>
  useQuery({
    queryKey: queryKeys.roundList(compound),
    queryFn: async () => (await getJson<Page<RoundItem>>(withQuery('/api/rounds', { compound }))).items,
  });

export const useMonthFigures = (compound: string, from: string, to: string) =>
  useQuery({
    queryKey: queryKeys.monthFigures(compound, from, to),
    queryFn: async () =>
      (await getJson<Page<MonthFigures>>(withQuery(compoundPath(compound, 'work-order-figures'), { from, to }))).items,
  });

export const useAssessments = () =>
  useQuery({
    queryKey: queryKeys.assessments,
    queryFn: async () => (await getJson<Page<AssessmentMade & { madeAt: string }>>('/api/assessments')).items,
  });
