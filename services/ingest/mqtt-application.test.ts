import { dialects } from '../../devices/dialects/registry.ts';
import { type AuthorityForTests, authorityFor } from '../registry/certificates-for-tests.ts';
import { secretHash } from '../registry/credential.ts';
import { silentLogger } from '../runtime/logger.ts';
import { promised, type Waiting } from '../runtime/waiting.ts';
import { createIngestHarness, deviceFor, startMs } from './ingest-harness.ts';
import type { MqttConnectionInfo, MqttOutcome, MqttPrincipal } from './mqtt/application.ts';
import { createMqttApplication, createMqttFollower } from './mqtt-application.ts';
import { createQuotas } from './quota.ts';
import type { Stranger } from './strangers.ts';

const info: MqttConnectionInfo & { keepaliveSeconds: number } = {
  remoteAddress: '192.0.2.1',
  clientId: 'a',
  protocolVersion: 5,
  keepaliveSeconds: 60,
};
const gate: MqttPrincipal = { kind: 'device', id: 'gate-1', compound: 'harbour-view' };
const person: MqttPrincipal = { kind: 'user', id: 'liu', role: 'viewer' };

const nothing = { compounds: [], devices: [], credentials: [], revisions: [] };
let authority: AuthorityForTests;
beforeAll(async () => {
  authority = await authorityFor('harbour-view', startMs);
});
const turned = (why: RegExp) => ({ turnedAway: expect.stringMatching(why) });

