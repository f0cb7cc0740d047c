import type { Dialect } from '../../devices/dialect.ts';
import { dialects as dialectList } from '../../devices/dialects/registry.ts';
import type { RecordedEvent } from '../event-log/event.ts';
import { appendingBy, type EventLog } from '../event-log/event-log.ts';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { createRegistryIndex, type RegisteredDevice } from '../registry/registry-index.ts';
import { createMetrics } from '../runtime/metrics.ts';
import type { PayloadStore } from './dead-letters.ts';
import type { DialectMemory } from './dialect-memory.ts';
import { createIngest, type Message } from './ingest.ts';
import { createLevels } from './levels.ts';
import type { Pseudonymizer } from './pseudonym.ts';
import type { RawMessage } from './raw-messages.ts';
import { createRevocableMap } from './revocable-map.ts';

export const startMs = Date.parse('2026-03-01T08:00:00.000Z');

export const deviceFor = (id: string, more: Partial<RegisteredDevice> = {}): RegisteredDevice => ({
  id,
  compound: 'harbour-view',
  kind: 'access-gate',
  dialect: 'canonical',
  name: id,
  covers: [],
  features: [],
  adopted: false,
  registeredAt: '2026-01-01T00:00:00.000Z',
  retiredAt: null,
  ...more,
});

export const indexWith = (...devices: RegisteredDevice[]) => {
  const index = createRegistryIndex();
  const compound = { profile: 'retrofit' as const, households: 100, timeZone: 'Asia/Shanghai', figures: {} };
  index.load({
    compounds: ['harbour-view', 'next-door'].map((id) => ({ ...compound, id, name: id, buildings: [], positions: [] })),
    devices,
    credentials: [],
    revisions: [],
  });
  return index;
};

/** Keys at hand at once, or only after `load` where a test wants to see a message wait. */
export const keysInMemory = (ready = true) => {
  const keys = new Map<string, Buffer>();
  const waiting: (() => void)[] = [];
  const pseudonymizer: Pseudonymizer = {
    key: (compound, month) => keys.get(`${compound}|${month}`),
    async load(compound, month) {
      if (!ready) await new Promise<void>((resolve) => waiting.push(resolve));
      keys.set(`${compound}|${month}`, Buffer.from(`${compound}|${month}`.padEnd(32, '.')));
    },
  };
  return { pseudonymizer, release: () => waiting.splice(0).forEach((wake) => void wake()) };
};

const payloadsInMemory = () => {
  const kept = new Map<string, Buffer>();
  const received = new Map<string, number>();
  const payloads: PayloadStore = {
    async put(sha256, payload, device, receivedAtMs) {
      kept.set(sha256, Buffer.from(payload));
      received.set(`${device}|${sha256}`, receivedAtMs);
    },
    receivedAtMs: async (sha256, device) => received.get(`${device}|${sha256}`),
    get: async (sha256) => kept.get(sha256),
    beginnings: async (sha256s, bytesMax) =>
      new Map(
        sha256s.flatMap((sha256) => (kept.has(sha256) ? [[sha256, kept.get(sha256)!.subarray(0, bytesMax)]] : [])),
      ),
    expire: async () => undefined,
  };
  return { kept, payloads };
};

/** As the real one, with `stored` for what would stand in the database. */
const memoryInMemory = () => {
  const known = createRevocableMap<string>();
  const stored = new Map<string, string>();
  const memory: DialectMemory = {
    recall: (sender, key) => known.get(`${sender}|${key}`),
    remember(sender, entries) {
      const undos = Object.entries(entries).map(([key, value]) => known.set(`${sender}|${key}`, value ?? undefined));
      return {
        async store() {
          for (const [key, value] of Object.entries(entries)) {
            if (value === null) stored.delete(`${sender}|${key}`);
            else stored.set(`${sender}|${key}`, value);
          }
        },
        undo: () => undos.forEach((undo) => void undo()),
      };
    },
  };
  return { stored, memory };
};

interface HarnessOptions {
  devices?: RegisteredDevice[];
  dialects?: readonly Dialect[];
  keysReady?: boolean;
}

/** The ingest over the log in memory, with fakes for what stands in SQL. */
export const createIngestHarness = ({
  devices = [deviceFor('gate-1')],
  dialects = dialectList,
  keysReady = true,
}: HarnessOptions = {}) => {
  const log = createMemoryEventLog();
  const index = indexWith(...devices);
  const metrics = createMetrics();
  const { kept, payloads } = payloadsInMemory();
  const { stored, memory } = memoryInMemory();
  const keys = keysInMemory(keysReady);
  const clock = { nowMs: startMs, now: () => clock.nowMs };
  let failures = 0;
  const failing: EventLog = {
    ...log,
    ...appendingBy(async (batch) => {
      if (failures > 0) {
        failures -= 1;
        throw new Error('the log is away');
      }
      const result = await log.append(batch);
      for (const event of await log.readAll(null, Number.MAX_SAFE_INTEGER)) index.apply(event);
      return result;
    }),
  };
  const levels = createLevels();
  const byName = new Map(dialects.map((dialect) => [dialect.name, dialect] as const));
  const rawMessages: (RawMessage & { events: readonly string[] })[] = [];
  const ingest = createIngest({
    log: failing,
    index,
    dialects: byName,
    levels,
    pseudonymizer: keys.pseudonymizer,
    payloads,
    rawMessages: { keep: (message, events) => void rawMessages.push({ ...message, events }) },
    memory,
    metrics,
    clock,
  });
  const message = (topic: string, payload: unknown, more: Partial<Message> = {}): Message => ({
    topic,
    payload: payload instanceof Uint8Array ? payload : Buffer.from(asText(payload)),
    retain: false,
    receivedAtMs: clock.nowMs,
    ...more,
  });
  return {
    ...{
      log: failing,
      index,
      ingest,
      kept,
      stored,
      clock,
      metrics,
      levels,
      payloads,
      rawMessages,
      message,
      dialects: byName,
    },
    releaseKeys: keys.release,
    failAppends: (count: number): void => {
      failures = count;
    },
    send: (sender: string, topic: string, payload: unknown, more: Partial<Message> = {}) =>
      ingest.accept(sender, message(topic, payload, more)),
    events: (): Promise<RecordedEvent[]> => log.readAll(null, Number.MAX_SAFE_INTEGER),
    async types(): Promise<string[]> {
      return (await log.readAll(null, Number.MAX_SAFE_INTEGER)).map((event) => event.type);
    },
  };
};

const asText = (payload: unknown): string => (typeof payload === 'string' ? payload : JSON.stringify(payload));

export type IngestHarness = ReturnType<typeof createIngestHarness>;
