import { createHash } from 'node:crypto';
import { eventOf, type Fact } from '../../services/event-log/decider.ts';
import { compoundStream, type EventMeta, type NewEvent } from '../../services/event-log/event.ts';
import { eventId } from '../../services/event-log/event-id.ts';
import type { StreamAppend } from '../../services/event-log/event-log.ts';
import { streamOf } from '../../services/ingest/stream-of.ts';

const startMs = Date.UTC(2026, 0, 30, 20);
export const instant = (ms: number): string => new Date(ms).toISOString();

/** Numbers that are the same for the same seed. */
export const seededRandom = (seed: number) => {
  let drawn = 0;
  const below = (limit: number): number => {
    drawn += 1;
    const bytes = createHash('sha256').update(`${seed}|${drawn}`).digest();
    return bytes.readUInt32BE(0) % limit;
  };
  return { below, one: <Item>(items: readonly Item[]): Item => items[below(items.length)]! };
};
export type Random = ReturnType<typeof seededRandom>;

export const compounds = ['harbour-view', 'garden-court'];
export const devices = [
  { id: 'gate-1', kind: 'access-gate' },
  { id: 'post-1', kind: 'charging-post' },
  { id: 'camera-1', kind: 'camera' },
  { id: 'water-1', kind: 'sensor', band: { quantity: 'pressureKPa', min: 200, max: 900 } },
  { id: 'smoke-1', kind: 'sensor' },
  { id: 'gw-1', kind: 'gateway' },
].map((device) => ({ ...device, compound: compounds[device.id.length % 2]! }));
export type KnownDevice = (typeof devices)[number];

/** Writes down what happens, event by event. */
export const createChronicle = (random: Random) => {
  const batches: StreamAppend[] = [];
  let nowMs = startMs;
  const add = (stream: string, fact: Fact, meta: Partial<EventMeta>): NewEvent => {
    const id = eventId({ occurredAtMs: nowMs, device: stream, source: String(batches.length) });
    const event = eventOf(id, fact, { occurredAt: instant(nowMs) });
    const whole = { ...event, meta: { ...event.meta, ...meta } };
    batches.push({ stream, expectedRevision: 'any', events: [whole] });
    return whole;
  };
  return {
    batches,
    now: () => nowMs,
    wait(): void {
      nowMs += random.one([400, 5_000, 60_000, 1_200_000]);
    },
    ofCompound: (compound: string, fact: Fact) => add(compoundStream(compound), fact, { compound }),
    ofDevice: (device: KnownDevice, fact: Fact, meta: Partial<EventMeta> = {}) =>
      add(streamOf(device.id, fact.type), fact, { compound: device.compound, device: device.id, ...meta }),
    of: add,
  };
};
export type Chronicle = ReturnType<typeof createChronicle>;
