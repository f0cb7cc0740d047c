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

const ofRecords = (type: string): boolean => /^(meeting|whistle|disclosure|platform)\./.test(type);

const ofRegistry = (type: string): boolean =>
  type.startsWith('compound.') || ['device.registered', 'device.changed', 'device.retired'].includes(type);

/** Events that one list shows and nothing else. */
const families: [string, QueryKey][] = [
  ['target.', queryKeys.targets],
  ['roster.', queryKeys.rosters],
  ['maintenance.', queryKeys.maintenance],
  ['round.', queryKeys.rounds],
  ['assessment.', queryKeys.assessments],
  ['handover.', queryKeys.handovers],
  ['command.', queryKeys.commands],
  ['intake.', queryKeys.intakes],
  ['fault-policy.', queryKeys.faultPolicy],
];

/** Which cached answers an event makes old. An unknown type counts as something a device said. */
export function invalidationsOf(event: LiveEvent): Invalidations {
  const device = text(event.meta?.device);
  const ofDevice = device === undefined ? [] : [queryKeys.device(device), queryKeys.deviceEvents(device)];

  if (event.type === 'heartbeat') return { urgent: [], calm: [] };
  if (event.type.startsWith('work-order.')) {
    return { urgent: [queryKeys.orders, queryKeys.deviceLists, queryKeys.compounds, ...ofDevice], calm: [] };
  }
  if (event.type.startsWith('matter.')) return { urgent: [queryKeys.matters], calm: [queryKeys.ratings] };
  const family = families.find(([prefix]) => event.type.startsWith(prefix));
  if (family !== undefined) return { urgent: [family[1]], calm: [] };
  if (event.type.startsWith('rating-replay.')) return { urgent: [queryKeys.replays], calm: [] };
  if (event.type.startsWith('rating.')) {
    return { urgent: [queryKeys.ratings, queryKeys.compounds], calm: [queryKeys.programmes] };
  }
  if (ofRegistry(event.type)) {
    return {
      urgent: [queryKeys.devices, queryKeys.compounds],
      calm: [queryKeys.ratings, queryKeys.orders, queryKeys.records, queryKeys.programmes],
    };
  }
  if (changesHealth(event.type)) {
    return { urgent: [queryKeys.deviceLists, queryKeys.compounds, ...ofDevice], calm: [] };
  }
  if (device !== undefined) return { urgent: ofDevice, calm: [queryKeys.deviceLists] };
  // Of no device: meetings, whistles and the like, which count towards the stars.
  return { urgent: ofRecords(event.type) ? [queryKeys.records] : [], calm: [queryKeys.ratings] };
}
