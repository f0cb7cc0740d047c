/** The one place that names the cached answers, so that live messages and commands refresh the right ones. */
export const queryKeys = {
  me: ['me'],
  compounds: ['compounds'],
  orders: ['orders'],
  orderList: (compound: string | undefined, state: string) => ['orders', 'list', compound ?? '*', state],
  criticalOrders: ['orders', 'critical'],
  order: (id: string) => ['orders', 'one', id],
  deviceOrders: (device: string) => ['orders', 'of-device', device],
  devices: ['devices'],
  deviceLists: ['devices', 'list'],
  deviceList: (compound: string | undefined, state: string | undefined) => [
    'devices',
    'list',
    compound ?? '*',
    state ?? '*',
  ],
  device: (id: string) => ['devices', 'one', id],
  deviceEvents: (id: string) => ['devices', 'events', id],
  ratings: ['ratings'],
  rating: (compound: string, at: string | undefined) => ['ratings', 'one', compound, at ?? 'now'],
  ratingHistory: (compound: string) => ['ratings', 'history', compound],
} as const;

export type QueryKey = readonly string[];
