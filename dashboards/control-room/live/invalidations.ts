import { type QueryKey, queryKeys } from '../api/query-keys.ts';

export interface LiveEvent {
  type: string;
  stream?: string;
  meta?: { compound?: unknown; device?: unknown };
}

export interface Invalidations {
  /** What a person waits for: refreshed at once. */
  urgent: QueryKey[];
  /** What moves with every measurement: refreshed at a calmer beat. */
  calm: QueryKey[];
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** These change what a device's line says; everything else a device tells only moves "last heard". */
const changesHealth = (type: string): boolean =>
  type.startsWith('device.fault-') ||
  ['device.connected', 'device.disconnected', 'device.tampered', 'device.battery-low'].includes(type);

const ofRegistry = (type: string): boolean =>
  type.startsWith('compound.') || ['device.registered', 'device.changed', 'device.retired'].includes(type);

/** Which cached answers an event makes old. An unknown type counts as something a device said. */
export function invalidationsOf(event: LiveEvent): Invalidations {
  const device = text(event.meta?.device);
  const ofDevice = device === undefined ? [] : [queryKeys.device(device), queryKeys.deviceEvents(device)];

  if (event.type === 'heartbeat') return { urgent: [], calm: [] };
  if (event.type.startsWith('work-order.')) {
    return { urgent: [queryKeys.orders, queryKeys.deviceLists, queryKeys.compounds, ...ofDevice], calm: [] };
  }
  if (event.type.startsWith('rating.')) return { urgent: [queryKeys.ratings, queryKeys.compounds], calm: [] };
  if (ofRegistry(event.type)) {
    return { urgent: [queryKeys.devices, queryKeys.compounds], calm: [queryKeys.ratings, queryKeys.orders] };
  }
  if (changesHealth(event.type)) {
    return { urgent: [queryKeys.deviceLists, queryKeys.compounds, ...ofDevice], calm: [] };
  }
  // Of no device: meetings, whistles and the like, which count towards the stars.
  return { urgent: ofDevice, calm: [device === undefined ? queryKeys.ratings : queryKeys.deviceLists] };
}
