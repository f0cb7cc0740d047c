import type { RecordedEvent } from '../../event-log/event.ts';
import { isSaidByPeople } from '../../registry/events.ts';
import type { Compound, Device } from '../../registry/registry.ts';
import { isOfDevice } from '../device-streams.ts';
import { type MinuteReading, minuteOf, widen } from './band-time.ts';
import { deliveryCounter, isCountedDelivery, pictureCounter } from './counters.ts';
import type { ModelsNamed } from './kind-silence.ts';

/** What must be known of a device to read its events. */
export interface KnownDevice {
  device: string;
  kind?: string | undefined;
  /** What a band of it was ever registered for, and when that was first told: only readings since then are kept. */
  quantities: Readonly<Record<string, number>>;
  models: ModelsNamed;
  /** Every gateway that it was ever registered beneath. */
  gateways: readonly string[];
}

/** An instant at which a device was heard, and what was known when that was told. */
export interface Word {
  atMs: number;
  toldMs: number;
  gateways: readonly string[];
  /** How many of the batch's losses were told before. */
  lossCount: number;
}

/** A device or a gateway was gone from then on. */
export interface Loss {
  atMs: number;
  toldMs: number;
}

/** What was registered, changed or taken away, as it was told. */
export interface RegisterRow {
  stream: string;
  revision: number;
  compound: string;
  device: string | null;
  type: string;
  /** From when on it holds. */
  atMs: number;
  /** When the hub was told. */
  toldMs: number;
  data: Record<string, unknown>;
}

/** A fact kept as it was told, with no more of its data than a measure reads. */
export interface KeptFact {
  stream: string;
  revision: number;
  compound: string;
  type: string;
  /** When it happened. */
  atMs: number;
  /** When the hub was told. */
  toldMs: number;
  data: Record<string, unknown>;
}

