import type { RecordedEvent } from '../event-log/event.ts';
import type { HeardMessage } from '../ingest/listening.ts';
import { createRegistryIndex, type RegisteredDevice } from '../registry/registry-index.ts';
import type { ApiParts } from './api-parts.ts';
import type { StreamResponse } from './event-stream.ts';
import { IntegratorMessagesController } from './integrator-messages.controller.ts';

const device = (id: string, more: Partial<RegisteredDevice> = {}): RegisteredDevice => ({
  ...{ id, compound: 'harbour-view', kind: 'sensor', dialect: 'zigbee2mqtt', name: id, covers: [], features: [] },
  ...{ adopted: false, registeredAt: '2026-01-01T00:00:00.000Z', retiredAt: null, ...more },
});

const recorded = (of: string, type = 'sensor.measured') =>
  ({ type, stream: `telemetry-${of}`, data: {}, meta: { device: of } }) as unknown as RecordedEvent;

const openStream = async (query: object, several: boolean) => {
  const index = createRegistryIndex();
  const devices = [device('bees', { kind: 'gateway' }), device('door', { gateway: 'bees' }), device('other')];
  index.load({ compounds: [], devices, credentials: [], revisions: [] });
  const listeners = new Set<(event: RecordedEvent) => void>();
  const closing = new AbortController();
  const ears: ((heard: HeardMessage) => void)[] = [];
  const parts = {
    ...{ index, closing: closing.signal, clock: { now: () => 0 } },
    listen: (_: string, ear: (heard: HeardMessage) => void) => {
      ears.push(ear);
      return () => undefined;
    },
    ...(several ? { recordedAnywhere: listeners } : {}),
  } as unknown as ApiParts;
  const written: string[] = [];
  let takes = true;
  const drained: (() => void)[] = [];
  const response: StreamResponse = {
    ...{ writeHead: () => undefined, flushHeaders: () => undefined, end: () => undefined },
    write: (chunk) => {
      written.push(chunk);
      return takes;
    },
    once: (event, listener) => void (event === 'drain' && drained.push(listener)),
  };
  const open = new IntegratorMessagesController(parts).messages({ params: { id: 'bees' }, query } as never, response);
  return {
    listeners,
    tell: (event: RecordedEvent) => {
      for (const listener of listeners) listener(event);
    },
    say: (topic: string) => ears[0]!({ topic, outcome: 'recorded', events: [] } as unknown as HeardMessage),
    clog: () => {
      takes = false;
    },
    drain: () => {
      takes = true;
      for (const goOn of drained.splice(0)) goOn();
    },
    events: () => written.map((chunk) => /^event: (.*)/.exec(chunk)![1]).filter((event) => event !== 'heartbeat'),
    close: async () => {
      closing.abort();
      await open;
    },
  };
};

test('where several processes take messages in, the reader is told so and sees what the log took from any', async () => {
  const stream = await openStream({}, true);
  for (const id of ['door', 'other', 'bees']) stream.tell(recorded(id));
  stream.say('zigbee2mqtt/door');
  expect(stream.events()).toEqual(['scope', 'recorded', 'recorded', 'message']);
  await stream.close();
  expect(stream.listeners.size).toBe(0);
});

test.each([{ outcome: 'refused' }, { topic: 'door' }])('%j asks for what no event bears', async (query) => {
  const stream = await openStream(query, true);
  stream.tell(recorded('door'));
  expect(stream.events()).toEqual(['scope']);
  await stream.close();
});

test('a reader that does not keep up is told how many it missed', async () => {
  const stream = await openStream({}, false);
  stream.clog();
  for (const topic of ['one', 'two', 'three']) stream.say(topic);
  stream.drain();
  stream.say('four');
  expect(stream.events()).toEqual(['message', 'missed', 'message']);
  await stream.close();
});
