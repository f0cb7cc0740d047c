import { haiyuLanting } from '../../services/demo/haiyu-lanting.ts';
import { createRandom } from '../../services/demo/random.ts';
import { shengdeHemeiJiayuan } from '../../services/demo/shengde-hemei-jiayuan.ts';
import type { DemoDevice } from '../../services/demo/world.ts';
import { compoundStream, deviceStream, type EventMeta, type NewEvent } from '../../services/event-log/event.ts';
import { eventId } from '../../services/event-log/event-id.ts';
import { type Compound, compound, type Device, device } from '../../services/registry/registry.ts';
import { isoTime } from '../../services/runtime/clock.ts';

export interface Happening {
  stream: string;
  event: NewEvent;
}

export interface City {
  compounds: Compound[];
  devices: Device[];
  /** In the order in which the hub received them. */
  happenings: Happening[];
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
export const historyDays = 40;

const company = { id: 'anju-wuye', name: '安居物业' };
const worlds = [haiyuLanting(), shengdeHemeiJiayuan()];
/** Registered, and nothing of it was ever heard: "not connected" is a state of its own. */
const unconnectedCompound = compound.parse({
  ...{ id: 'wanghai-huayuan', name: '望海花园', profile: 'retrofit', households: 640 },
});

interface Said {
  compound: string;
  device?: string;
  type: string;
  data?: object;
  atMs: number;
  /** From the event to its receipt. */
  delayMs?: number;
  clock?: EventMeta['clock'];
}

const happeningOf = ({ compound: of, device: id, type, data = {}, atMs, delayMs = 400, clock }: Said): Happening => ({
  stream: id === undefined ? compoundStream(of) : deviceStream(id),
  event: {
    id: eventId({ occurredAtMs: atMs, device: id ?? of, source: `${type}|${JSON.stringify(data)}` }),
    type,
    data,
    meta: {
      schemaVersion: 1,
      occurredAt: isoTime(atMs),
      receivedAt: isoTime(atMs + delayMs),
      clock: clock ?? 'trusted',
      compound: of,
      ...(id === undefined ? {} : { device: id }),
    },
  },
});

type Own = Omit<Said, 'compound' | 'device'>;

/** What one device says in its forty days; every ninth falls silent in the end, every eleventh breaks down at times. */
const lifeOf = (index: number, { registration }: DemoDevice, nowMs: number, random: () => number): Own[] => {
  const said: Own[] = [{ type: 'device.connected', atMs: nowMs - 30 * dayMs }];
  const silentForMs = index % 9 === 8 ? 26 * hourMs : 0;
  for (let atMs = nowMs - 2 * dayMs + index * minuteMs; atMs < nowMs - silentForMs; atMs += 2 * hourMs) {
    said.push({ type: 'device.seen', data: index % 3 === 0 ? { batteryPercent: 71 } : {}, atMs });
  }
  if (silentForMs === 0) said.push({ type: 'device.seen', atMs: nowMs - 2 * minuteMs - index * 100 });
  if (registration.kind === 'access-gate') {
    for (let passage = 0; passage < 20; passage++) {
      const atMs = nowMs - 3 * dayMs + Math.floor(random() * 2.9 * dayMs);
      said.push({ type: 'gate.passed', data: { direction: 'in' }, atMs, delayMs: passage === 0 ? 10 * minuteMs : 300 });
    }
  }
  if (registration.features?.some((feature) => feature === 'fire-water' || feature === 'environment')) {
    const isWater = registration.features.includes('fire-water');
    for (let atMs = nowMs - 3 * dayMs; atMs < nowMs; atMs += hourMs) {
      const values = isWater ? { pressureKPa: 480 + 60 * random() } : { temperatureC: 12 + 9 * random() };
      said.push({ type: 'sensor.measured', data: { values }, atMs });
    }
  }
  if (index % 11 === 3) {
    for (let daysAgo = 24; daysAgo > 0; daysAgo -= 6) {
      const atMs = nowMs - daysAgo * dayMs + index * 7 * minuteMs;
      said.push({ type: 'device.disconnected', data: { reason: 'will' }, atMs });
      if (daysAgo > 6) said.push({ type: 'device.connected', atMs: atMs + 5 * hourMs });
    }
  }
  if (index % 11 === 5) {
    said.push({ type: 'device.fault-raised', data: { code: 'internal-error', text: 'E42' }, atMs: nowMs - 3 * hourMs });
  }
  // Gone for good with its last will: a device that goes on speaking isn't gone.
  const goneAtMs = said.findLast(({ type }) => type === 'device.disconnected')?.atMs ?? Number.POSITIVE_INFINITY;
  const isGone = said.at(-1)?.type === 'device.disconnected';
  return isGone ? said.filter(({ atMs }) => atMs <= goneAtMs) : said;
};

const refusals = (sender: DemoDevice, nowMs: number): Own[] =>
  Array.from({ length: 12 }, (_, index) => ({
    type: 'ingest.payload-refused',
    data: {
      topic: `xy/v1/${sender.registration.compound}/${sender.registration.id}/events`,
      dialect: 'canonical',
      code: index % 3 === 0 ? 'invalid-json' : 'contract-violation',
      reason: 'not what the contract says',
      field: null,
      sizeBytes: 120 + index,
      sha256: 'a'.repeat(64),
      retain: false,
    },
    atMs: nowMs - index * 7 * hourMs - hourMs,
    clock: 'untrusted',
  }));

const registrations = (nowMs: number, compounds: readonly Compound[], devices: readonly Device[]): Happening[] => {
  const atMs = nowMs - historyDays * dayMs;
  return [
    ...compounds.map((data) => happeningOf({ compound: data.id, type: 'compound.registered', data, atMs })),
    ...devices.map((data) =>
      happeningOf({ compound: data.compound, device: data.id, type: 'device.registered', data, atMs: atMs + minuteMs }),
    ),
  ];
};

/** Three compounds and their forty days up to `nowMs`; the same for the same seed. */
export const cityHistory = (nowMs: number, seed = 7): City => {
  const random = createRandom(seed);
  const compounds = [...worlds.map((world) => compound.parse({ ...world.compound, company })), unconnectedCompound];
  const all = worlds.flatMap((world) => world.devices);
  const devices = all.map(({ registration }) => device.parse(registration));
  const lives = all.flatMap((own, index) => {
    const { id, compound: of } = own.registration;
    const said = own.player === 'nobody' ? [] : lifeOf(index, own, nowMs, random);
    const refused = index === 0 ? refusals(own, nowMs) : [];
    return [...said, ...refused].map((one) => happeningOf({ ...one, compound: of, device: id }));
  });
  const happenings = [...registrations(nowMs, compounds, devices), ...lives].sort((a, b) =>
    a.event.meta.receivedAt.localeCompare(b.event.meta.receivedAt),
  );
  return { compounds, devices, happenings };
};