/** What a batch of events adds to the tables, folded in memory so that a chatty device costs one row. */
export interface Additions {
  known: Map<string, KnownDevice>;
  register: RegisterRow[];
  heard: Map<string, Word[]>;
  /** What was said to be gone, and what to be back. */
  losses: ({ device: string } & Loss)[];
  returns: { device: string; atMs: number }[];
  compoundHours: Map<string, Set<number>>;
  /** By the hour of a UTC day. */
  counts: Map<string, { device: string; dayMs: number; counter: string; hours: number[] }>;
  retention: { device: string; revision: number; at: string; retainedDays: number }[];
  readings: Map<string, { device: string; hourMs: number; quantity: string; minutes: Map<number, MinuteReading> }>;
  facts: KeptFact[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const hourOf = (ms: number): number => Math.floor(ms / hourMs) * hourMs;

interface DeviceData {
  reason?: string;
  ok?: boolean;
  retainedDays?: number;
  values?: Record<string, number>;
  kind?: string;
  model?: string | null;
  compound?: string;
  band?: Device['band'] | null;
  gateway?: string | null;
}

/** An event's two instants, read once. */
interface Times {
  occurredMs: number;
  toldMs: number;
}

const timesOf = ({ occurredAt, receivedAt }: RecordedEvent['meta']): Times => {
  const toldMs = Date.parse(receivedAt);
  return { occurredMs: occurredAt === receivedAt ? toldMs : Date.parse(occurredAt), toldMs };
};

/**
 * When the hub heard the device: as the message came in, and, if it was kept back on the way, as it was said. What is
 * sent again on purpose is no sign of life today.
 */
const instantsHeard = ({ meta }: RecordedEvent, { occurredMs, toldMs }: Times): number[] => {
  const saidMs = Math.min(occurredMs, toldMs);
  if (meta.replayed) return [saidMs];
  return meta.clock === 'untrusted' || saidMs === toldMs ? [toldMs] : [saidMs, toldMs];
};

const count = ({ counts }: Additions, device: string, atMs: number, counter: string): void => {
  const ofDayMs = Math.floor(atMs / dayMs) * dayMs;
  const key = `${device} ${ofDayMs} ${counter}`;
  let row = counts.get(key);
  if (row === undefined) {
    row = { device, dayMs: ofDayMs, counter, hours: Array<number>(24).fill(0) };
    counts.set(key, row);
  }
  row.hours[Math.floor((atMs - ofDayMs) / hourMs)]! += 1;
};

const addReading = (
  { readings }: Additions,
  known: KnownDevice | undefined,
  { values }: DeviceData,
  { occurredMs, toldMs }: Times,
): void => {
  if (known === undefined || values === undefined) return;
  for (const [quantity, knownSinceMs] of Object.entries(known.quantities)) {
    const value = values[quantity];
    if (typeof value !== 'number' || toldMs < knownSinceMs) continue;
    const ofHourMs = hourOf(occurredMs);
    const key = `${known.device} ${ofHourMs} ${quantity}`;
    let row = readings.get(key);
    if (row === undefined) {
      row = { device: known.device, hourMs: ofHourMs, quantity, minutes: new Map() };
      readings.set(key, row);
    }
    widen(row.minutes, [minuteOf(occurredMs), value, value]);
  }
};

const nowhere: readonly string[] = [];
const nothingKnown: Pick<KnownDevice, 'quantities' | 'models' | 'gateways'> = {
  ...{ quantities: {}, models: {}, gateways: nowhere },
};

const addHeard = (
  { heard, losses, returns, compoundHours }: Additions,
  { device, gateways }: { device: string; gateways: readonly string[] },
  event: RecordedEvent,
  times: Times,
): void => {
  const { occurredMs, toldMs } = times;
  // A clean goodbye is how a battery device saves power: only silence tells whether it comes back.
  if (event.type === 'device.disconnected' && (event.data as DeviceData).reason !== 'goodbye') {
    losses.push({ device, atMs: Math.min(occurredMs, toldMs), toldMs });
    return;
  }
  let own = heard.get(device);
  if (own === undefined) {
    own = [];
    heard.set(device, own);
  }
  const { compound } = event.meta;
  for (const atMs of instantsHeard(event, times)) {
    own.push({ atMs, toldMs, gateways, lossCount: losses.length });
    if (event.type === 'device.connected') returns.push({ device, atMs });
    if (compound === undefined) continue;
    const ofHourMs = hourOf(atMs);
    let hours = compoundHours.get(compound);
    if (hours === undefined) {
      hours = new Set();
      compoundHours.set(compound, hours);
    }
    hours.add(ofHourMs);
  }
};

const registerTypes = new Set([
  'compound.registered',
  'compound.changed',
  'device.registered',
  'device.changed',
  'device.retired',
]);

/** Names of people stay out of the tables of ratings. */
const withoutStewards = (data: object): Record<string, unknown> => {
  const { buildings } = data as Partial<Compound>;
  return buildings === undefined
    ? { ...data }
    : { ...data, buildings: buildings.map(({ id, name }) => ({ id, name })) };
};

const addRegister = ({ register }: Additions, { stream, revision, type, data, meta }: RecordedEvent): void => {
  const device = meta.device ?? null;
  const compound = (device === null ? undefined : (data as DeviceData).compound) ?? meta.compound;
  if (compound === undefined) return;
  register.push({
    ...{ stream, revision, compound, device, type },
    atMs: Date.parse(meta.occurredAt),
    toldMs: Date.parse(meta.receivedAt),
    data: type === 'device.retired' ? {} : withoutStewards(data as object),
  });
};

const learn = ({ known }: Additions, device: string, event: RecordedEvent, before: KnownDevice | undefined): void => {
  const { kind, model, band, gateway } = event.data as DeviceData;
  const { quantities, models, gateways } = before ?? nothingKnown;
  const isNewBand = band != null && quantities[band.quantity] === undefined;
  const isNewModel = model != null && models[model] === undefined;
  const isNewGateway = gateway != null && !gateways.includes(gateway);
  if (before !== undefined && !isNewBand && !isNewModel && !isNewGateway) return;
  const toldMs = Date.parse(event.meta.receivedAt);
  known.set(device, {
    device,
    kind: before?.kind ?? kind,
    quantities: isNewBand ? { ...quantities, [band.quantity]: toldMs } : quantities,
    models: isNewModel ? { ...models, [model]: toldMs } : models,
    gateways: isNewGateway ? [...gateways, gateway] : gateways,
  });
};

const addDeviceEvent = (
  additions: Additions,
  event: RecordedEvent,
  device: string,
  known: (device: string) => KnownDevice | undefined,
): void => {
  const { type, meta, revision } = event;
  // Undefined where the type is not among those that are opened.
  const data = event.data as DeviceData;
  if (registerTypes.has(type)) {
    addRegister(additions, event);
    if (type !== 'device.retired') learn(additions, device, event, known(device));
  }
  if (isSaidByPeople(type)) return;
  const times = timesOf(meta);
  const { occurredMs, toldMs } = times;
  const own = known(device);
  addHeard(additions, { device, gateways: own?.gateways ?? nowhere }, event, times);
  if (isCountedDelivery(type) && meta.clock === 'trusted') {
    count(additions, device, occurredMs, deliveryCounter(type, (toldMs - occurredMs) / 1000));
  }
  if (type === 'camera.picture-probed') count(additions, device, occurredMs, pictureCounter(data.ok === true));
  if (type === 'camera.retention-reported' && data.retainedDays !== undefined) {
    additions.retention.push({ device, revision, at: meta.occurredAt, retainedDays: data.retainedDays });
  }
  if (type === 'sensor.measured') addReading(additions, own, data, times);
};

/** Fields of a kept fact's data that a measure or the history reads; names of people are in none of them. */
const keptFields: Record<string, readonly string[]> = {
  'compound.gap-recorded': ['from', 'to', 'cause', 'gateway'],
  'work-order.raised': ['device', 'deviceName', 'kind', 'code', 'priority', 'late', 'deadlines'],
  'work-order.acknowledged': [],
  'work-order.dispatched': [],
  'work-order.accepted': [],
  'work-order.arrived': [],
  'work-order.paused': ['at', 'stops'],
  'work-order.resumed': ['deadlines'],
  'work-order.resolved': [],
  'work-order.closed': [],
  'work-order.cancelled': [],
  'work-order.reopened': [],
  'work-order.rated': ['score'],
  'meeting.planned': ['plannedFor'],
  'meeting.held': [],
  'whistle.blown': ['department', 'dueAt'],
  'whistle.answered': [],
  'platform.reported': [],
  'disclosure.published': ['item', 'until'],
  'disclosure.withdrawn': [],
  'rating.changed': ['from', 'to', 'total', 'standard', 'causes', 'criteria'],
};
export const keptTypes: readonly string[] = Object.keys(keptFields);

/** Types outside of the devices' own that the fold looks at. */
export const handledTypes: readonly string[] = [...keptTypes, 'compound.registered', 'compound.changed'];

/** Types whose data it reads; of the others it is enough that they were said, and when. */
export const openedTypes: readonly string[] = [
  ...handledTypes,
  ...registerTypes,
  ...['device.disconnected', 'camera.picture-probed', 'camera.retention-reported', 'sensor.measured'],
];

const addFact = ({ facts }: Additions, { stream, revision, type, data, meta }: RecordedEvent): void => {
  const fields = keptFields[type];
  if (fields === undefined || meta.compound === undefined) return;
  const kept = Object.fromEntries(Object.entries(data as object).filter(([field]) => fields.includes(field)));
  const times = { atMs: Date.parse(meta.occurredAt), toldMs: Date.parse(meta.receivedAt) };
  facts.push({ stream, revision, compound: meta.compound, type, ...times, data: kept });
};

/** Pure. `before` tells of devices that were registered in an earlier batch. */
export const fold = (events: readonly RecordedEvent[], before: ReadonlyMap<string, KnownDevice>): Additions => {
  const additions: Additions = {
    known: new Map(),
    register: [],
    heard: new Map(),
    losses: [],
    returns: [],
    compoundHours: new Map(),
    counts: new Map(),
    retention: [],
    readings: new Map(),
    facts: [],
  };
  const known = (device: string): KnownDevice | undefined => additions.known.get(device) ?? before.get(device);
  for (const event of events) {
    const { device } = event.meta;
    if (device !== undefined && isOfDevice(event.stream)) addDeviceEvent(additions, event, device, known);
    else if (registerTypes.has(event.type)) addRegister(additions, event);
    else addFact(additions, event);
  }
  return additions;
};