const createApplication = () => {
  const hub = createIngestHarness({
    devices: [
      deviceFor('gate-1'),
      deviceFor('gone-1', { retiredAt: 'x' }),
      deviceFor('bees', { dialect: 'frigate' }),
      deviceFor('door', { dialect: 'facegate' }),
      deviceFor('site', { kind: 'gateway', dialect: 'auto' }),
      deviceFor('bee-1', { gateway: 'bees' }),
    ],
  });
  const delivered: { device?: string; topic: string; payload: unknown }[] = [];
  const used: string[] = [];
  const turnedAway: Stranger[] = [];
  hub.index.load({
    ...{ compounds: [], devices: [], revisions: [] },
    credentials: [{ username: 'gate-1', device: 'gate-1', secretSha256: secretHash('secret') }],
  });
  const application = createMqttApplication({
    ...{ ingest: hub.ingest, index: hub.index, metrics: hub.metrics, clock: hub.clock, logger: silentLogger },
    dialects: new Map(dialects.map((dialect) => [dialect.name, dialect] as const)),
    levels: hub.levels,
    quotas: createQuotas({
      ...{ messagesPerSecond: 100, log: hub.log, metrics: hub.metrics },
      failed: (error) => {
        throw error;
      },
    }),
    verifyAccount: async (name, password) =>
      name === 'liu' && password === 'secret' ? { user: 'liu', role: 'viewer' } : undefined,
    credentialUsed: (device, which) => void used.push(`${device} ${which}`),
    turnedAway: async (stranger) => void turnedAway.push(stranger),
    newestHead: () => '{"position":"7"}',
    deliver: (topic, payload) => void delivered.push({ topic, payload: JSON.parse(payload) }),
    answer: (device, { topic, payload }) => void delivered.push({ device, topic, payload: JSON.parse(`${payload}`) }),
  });
  const publish = (principal: MqttPrincipal, topic: string, text: string) =>
    promised((waiting: Waiting<MqttOutcome>) => {
      const how = { qos: 1 as const, retain: false, duplicate: false, receivedAtMs: startMs };
      application.publish(principal, { topic, payload: Buffer.from(text), ...how }, waiting);
    });
  return { hub, application, delivered, publish, used, turnedAway };
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

test('who came with which password, and who was turned away and why, is told', async () => {
  const { hub, application, used, turnedAway } = createApplication();
  const former = { secretSha256: secretHash('before'), until: new Date(startMs + 1000).toISOString() };
  hub.index.load({
    ...{ compounds: [], devices: [], revisions: [] },
    credentials: [{ username: 'gate-1', device: 'gate-1', secretSha256: secretHash('secret'), former }],
  });
  const connect = (username?: string, password = 'wrong', more: Partial<MqttConnectionInfo> = {}) =>
    application.authenticate(username, Buffer.from(password), { ...info, ...more });
  const former1 = (await connect('gate-1', 'before')) as MqttPrincipal;
  await expect(application.connected(former1, info)).resolves.toBeUndefined();
  await connect('gate-1', 'secret');
  hub.clock.nowMs += 1000;
  await connect('gate-1', 'before');
  await connect('gate-1');
  await connect('nobody');
  await connect();
  hub.index.load({ ...nothing, certificates: authority.snapshot });
  const { presented } = await authority.sign('gate-9');
  await connect(undefined, 'wrong', { certificate: presented });
  expect(used).toEqual(['gate-1 former', 'gate-1 present']);
  expect(turnedAway.map(({ reason }) => reason)).toEqual([
    ...['wrong-password', 'wrong-password', 'unknown-user', 'no-credentials', 'unknown-certificate'],
  ]);
});

describe('a client certificate', () => {
  test.each([
    ['is credential enough', 'gate-1', undefined, undefined, gate],
    ['with the device’s user name beside it', 'gate-1', 'gate-1', undefined, gate],
    ['with the device’s password beside it', 'gate-1', 'gate-1', 'secret', gate],
    ['with a wrong password beside it', 'gate-1', 'gate-1', 'wrong', turned(/user name or password are not/)],
    ['with another user name beside it', 'gate-1', 'bees', undefined, turned(/user name or password are not/)],
    ['of a retired device', 'gone-1', undefined, undefined, turned(/no device gone-1/)],
    ['of a device behind a gateway', 'bee-1', undefined, undefined, turned(/through the gateway bees/)],
    ['of nobody', 'nobody', undefined, undefined, turned(/no authority that speaks for nobody/)],
    ['with a person’s name and password beside it', 'nobody', 'liu', 'secret', turned(/no authority/)],
  ])('%s', async (_, name, username, password, expected) => {
    const { application, hub } = createApplication();
    hub.index.load({ ...nothing, certificates: authority.snapshot });
    const certificate = (await authority.sign(name)).presented;
    const bytes = password === undefined ? undefined : Buffer.from(password);
    expect(await application.authenticate(username, bytes, { ...info, certificate })).toEqual(expected);
  });

  test('signed by the operator speaks for every compound, and can be revoked all the same', async () => {
    const { application, hub } = createApplication();
    const { presented, serial } = await authority.sign('gate-1');
    const certificate = { ...presented, isOperators: true };
    const principal = await application.authenticate(undefined, undefined, { ...info, certificate });
    expect(principal).toEqual(gate);
    hub.index.load({ ...nothing, certificates: { authorities: [], revoked: [{ device: 'gate-1', serial }] } });
    await expect(application.connected(gate, info)).resolves.toBeUndefined();
    const connected = application.connected(principal as MqttPrincipal, info);
    await expect(connected).rejects.toThrow(/credential of gate-1 was changed/);
    const again = await application.authenticate(undefined, undefined, { ...info, certificate });
    expect(again).toEqual(turned(/was revoked/));
  });

  test('says nothing where nobody has an authority', async () => {
    const { application } = createApplication();
    const certificate = (await authority.sign('gate-9')).presented;
    const connect = (password?: string) =>
      application.authenticate('gate-1', password === undefined ? undefined : Buffer.from(password), {
        ...{ ...info, certificate },
      });
    expect([await connect('secret'), await connect()]).toEqual([gate, undefined]);
  });
});

test('a password that was changed while its device connected lets it in no more', async () => {
  const { application, hub } = createApplication();
  const principal = await application.authenticate('gate-1', Buffer.from('secret'), info);
  hub.index.load({
    ...{ compounds: [], devices: [], revisions: [] },
    credentials: [{ username: 'gate-1', device: 'gate-1', secretSha256: secretHash('another') }],
  });
  const connected = application.connected(principal as MqttPrincipal, info);
  await expect(connected).rejects.toThrow(/credential of gate-1 was changed/);
  expect(await hub.types()).toEqual([]);
});

describe('what the log says', () => {
  const follow = () => {
    const { hub, application } = createApplication();
    const told: unknown[] = [];
    const follower = createMqttFollower({
      levels: hub.levels,
      deliver: (...delivered) => void told.push(delivered),
      dismiss: ({ id }, why) => void told.push([id, why]),
      devicesOf: hub.index.devicesOf,
    });
    const say = (event: { type: string; meta: object; data?: object }) =>
      follower(event as Parameters<typeof follower>[0]);
    return { hub, application, told, say };
  };
  const availability = (value: string, occurredAt: string) => ({
    ...{ schemaVersion: 1, occurredAt, receivedAt: occurredAt, clock: 'trusted' as const },
    ...{ compound: 'harbour-view', device: 'gate-1', level: { channel: 'availability', value } },
  });

  test('of a device’s presence is told as its status, and stands there for who asks later', async () => {
    const { hub, application, told, say } = follow();
    const [now, before] = [
      availability('goodbye', '2026-03-01T08:00:00.000Z'),
      availability('online', '2026-03-01T07:00:00.000Z'),
    ];
    hub.levels.follow({ meta: now });
    say({ type: 'device.disconnected', meta: now });
    say({ type: 'device.connected', meta: before });
    const topic = 'xy/v1/harbour-view/gate-1/status';
    expect(told).toEqual([[topic, 'offline', { retain: true }]]);
    expect([...application.retained(person, 'xy/v1/+/+/status')]).toEqual([{ topic, payload: 'offline' }]);
    expect([...application.retained(person, 'xy/v1/next-door/+/status')]).toEqual([]);
    expect([...application.retained(gate, 'xy/v1/harbour-view/gate-1/commands')]).toEqual([]);
  });
  test('of a credential ends the connections that it let in', () => {
    const { told, say } = follow();
    for (const type of ['device.credential-issued', 'device.credential-revoked', 'device.retired', 'device.changed']) {
      say({ type, meta: { device: 'gate-1' }, data: {} });
    }
    // During a rotation the former password still counts.
    const data = { formerUntil: '2026-03-02T08:00:00.000Z' };
    say({ type: 'device.credential-issued', meta: { device: 'gate-1' }, data });
    say({ type: 'device.changed', meta: { device: 'gate-1' }, data: { compound: 'next-door' } });
    expect(told).toEqual([
      ['gate-1', 'new-password'],
      ['gate-1', 'new-password'],
      ['gate-1', 'retired'],
      ['gate-1', 'moved'],
    ]);
  });
  test('of a certificate ends the connections of its device, of an authority those of its compound', () => {
    const { told, say, hub } = follow();
    say({ type: 'device.certificate-issued', meta: { device: 'gate-1' }, data: { serial: '01' } });
    say({ type: 'compound.authority-added', meta: { compound: 'harbour-view' }, data: {} });
    expect(told).toEqual([]);
    say({ type: 'device.certificate-revoked', meta: { device: 'gate-1' }, data: { serial: '01' } });
    expect(told).toEqual([['gate-1', 'new-password']]);
    say({ type: 'compound.authority-removed', meta: { compound: 'next-door' }, data: {} });
    say({ type: 'compound.authority-removed', meta: { compound: 'harbour-view' }, data: {} });
    expect(told.slice(1)).toEqual(hub.index.devicesOf('harbour-view').map(({ id }) => [id, 'new-password']));
  });
  test('a device that was sent away is only missed when it stays silent', async () => {
    const { hub, application } = createApplication();
    await application.connected(gate, info);
    await application.disconnected(gate, 'dismissed', info);
    expect((await hub.events()).at(-1)).toMatchObject({ type: 'device.disconnected', data: { reason: 'goodbye' } });
  });
});

describe('who may subscribe to what', () => {
  test.each([
    [gate, 'xy/v1/harbour-view/gate-1/commands', true],
    [gate, 'xy/v1/harbour-view/gate-1/refusals', true],
    [gate, 'xy/v1/harbour-view/gate-1/status', true],
    [gate, 'xy/v1/harbour-view/gate-2/status', false],
    [person, 'xy/v1/harbour-view/gate-1/status', true],
    [person, 'xy/v1/+/+/status', true],
    [gate, 'xy/v1/harbour-view/gate-2/commands', false],
    [gate, 'xy/v1/harbour-view/+/commands', false],
    [gate, 'xy/v1/harbour-view/work-orders', false],
    [gate, '#', false],
    [{ ...gate, id: 'site' }, 'xy/v1/harbour-view/+/commands', true],
    [{ ...gate, id: 'site' }, 'xy/v1/next-door/+/commands', false],
    [{ ...gate, id: 'bees' }, 'frigate/front/detect/set', true],
    [{ ...gate, id: 'bees' }, 'xy/#', false],
    [{ ...gate, id: 'bees' }, 'mqtt/face/1', false],
    [{ ...gate, id: 'site' }, 'mqtt/face/1', true],
    [person, 'xy/v1/harbour-view/work-orders', true],
    [person, 'xy/v1/+/work-orders', true],
    [person, 'xy/v1/harbour-view/notices', true],
    [person, 'xy/v1/+/work-orders/commands/answers', true],
    [person, 'xy/v1/harbour-view/work-orders/commands', false],
    [gate, 'xy/v1/harbour-view/work-orders/commands/answers', false],
    [gate, 'xy/v1/harbour-view/notices', false],
    [person, 'xy/v1/log/head', true],
    [gate, 'xy/v1/log/head', false],
    [person, 'xy/v1/harbour-view/gate-1/commands', false],
    [person, '#', false],
  ])('%j %s: %s', (principal, filter, expected) => {
    expect(createApplication().application.maySubscribe(principal, filter)).toBe(expected);
  });

  test('a device that waits for its host finds it there', () => {
    const { application } = createApplication();
    const topic = 'spBv1.0/STATE/xingyuan';
    const payload = JSON.stringify({ online: true, timestamp: startMs });
    expect([...application.retained({ ...gate, id: 'site' }, 'spBv1.0/STATE/+')]).toEqual([{ topic, payload }]);
  });

  test('who subscribes to the log’s head is told the newest', () => {
    const { application } = createApplication();
    const head = { topic: 'xy/v1/log/head', payload: '{"position":"7"}' };
    expect([...application.retained!(person, 'xy/v1/log/head')]).toEqual([head]);
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
  test('is answered to its own sender, where the protocol wants it', async () => {
    const { publish, delivered } = createApplication();
    const online = JSON.stringify({ operator: 'Online', info: { facesluiceId: '1' } });
    expect(await publish({ ...gate, id: 'door' }, 'mqtt/face/basic', online)).toMatchObject({ outcome: 'recorded' });
    expect(delivered).toMatchObject([
      { device: 'door', topic: 'mqtt/face/1', payload: { operator: 'Online-Ack', info: { result: 'ok' } } },
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
