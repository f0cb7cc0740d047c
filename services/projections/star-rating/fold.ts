import type { RecordedEvent } from '../../event-log/event.ts';
import type { Device } from '../../registry/registry.ts';
import { isOfDevice } from '../device-streams.ts';
import { minuteBit } from './band-time.ts';
import { deliveryCounter, isCountedDelivery, pictureCounter } from './counters.ts';

/** What must be known of a device to read its events. */
export interface KnownDevice {
  device: string;
  kind?: string | undefined;
  band?: Device['band'] | null | undefined;
}

/** A fact kept as it was told, with no more of its data than a measure reads. */
export interface KeptFact {
  stream: string;
  revision: number;
  compound: string;
  type: string;
  at: string;
  data: Record<string, unknown>;
}

/** Instants at which a device was heard, and the disconnection that was told next. */
export interface PresenceStretch {
  heardMs: number[];
  goneMs: number | null;
}

/** What a batch of events adds to the tables, folded in memory so that a chatty device costs one row. */
export interface Additions {
  registered: Map<string, KnownDevice>;
  /** What each device let us know of its presence, in the order in which it was told. */
  presence: Map<string, PresenceStretch[]>;
  compoundHours: Map<string, { compound: string; hourMs: number }>;
  counts: Map<string, { device: string; hourMs: number; counter: string; count: number }>;
  retention: { device: string; revision: number; at: string; retainedDays: number }[];
  band: Map<string, { device: string; hourMs: number; inMinutes: bigint; outMinutes: bigint }>;
  facts: KeptFact[];
}

const hourMs = 3_600_000;
const hourOf = (ms: number): number => Math.floor(ms / hourMs) * hourMs;

const hubsOwnWords = /^device\.(registered|changed|retired|credential-|command-sent)/;

interface DeviceData {
  reason?: string;
  ok?: boolean;
  retainedDays?: number;
  values?: Record<string, number>;
  kind?: string;
  band?: Device['band'];
}

/**
 * When the hub heard the device: as the message came in, and, if it was kept back on the way, as it was said. What is
 * sent again on purpose is no sign of life today.
 */
const instantsHeard = ({ meta }: RecordedEvent): number[] => {
  const receivedMs = Date.parse(meta.receivedAt);
  const occurredMs = Math.min(Date.parse(meta.occurredAt), receivedMs);
  if (meta.replayed) return [occurredMs];
  return meta.clock === 'untrusted' || occurredMs === receivedMs ? [receivedMs] : [occurredMs, receivedMs];
};

const openStretch = ({ presence }: Additions, device: string): PresenceStretch => {
  const stretches = presence.get(device) ?? [];
  presence.set(device, stretches);
  const last = stretches.at(-1);
  if (last !== undefined && last.goneMs === null) return last;
  const next: PresenceStretch = { heardMs: [], goneMs: null };
  stretches.push(next);
  return next;
};

const count = ({ counts }: Additions, device: string, atMs: number, counter: string): void => {
  const key = `${device} ${hourOf(atMs)} ${counter}`;
  const row = counts.get(key);
  if (row === undefined) counts.set(key, { device, hourMs: hourOf(atMs), counter, count: 1 });
  else row.count += 1;
};

const addReading = ({ band: rows }: Additions, known: KnownDevice | undefined, event: RecordedEvent): void => {
  const { band } = known ?? {};
  const value = band && (event.data as DeviceData).values?.[band.quantity];
  if (known === undefined || !band || typeof value !== 'number') return;
  const atMs = Date.parse(event.meta.occurredAt);
  const key = `${known.device} ${hourOf(atMs)}`;
  const row = rows.get(key) ?? { device: known.device, hourMs: hourOf(atMs), inMinutes: 0n, outMinutes: 0n };
  if (value >= band.min && value <= band.max) row.inMinutes |= minuteBit(atMs);
  else row.outMinutes |= minuteBit(atMs);
  rows.set(key, row);
};

