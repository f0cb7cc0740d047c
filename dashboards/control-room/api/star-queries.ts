import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Rating } from '../../../services/projections/star-rating/rating.ts';
import type { Page, RatingChange } from './answers.ts';
import { ApiProblem, getJson, withQuery } from './client.ts';
import { queryKeys } from './query-keys.ts';
import type { EvidenceEventPage, EvidencePage, RatingView, StandardItem } from './star-answers.ts';

const ratingRefreshMs = 30_000;
const evidencePageSize = 50;
const eventsPageSize = 50;

const asked = ({ at, knownAt, standard }: RatingView) => ({ at, 'known-at': knownAt, standard });
const viewKey = ({ at, knownAt, standard }: RatingView): string =>
  [at ?? 'now', knownAt ?? 'all', standard ?? 'in-force'].join(' ');
const ratingPath = (compound: string): string => `/api/compounds/${encodeURIComponent(compound)}/rating`;
const criterionPath = (compound: string, criterion: string): string =>
  `${ratingPath(compound)}/criteria/${encodeURIComponent(criterion)}/evidence`;

const nullWhenUnknown = async <Answer>(answer: Promise<Answer>): Promise<Answer | null> => {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return null;
    throw error;
  }
};

/** `null`: not rated yet. */
export const useRating = (compound: string | undefined, view: RatingView, enabled = true) =>
  useQuery({
    queryKey: queryKeys.rating(compound ?? '', viewKey(view)),
    enabled: compound !== undefined && enabled,
    refetchInterval: view.at === undefined ? ratingRefreshMs : false,
    queryFn: () => nullWhenUnknown(getJson<Rating>(withQuery(ratingPath(compound ?? ''), asked(view)))),
  });

export const useRatingHistory = (compound: string | undefined) =>
  useQuery({
    queryKey: queryKeys.ratingHistory(compound ?? ''),
    enabled: compound !== undefined,
    queryFn: async () => (await getJson<Page<RatingChange>>(`${ratingPath(compound ?? '')}/history`)).items,
  });

export const useStandards = () =>
  useQuery({
    queryKey: queryKeys.standards,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await getJson<Page<StandardItem>>('/api/standards')).items,
  });

export interface EvidenceOf {
  compound: string;
  criterion: string;
  view: RatingView;
}

export const useEvidence = ({ compound, criterion, view }: EvidenceOf) =>
  useInfiniteQuery({
    queryKey: queryKeys.evidence(compound, criterion, viewKey(view)),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) =>
      getJson<EvidencePage>(
        withQuery(criterionPath(compound, criterion), { ...asked(view), cursor, limit: evidencePageSize }),
      ),
    getNextPageParam: ({ next }) => next ?? undefined,
  });

export const useEvidenceEvents = ({ compound, criterion, view }: EvidenceOf, subject: string) =>
  useInfiniteQuery({
    queryKey: queryKeys.evidenceEvents(compound, criterion, viewKey(view), subject),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) =>
      getJson<EvidenceEventPage>(
        withQuery(`${criterionPath(compound, criterion)}/events`, {
          ...asked(view),
          subject,
          cursor,
          limit: eventsPageSize,
        }),
      ),
    getNextPageParam: ({ next }) => next ?? undefined,
  });

export const evidenceCsvAddress = ({ compound, criterion, view }: EvidenceOf): string =>
  withQuery(criterionPath(compound, criterion), { ...asked(view), format: 'csv' });
export const evidenceBundleAddress = ({ compound, criterion, view }: EvidenceOf): string =>
  withQuery(`${criterionPath(compound, criterion)}/bundle`, asked(view));
