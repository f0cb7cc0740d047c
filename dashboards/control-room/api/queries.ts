import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { CompoundItem, DeviceDetail, DeviceItem, EventItem } from '../../../services/api/schemas.ts';
import type { Rating } from '../../../services/projections/star-rating/rating.ts';
import type { WorkOrderDetail, WorkOrderItem } from '../../../services/projections/work-order-board/board.ts';
import type { CommandBody, CommandName, LoginAnswer, Me, Page, RatingChange } from './answers.ts';
import { ApiProblem, getJson, postJson, withQuery } from './client.ts';
import { collectPages } from './collect-pages.ts';
import { queryKeys } from './query-keys.ts';

const pageSize = 500;
const ordersMax = 2_000;
const devicesMax = 20_000;
/** Closed orders are many; the newest page of them is enough for the board. */
const closedOrdersMax = 200;
const ratingRefreshMs = 30_000;

export type OrderStates = 'open' | 'closed' | 'all';

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
    onSuccess: ({ user, role, expiresAt }) =>
      client.setQueryData<Me | null>(queryKeys.me, () => ({ user, role, expiresAt })),
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
          (cursor) => getJson<Page<CompoundItem>>(withQuery('/api/compounds', { cursor, limit: pageSize })),
          ordersMax,
        )
      ).items,
  });

export const useOrders = (compound: string | undefined, state: OrderStates) =>
  useQuery({
    queryKey: queryKeys.orderList(compound, state),
    placeholderData: (before) => before,
    queryFn: () =>
      collectPages(
        (cursor) =>
          getJson<Page<WorkOrderItem>>(withQuery('/api/work-orders', { compound, state, cursor, limit: pageSize })),
        state === 'open' ? ordersMax : closedOrdersMax,
      ),
  });

/** P0 orders of every compound: they sound wherever a person looks. */
export const useCriticalOrders = () =>
  useQuery({
    queryKey: queryKeys.criticalOrders,
    queryFn: async () =>
      (await getJson<Page<WorkOrderItem>>(withQuery('/api/work-orders', { state: 'open', priority: 'P0', limit: 100 })))
        .items,
  });

export const useDeviceOrders = (device: string | null) =>
  useQuery({
    queryKey: queryKeys.deviceOrders(device ?? ''),
    enabled: device !== null,
    queryFn: async () =>
      (
        await getJson<Page<WorkOrderItem>>(
          withQuery('/api/work-orders', { device: device ?? '', state: 'all', limit: 20 }),
        )
      ).items,
  });

export const useOrder = (id: string | undefined) =>
  useQuery({
    queryKey: queryKeys.order(id ?? ''),
    enabled: id !== undefined,
    queryFn: () => getJson<WorkOrderDetail>(`/api/work-orders/${encodeURIComponent(id ?? '')}`),
  });

export const useOrderCommand = (id: string) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, body }: { name: CommandName; body: CommandBody }) =>
      postJson<WorkOrderDetail>(`/api/work-orders/${encodeURIComponent(id)}/${name}`, body),
    onSuccess: (order) => client.setQueryData(queryKeys.order(id), order),
    // A refusal too says that what the page shows may be old.
    onSettled: () => {
      void client.invalidateQueries({ queryKey: queryKeys.orders });
    },
  });
};

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

/** `null`: not rated yet. */
export const useRating = (compound: string | undefined, at: string | undefined) =>
  useQuery({
    queryKey: queryKeys.rating(compound ?? '', at),
    enabled: compound !== undefined,
    refetchInterval: at === undefined ? ratingRefreshMs : false,
    queryFn: async (): Promise<Rating | null> => {
      try {
        return await getJson<Rating>(withQuery(`/api/compounds/${encodeURIComponent(compound ?? '')}/rating`, { at }));
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 404) return null;
        throw error;
      }
    },
  });

export const useRatingHistory = (compound: string | undefined) =>
  useQuery({
    queryKey: queryKeys.ratingHistory(compound ?? ''),
    enabled: compound !== undefined,
    queryFn: async () =>
      (await getJson<Page<RatingChange>>(`/api/compounds/${encodeURIComponent(compound ?? '')}/rating/history`)).items,
  });
