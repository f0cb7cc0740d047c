import { createExplain } from './explain.ts';
import { createIngestHarness, deviceFor } from './ingest-harness.ts';
import { createListening, type HeardMessage } from './listening.ts';

const events = 'xy/v1/harbour-view/gate-1/events';

const startListening = (...devices: ReturnType<typeof deviceFor>[]) => {
  const hub = createIngestHarness(devices.length === 0 ? {} : { devices });
  const dialects = hub.dialects;
  const explain = createExplain({ ...hub, dialects, memory: { recall: () => undefined } });
  const { ingest, listen } = createListening(hub.ingest, explain, hub.index);
  const say = (sender: string, topic: string, payload: unknown) => ingest.accept(sender, hub.message(topic, payload));
  return { hub, explain, listen, say };
};

test('each message is shown with its outcome, and only while somebody looks', async () => {
  const { listen, say } = startListening();
  const heard: HeardMessage[] = [];
  await say('gate-1', events, { type: 'gate.passed' });
  const stop = listen('gate-1', (message) => heard.push(message));
  await say('gate-1', events, { type: 'gate.denied', data: { reason: 42 } });
  await say('gate-1', events, { type: 'gate.passed', data: { credential: { method: 'card', reference: '12345678' } } });
  await say('gate-1', 'xy/v1/harbour-view/gate-1/status', 'online');
  await say('gate-1', 'xy/v1/harbour-view/gate-1/status', 'online');
  const later: HeardMessage[] = [];
  const stopLater = listen('gate-1', (message) => later.push(message));
  stop();
  stopLater();
  await say('gate-1', events, { type: 'gate.passed' });
  expect(heard.map(({ outcome, reason, field, events: said }) => [outcome, field ?? reason, said.length])).toEqual([
    ['refused', 'data.reason', 0],
    ['recorded', null, 1],
    ['recorded', null, 1],
    ['no-op', 'unchanged', 0],
  ]);
  expect(heard[1]!.events[0]!.data).toEqual({ credential: { method: 'card', reference: '•••' } });
  expect(JSON.stringify(heard)).not.toContain('12345678');
  expect(heard[0]!.deadLetter).not.toBeNull();
  expect(later).toEqual(heard);
});

test('what the log could not take is shown as failed, and its state is still news afterwards', async () => {
  const { hub, listen, say } = startListening();
  const heard: HeardMessage[] = [];
  listen('gate-1', (message) => heard.push(message));
  hub.failAppends(1);
  await expect(say('gate-1', 'xy/v1/harbour-view/gate-1/status', 'online')).rejects.toThrow();
  await say('gate-1', 'xy/v1/harbour-view/gate-1/status', 'online');
  expect(heard.map(({ outcome }) => outcome)).toEqual(['failed', 'recorded']);
});

test('explaining records nothing and changes nothing, not even who is adopted', async () => {
  const { hub, explain } = startListening(deviceFor('gw', { kind: 'gateway', dialect: 'auto' }));
  const message = hub.message('zigbee2mqtt/front-door', { contact: false, battery: 88 });
  const first = explain(hub.index.device('gw')!, message);
  expect(first).toMatchObject({ dialect: 'zigbee2mqtt', outcome: 'recorded' });
  expect(first.events.map(({ type }) => type)).toContain('device.registered');
  expect(explain(hub.index.device('gw')!, message)).toEqual(first);
  expect(await hub.events()).toEqual([]);
});