const addHeard = (additions: Additions, device: string, event: RecordedEvent): void => {
  const data = event.data as DeviceData;
  // A clean goodbye is how a battery device saves power: only silence tells whether it comes back.
  if (event.type === 'device.disconnected' && data.reason !== 'goodbye') {
    const goneMs = Math.min(Date.parse(event.meta.occurredAt), Date.parse(event.meta.receivedAt));
    openStretch(additions, device).goneMs = goneMs;
    return;
  }
  const instants = instantsHeard(event);
  openStretch(additions, device).heardMs.push(...instants);
  const { compound } = event.meta;
  if (compound === undefined) return;
  for (const atMs of instants) {
    additions.compoundHours.set(`${compound} ${hourOf(atMs)}`, { compound, hourMs: hourOf(atMs) });
  }
};

const addDeviceEvent = (
  additions: Additions,
  event: RecordedEvent,
  device: string,
  known: (device: string) => KnownDevice | undefined,
): void => {
  const { type, meta, revision } = event;
  const data = event.data as DeviceData;
  if (type === 'device.registered') additions.registered.set(device, { device, kind: data.kind, band: data.band });
  if (type === 'device.changed' && 'band' in data) {
    additions.registered.set(device, { ...known(device), device, band: data.band });
  }
  if (hubsOwnWords.test(type)) return;
  addHeard(additions, device, event);
  const occurredMs = Date.parse(meta.occurredAt);
  if (isCountedDelivery(type) && meta.clock === 'trusted') {
    const delaySeconds = (Date.parse(meta.receivedAt) - occurredMs) / 1000;
    count(additions, device, occurredMs, deliveryCounter(type, delaySeconds));
  }
  if (type === 'camera.picture-probed') count(additions, device, occurredMs, pictureCounter(data.ok === true));
  if (type === 'camera.retention-reported' && data.retainedDays !== undefined) {
    additions.retention.push({ device, revision, at: meta.occurredAt, retainedDays: data.retainedDays });
  }
  if (type === 'sensor.measured') addReading(additions, known(device), event);
};

/** Fields of a kept fact's data that a measure or the history reads; names of people are in none of them. */
const keptFields: Record<string, readonly string[]> = {
  'compound.gap-recorded': ['from', 'to'],
  'work-order.raised': ['kind', 'code', 'priority', 'late', 'deadlines'],
  'work-order.acknowledged': [],
  'work-order.dispatched': [],
  'work-order.arrived': [],
  'work-order.resolved': [],
  'work-order.closed': [],
  'work-order.cancelled': [],
  'work-order.reopened': [],
  'work-order.rated': ['score'],
  'meeting.planned': ['plannedFor'],
  'meeting.held': [],
  'whistle.blown': ['dueAt'],
  'whistle.answered': [],
  'platform.reported': [],
  'rating.changed': ['from', 'to', 'total', 'standard', 'causes', 'criteria'],
};
export const keptTypes: readonly string[] = Object.keys(keptFields);

const addFact = ({ facts }: Additions, { stream, revision, type, data, meta }: RecordedEvent): void => {
  const fields = keptFields[type];
  if (fields === undefined || meta.compound === undefined) return;
  const kept = Object.fromEntries(Object.entries(data as object).filter(([field]) => fields.includes(field)));
  facts.push({ stream, revision, compound: meta.compound, type, at: meta.occurredAt, data: kept });
};

/** Pure. `before` tells of devices that were registered in an earlier batch. */
export const fold = (events: readonly RecordedEvent[], before: ReadonlyMap<string, KnownDevice>): Additions => {
  const additions: Additions = {
    registered: new Map(),
    presence: new Map(),
    compoundHours: new Map(),
    counts: new Map(),
    retention: [],
    band: new Map(),
    facts: [],
  };
  const known = (device: string): KnownDevice | undefined => additions.registered.get(device) ?? before.get(device);
  for (const event of events) {
    const { device } = event.meta;
    if (device !== undefined && isOfDevice(event.stream)) addDeviceEvent(additions, event, device, known);
    else addFact(additions, event);
  }
  return additions;
};
