import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { WorkOrderDetail, WorkOrderItem } from '../../../services/projections/work-order-board/board.ts';
import type { ServiceLevel } from '../../../services/work-orders/service-levels.ts';
import type { CommandBody, CommandName, OrderWish, Page, PauseReasonItem } from './answers.ts';
import { getJson, postJson, withQuery } from './client.ts';
import { collectPages } from './collect-pages.ts';
import { queryKeys } from './query-keys.ts';
import { refresh } from './refresh.ts';

const pageSize = 500;
const ordersMax = 2_000;
/** Closed orders are many; the newest page of them is enough for the board. */
const closedOrdersMax = 200;
const ordersOfPersonMax = 100;

export type OrderStates = 'open' | 'closed' | 'all';

/** What the hub itself narrows the list by; empty values narrow nothing. */
export interface OrderQuery {
  priority?: string;
  trade?: string;
  assignee?: string;
  overdue?: string;
}

const orderPath = (id: string, ...rest: string[]): string =>
  ['/api/work-orders', ...[id, ...rest].map(encodeURIComponent)].join('/');

export const photoPath = (id: string, sha256: string): string => orderPath(id, 'photos', sha256);

export const useOrders = (compound: string | undefined, state: OrderStates, filter: OrderQuery = {}) =>
  useQuery({
    queryKey: queryKeys.orderList(compound, state, JSON.stringify(filter)),
    placeholderData: (before) => before,
    queryFn: () =>
      collectPages(
        (cursor) =>
          getJson<Page<WorkOrderItem>>(
            withQuery('/api/work-orders', {
              ...{ ...filter, compound, cursor, limit: pageSize },
              state: state === 'closed' ? 'ended' : state,
            }),
          ),
        state === 'open' ? ordersMax : closedOrdersMax,
      ),
  });

/** Open orders in the hands of whoever goes by one of these names. */
export const useOrdersOfPerson = (compound: string | undefined, names: readonly string[]) =>
  useQuery({
    queryKey: queryKeys.ordersOfPerson(compound, names),
    placeholderData: (before) => before,
    queryFn: async () => {
      const pages = await Promise.all(
        names.map((assignee) =>
          getJson<Page<WorkOrderItem>>(
            withQuery('/api/work-orders', { compound, assignee, state: 'open', limit: ordersOfPersonMax }),
          ),
        ),
      );
      return pages.flatMap(({ items }) => items);
    },
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
    queryFn: () => getJson<WorkOrderDetail>(orderPath(id ?? '')),
  });

export const sendOrderCommand = (id: string, name: CommandName, body: CommandBody): Promise<WorkOrderDetail> =>
  postJson<WorkOrderDetail>(orderPath(id, name), body);

/** Base64 of the picture, and what it shows. */
export interface PhotoWish {
  data: string;
  shows: 'before' | 'after' | 'other';
  caption?: string;
}

export const sendPhoto = (id: string, photo: PhotoWish): Promise<unknown> => postJson(orderPath(id, 'photos'), photo);

export const useOrderCommand = (id: string) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, body }: { name: CommandName; body: CommandBody }) => sendOrderCommand(id, name, body),
    onSuccess: (order) => client.setQueryData(queryKeys.order(id), order),
    // A refusal too says that what the page shows may be old.
    onSettled: () => refresh(client, queryKeys.orders),
  });
};

export const useAddPhoto = (id: string) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (photo: PhotoWish) => sendPhoto(id, photo),
    onSettled: () => refresh(client, queryKeys.orders),
  });
};

export const useServiceLevels = () =>
  useQuery({
    queryKey: queryKeys.serviceLevels,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await getJson<Page<ServiceLevel>>('/api/service-levels')).items,
  });

export const usePauseReasons = (enabled: boolean) =>
  useQuery({
    queryKey: queryKeys.pauseReasons,
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await getJson<Page<PauseReasonItem>>('/api/pause-reasons')).items,
  });

export const useRaiseOrder = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: OrderWish) => postJson<WorkOrderDetail>('/api/work-orders', wish),
    onSettled: () => refresh(client, queryKeys.orders),
  });
};
