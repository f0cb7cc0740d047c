import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import type { Page } from './answers.ts';
import { getJson, sendCsv, sendJson, withQuery } from './client.ts';
import { queryKeys } from './query-keys.ts';
import { refresh } from './refresh.ts';

export type RecordKind = 'meeting' | 'whistle' | 'disclosure' | 'platform-report' | 'gap';

export interface RecordItem {
  /** `null` for what is said once and never completed. */
  id: string | null;
  at: string;
  data: Record<string, unknown>;
  completed: { at: string; data: Record<string, unknown> } | null;
}

const recordsPageSize = 50;

export const compoundPath = (compound: string, ...rest: string[]): string =>
  ['/api/compounds', ...[compound, ...rest].map(encodeURIComponent)].join('/');

/** A change of the register, on request from a past instant on. */
export const changePath = (path: string, effectiveFrom: unknown): string =>
  withQuery(path, { effectiveFrom: typeof effectiveFrom === 'string' ? effectiveFrom : undefined });

export const useRecords = (compound: string, kind: RecordKind) =>
  useInfiniteQuery({
    queryKey: queryKeys.recordList(compound, kind),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) =>
      getJson<Page<RecordItem>>(withQuery(compoundPath(compound, 'records'), { kind, cursor, limit: recordsPageSize })),
    getNextPageParam: ({ next }) => next ?? undefined,
  });

export interface RegisterCommand {
  method?: 'POST' | 'PATCH' | 'DELETE';
  path: string;
  body: unknown;
}

/** Puts something on record or into the register, and lets everything that shows it be asked for again. */
export function useRegisterCommand<Answer = unknown>() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ method = 'POST', path, body }: RegisterCommand) => sendJson<Answer>(method, path, body),
    onSettled: () => {
      for (const list of [queryKeys.records, queryKeys.compounds, queryKeys.devices, queryKeys.ratings]) {
        refresh(client, list);
      }
    },
  });
}

export interface ImportReport {
  applied: boolean;
  rows: number;
  problems: { line: number; field: string; message: string }[];
}

export const useImportPositions = (compound: string) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ csv, dryRun }: { csv: string; dryRun: boolean }) =>
      sendCsv<ImportReport>(withQuery(compoundPath(compound, 'positions', 'import'), { dryRun: String(dryRun) }), csv),
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.compounds }),
  });
};
