import { dialects } from '../../devices/dialects/registry.ts';
import { secretHash } from '../registry/credential.ts';
import { silentLogger } from '../runtime/logger.ts';
import { createIngestHarness, deviceFor, startMs } from './ingest-harness.ts';
import type { MqttConnectionInfo, MqttPrincipal } from './mqtt/application.ts';
import { createMqttApplication } from './mqtt-application.ts';

const info: MqttConnectionInfo & { keepaliveSeconds: number } = {
  remoteAddress: '192.0.2.1',
  clientId: 'a',
  protocolVersion: 5,
  keepaliveSeconds: 60,
};
const gate: MqttPrincipal = { kind: 'device', id: 'gate-1', compound: 'harbour-view' };
const person: MqttPrincipal = { kind: 'user', id: 'liu', role: 'viewer' };

const createApplication = () => {
  const hub = createIngestHarness({
    devices: [deviceFor('gate-1'), deviceFor('gone-1', { retiredAt: 'x' }), deviceFor('bees', { dialect: 'frigate' })],
  });
  const delivered: { topic: string; payload: unknown }[] = [];
  hub.index.load({
    ...{ compounds: [], devices: [], revisions: [] },
    credentials: [{ username: 'gate-1', device: 'gate-1', secretSha256: secretHash('secret') }],
  });
  const application = createMqttApplication({
    ...{ ingest: hub.ingest, index: hub.index, metrics: hub.metrics, clock: hub.clock, logger: silentLogger },
    dialects: new Map(dialects.map((dialect) => [dialect.name, dialect] as const)),
    verifyAccount: async (name, password) =>
      name === 'liu' && password === 'secret' ? { user: 'liu', role: 'viewer' } : undefined,
    deliver: (topic, payload) => void delivered.push({ topic, payload: JSON.parse(payload) }),
  });
  const publish = (principal: MqttPrincipal, topic: string, text: string) =>
    application.publish(principal, {
      ...{ topic, payload: Buffer.from(text), qos: 1 as const, retain: false, duplicate: false },
      receivedAtMs: startMs,
    });
  return { hub, application, delivered, publish };
};
const openConnections = async (hub: ReturnType<typeof createIngestHarness>): Promise<number> =>
  (await hub.metrics.connections.get()).values[0]!.value;

describe('who may connect', () => {
  test.each([
    ['gate-1', 'secret', gate],
    ['gate-1', 'wrong', undefined],
    ['gate-1', undefined, undefined],
    ['liu', 'secret', person],
    ['liu', 'wrong', undefined],
    ['nobody', 'secret', undefined],
    [undefined, 'secret', undefined],
  ])('%s with %s', async (username, password, expected) => {
    const { application } = createApplication();
    const bytes = password === undefined ? undefined : Buffer.from(password);
    expect(await application.authenticate(username, bytes, info)).toEqual(expected);
  });
});

describe('who may subscribe to what', () => {
  test.each([
    [gate, 'xy/v1/harbour-view/gate-1/commands', true],
    [gate, 'xy/v1/harbour-view/gate-1/refusals', true],
    [gate, 'xy/v1/harbour-view/gate-2/commands', false],
    [gate, 'xy/v1/harbour-view/+/commands', false],
    [gate, 'xy/v1/harbour-view/work-orders', false],
    [gate, '#', false],
    [{ ...gate, id: 'bees' }, 'frigate/front/detect/set', true],
    [{ ...gate, id: 'bees' }, 'xy/#', false],
    [person, 'xy/v1/harbour-view/work-orders', true],
    [person, 'xy/v1/+/work-orders', true],
    [person, 'xy/v1/harbour-view/gate-1/commands', false],
    [person, '#', false],
  ])('%j %s: %s', (principal, filter, expected) => {
    expect(createApplication().application.maySubscribe(principal, filter)).toBe(expected);
  });
});

describe('what is published', () => {
  test('is answered by what became of it, and a refusal is told to its sender', async () => {
    const { publish, delivered } = createApplication();
    const topic = 'xy/v1/harbour-view/gate-1/events';
    expect(await publish(gate, topic, '{"type":"gate.passed","id":"1"}')).toMatchObject({ outcome: 'recorded' });
    expect(await publish(gate, topic, '{"type":"gate.passed","id":"1"}')).toMatchObject({ duplicate: true });
    expect(await publish(gate, topic, '[]')).toMatchObject({ outcome: 'no-op' });
    expect(await publish(gate, topic, '{')).toMatchObject({ outcome: 'refused', reasonCode: 0x99 });
    expect(delivered).toMatchObject([
      { topic: 'xy/v1/harbour-view/gate-1/refusals', payload: { topic, code: 'broken-json' } },
    ]);
  });
  test('by a person or a retired device is refused', async () => {
    const { publish } = createApplication();
    const topic = 'xy/v1/harbour-view/gate-1/events';
    expect(await publish(person, topic, '{}')).toMatchObject({ outcome: 'refused', reasonCode: 0x87 });
    expect(await publish({ ...gate, id: 'gone-1' }, topic, '{}')).toMatchObject({
      outcome: 'refused',
      reasonCode: 0x87,
    });
  });
});

describe('connections', () => {
  test('a device is gone with the last of them', async () => {
    const { application, hub } = createApplication();
    await application.connected(gate, info);
    await application.connected(gate, { ...info, clientId: 'b' });
    await application.disconnected(gate, 'connection-lost', info);
    expect(await hub.types()).toEqual(['device.connected']);
    expect(application.connectedDevices()).toEqual(['gate-1']);
    await application.disconnected(gate, 'connection-lost', info);
    expect(await hub.types()).toEqual(['device.connected', 'device.disconnected']);
    expect(application.connectedDevices()).toEqual([]);
    expect(await openConnections(hub)).toBe(0);
  });
  test.each(['taken-over', 'hub-failed'] as const)('%s is no fault of the device', async (reason) => {
    const { application, hub } = createApplication();
    await application.connected(gate, info);
    await application.disconnected(gate, reason, info);
    expect(await hub.types()).toEqual(['device.connected']);
  });
  test('one that the log could not take is not counted as open', async () => {
    const { application, hub } = createApplication();
    hub.failAppends(1);
    await expect(application.connected(gate, info)).rejects.toThrow('the log is away');
    expect(application.connectedDevices()).toEqual([]);
    expect(await openConnections(hub)).toBe(0);
    await application.connected(gate, info);
    expect(await hub.types()).toEqual(['device.connected']);
  });
});
