import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Programme } from '../../../services/projections/programme/programme.ts';
import type { RatingOutlook } from '../../../services/projections/rating-outlook/outlook.ts';
import type { RatingReplay, ReplayChange } from '../../../services/projections/rating-replay/replay.ts';
import type { Page, RatingReplayWish } from './answers.ts';
import { ApiProblem, getJson, postJson, withQuery } from './client.ts';
import { collectPages } from './collect-pages.ts';
import { queryKeys } from './query-keys.ts';

const replaysMax = 200;
const changesPageSize = 200;
/** A year of a city whose every compound changes twice a month. */
const exportedChangesMax = 100_000;
const progressRefreshMs = 2_000;

/** `null`: not rated long enough to say anything. */
export const useOutlook = (compound: string) =>
  useQuery({
    queryKey: queryKeys.ratingOutlook(compound),
    queryFn: async (): Promise<RatingOutlook | null> => {
      try {
        return await getJson<RatingOutlook>(`/api/compounds/${encodeURIComponent(compound)}/rating/outlook`);
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 404) return null;
        throw error;
      }
    },
  });

export const useProgramme = (year: number) =>
  useQuery({
    queryKey: queryKeys.programme(year),
    placeholderData: (before) => before,
    queryFn: () => getJson<Programme>(withQuery('/api/programme', { year })),
  });

const isUnderWay = ({ state }: Pick<RatingReplay, 'state'>): boolean => state === 'queued' || state === 'running';

export const useReplays = () =>
  useQuery({
    queryKey: queryKeys.replayList,
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? progressRefreshMs : false),
    queryFn: async () =>
      (await getJson<Page<RatingReplay>>(withQuery('/api/rating-replays', { limit: replaysMax }))).items,
  });

export const useReplay = (id: string | undefined) =>
  useQuery({
    queryKey: queryKeys.replay(id ?? ''),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data !== undefined && isUnderWay(state.data) ? progressRefreshMs : false),
    queryFn: () => getJson<RatingReplay>(`/api/rating-replays/${encodeURIComponent(id ?? '')}`),
  });

export type Direction = 'up' | 'down';
const changesPath = (id: string): string => `/api/rating-replays/${encodeURIComponent(id)}/changes`;

export const useReplayChanges = (id: string, direction: Direction | undefined, done: boolean) =>
  useInfiniteQuery({
    queryKey: queryKeys.replayChanges(id, direction),
    enabled: done,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) =>
      getJson<Page<ReplayChange>>(withQuery(changesPath(id), { direction, cursor, limit: changesPageSize })),
    getNextPageParam: ({ next }) => next ?? undefined,
  });

/** All of them, for a file. */
export const collectReplayChanges = (id: string, direction: Direction | undefined) =>
  collectPages(
    (cursor) => getJson<Page<ReplayChange>>(withQuery(changesPath(id), { direction, cursor, limit: 500 })),
    exportedChangesMax,
  );

export const useStartReplay = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: RatingReplayWish) => postJson<{ id: string }>('/api/rating-replays', wish),
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.replays }),
  });
};

export const useCancelReplay = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => postJson(`/api/rating-replays/${encodeURIComponent(id)}/cancel`, {}),
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.replays }),
  });
};
