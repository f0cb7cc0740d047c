import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import type { LadderFigures, MatterDetail, MatterItem } from '../../../services/projections/matters/shapes.ts';
import type { Ladder } from '../../../services/work-orders/ladder/ladder.ts';
import type { matterCommands } from '../../../services/work-orders/ladder/matter-commands.ts';
import { base64Of } from '../forms/base64.ts';
import type { DocumentDraft, FieldSpec } from '../forms/field-spec.ts';
import type { Page } from './answers.ts';
import { getJson, postJson, withQuery } from './client.ts';
import { queryKeys } from './query-keys.ts';

export type MatterCommand = keyof typeof matterCommands;
export type MatterBody = z.input<(typeof matterCommands)[MatterCommand]>;
export type MatterStates = 'open' | 'ended' | 'all';

/** Open ones come first, so that what is cut are the oldest that ended. */
const mattersMax = 300;

const matterPath = (id: string, ...rest: string[]): string =>
  ['/api/matters', ...[id, ...rest].map(encodeURIComponent)].join('/');

export const documentPath = (matter: string, sha256: string): string => matterPath(matter, 'documents', sha256);

export const useMatters = (compound: string | undefined, state: MatterStates) =>
  useQuery({
    queryKey: queryKeys.matterList(compound, state),
    placeholderData: (before) => before,
    queryFn: () => getJson<Page<MatterItem>>(withQuery('/api/matters', { compound, state, limit: mattersMax })),
  });

export const useMatter = (id: string | undefined) =>
  useQuery({
    queryKey: queryKeys.matter(id ?? ''),
    enabled: id !== undefined,
    queryFn: () => getJson<MatterDetail>(matterPath(id ?? '')),
  });

export const useLadder = () =>
  useQuery({
    queryKey: queryKeys.ladder,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => getJson<Ladder>('/api/ladder'),
  });

export const useLadderFigures = (by: 'street' | 'compound' | 'department') =>
  useQuery({
    queryKey: queryKeys.ladderFigures(by),
    queryFn: async () => (await getJson<Page<LadderFigures>>(withQuery('/api/ladder/figures', { by }))).items,
  });

/** A file is stored first; the command names it by its hash. */
async function withDocuments(id: string, body: Record<string, unknown>, fields: readonly FieldSpec[]) {
  const sent: Record<string, unknown> = { ...body };
  for (const { name, kind } of fields) {
    if (kind !== 'document' || sent[name] === undefined) continue;
    const { file } = sent[name] as DocumentDraft;
    if (file === undefined) continue;
    const stored = await postJson<{ sha256: string }>(matterPath(id, 'documents'), { data: await base64Of(file) });
    sent[name] = { sha256: stored.sha256, name: file.name };
  }
  return sent;
}

export const useMatterCommand = (id: string) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (wish: { name: MatterCommand; body: Record<string, unknown>; fields: readonly FieldSpec[] }) =>
      postJson<MatterDetail>(matterPath(id, wish.name), await withDocuments(id, wish.body, wish.fields)),
    onSuccess: (matter) => client.setQueryData(queryKeys.matter(id), matter),
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.matters }),
  });
};

export interface MatterReferral {
  compound: string;
  title: { zh: string; en: string };
  text?: string;
  orders: string[];
}

export const useReferMatter = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (referral: MatterReferral) => postJson<MatterDetail>('/api/matters', referral),
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.matters }),
  });
};
