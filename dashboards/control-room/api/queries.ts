import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { CompoundItem, DeviceDetail, DeviceItem, EventItem } from '../../../services/api/schemas.ts';
import type { LoginAnswer, Me, Page } from './answers.ts';
import { ApiProblem, getJson, postJson, withQuery } from './client.ts';
import { collectPages } from './collect-pages.ts';
import { queryKeys } from './query-keys.ts';

const pageSize = 500;
const compoundsMax = 20_000;
const compoundsPageSize = 2_000;
const devicesMax = 20_000;

/** `null`: nobody is logged in. */
export const useMe = () =>
  useQuery({
    queryKey: queryKeys.me,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async (): Promise<Me | null> => {
      try {
        return await getJson<Me>('/api/me');
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 401) return null;
        throw error;
      }
    },
  });

export const useLogin = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { user: string; password: string }) => postJson<LoginAnswer>('/api/login', body),
    onSuccess: ({ token: _token, ...me }) => client.setQueryData<Me | null>(queryKeys.me, () => me),
  });
};

/** The next person on this screen must not see the last one's answers. */
export function forgetSession(client: QueryClient): void {
  client.setQueryData<Me | null>(queryKeys.me, () => null);
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== queryKeys.me[0] });
}

export const useLogout = () => {
  const client = useQueryClient();
  return useMutation({ mutationFn: () => postJson('/api/logout', {}), onSettled: () => forgetSession(client) });
};

export const useCompounds = () =>
  useQuery({
    queryKey: queryKeys.compounds,
    queryFn: async () =>
      (
        await collectPages(
          (cursor) => getJson<Page<CompoundItem>>(withQuery('/api/compounds', { cursor, limit: compoundsPageSize })),
          compoundsMax,
        )
      ).items,
  });

export const useDevices = (compound: string | undefined, enabled = true) =>
  useQuery({
    queryKey: queryKeys.deviceList(compound, undefined),
    enabled,
    queryFn: () =>
      collectPages(
        (cursor) => getJson<Page<DeviceItem>>(withQuery('/api/devices', { compound, cursor, limit: pageSize })),
        devicesMax,
      ),
  });

export interface DeviceModelItem {
  id: string;
  kind: string;
  title: { zh: string; en: string };
}

/** Vendors' models; their files come with the hub. */
export const useDeviceModels = () =>
  useQuery({
    queryKey: queryKeys.deviceModels,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await getJson<{ items: DeviceModelItem[] }>('/api/device-models')).items,
  });

/** Devices that are down now; few, unlike all of them. */
export const useDownDevices = (compound: string | undefined) =>
  useQuery({
    queryKey: queryKeys.deviceList(compound, 'down'),
    enabled: compound !== undefined,
    queryFn: async () => {
      const [offline, silent] = await Promise.all(
        ['offline', 'silent'].map((state) =>
          getJson<Page<DeviceItem>>(withQuery('/api/devices', { compound, state, limit: 200 })),
        ),
      );
      return [...offline!.items, ...silent!.items];
    },
  });

export const useDevice = (id: string | null | undefined) =>
  useQuery({
    queryKey: queryKeys.device(id ?? ''),
    enabled: typeof id === 'string',
    queryFn: () => getJson<DeviceDetail>(`/api/devices/${encodeURIComponent(id ?? '')}`),
  });

/** Newest first. */
export const useDeviceEvents = (id: string | null | undefined) =>
  useQuery({
    queryKey: queryKeys.deviceEvents(id ?? ''),
    enabled: typeof id === 'string',
    queryFn: async () =>
      (await getJson<Page<EventItem>>(withQuery(`/api/devices/${encodeURIComponent(id ?? '')}/events`, { limit: 100 })))
        .items,
  });
