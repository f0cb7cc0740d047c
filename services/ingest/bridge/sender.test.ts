import { deviceFor, indexWith } from '../ingest-harness.ts';
import { isForTheHub, senderOf } from './sender.ts';

const index = indexWith(
  deviceFor('bridge', { kind: 'gateway', dialect: 'auto' }),
  deviceFor('gate-1'),
  deviceFor('gate-old', { retiredAt: '2026-02-01T00:00:00.000Z' }),
);

test.each([
  ['xy/v1/harbour-view/gate-1/events', 'gate-1'],
  ['xy/v1/harbour-view/gate-1/commands/answers', 'gate-1'],
  // A slip in the last level is told to the device that made it.
  ['xy/v1/harbour-view/gate-1/evnets', 'gate-1'],
  ['zigbee2mqtt/gate-1', 'bridge'],
  ['application/1/device/gate-1/event/up', 'bridge'],
  ['xy/v1', 'bridge'],
])('%s is said by %s', (topic, sender) => {
  expect(senderOf(index, 'bridge', topic)).toEqual({ sender });
});

test.each(['gate-2', 'gate-old', ''])('nobody speaks as %p, and the gateway keeps the dead letter', (device) => {
  const { sender, refusal } = senderOf(index, 'bridge', `xy/v1/harbour-view/${device}/events`);
  expect([sender, refusal?.code]).toEqual(['bridge', 'unknown-device']);
  expect(refusal?.reason).toContain('beneath the gateway bridge');
});

test.each([
  ['xy/v1/harbour-view/work-orders', false],
  ['xy/v1/harbour-view/gate-1/refusals', false],
  ['xy/v1/harbour-view/gate-1/commands', false],
  ['xy/v1/harbour-view/gate-1/commands/answers', true],
  ['xy/v1/harbour-view/gate-1/events', true],
  ['zigbee2mqtt/commands', true],
])('%s: for the hub %p', (topic, forTheHub) => {
  expect(isForTheHub(topic)).toBe(forTheHub);
});
