import { once } from 'node:events';
import { connect } from 'node:net';
import { RPCClient } from 'ocpp-rpc';
import { createAuthority } from '../../test/mqtt/certificates.ts';
import { startMs } from '../ingest/ingest-harness.ts';
import { authorityFor } from '../registry/certificates-for-tests.ts';
import { isoTime } from '../runtime/clock.ts';
import { createOcppHarness, password } from './ocpp-harness.ts';

/** A public client library, strict: it holds every answer of ours against OCA's schemas. */
const clientFor = (endpoint: string, identity: string, protocol: string, more: object = {}) => {
  const options = { endpoint, identity, password, protocols: [protocol], strictMode: true, reconnect: false, ...more };
  // Its types ask for every option, its code for the endpoint and the identity.
  const client = new RPCClient(options as unknown as ConstructorParameters<typeof RPCClient>[0]);
  client.handle('Reset', async () => ({ status: 'Accepted' }));
  return client;
};

let harness: ReturnType<typeof createOcppHarness>;
let address: string;
const clients: RPCClient[] = [];
const connected = async (...options: Parameters<typeof clientFor>): Promise<RPCClient> => {
  const client = clientFor(...options);
  clients.push(client);
  await client.connect();
  return client;
};
beforeEach(async () => {
  harness = createOcppHarness();
  address = await harness.listen();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close({ force: true })));
  await harness.server.close();
});

const at = (seconds: number): string => isoTime(startMs + seconds * 1000);
const told = async () =>
  (await harness.hub.events()).map(({ type, data, meta }) => ({ type, data, device: meta.device }));

test('a post of OCPP 1.6 charges a car, and is answered by what its schemas want', async () => {
  const post = await connected(`${address}/harbour-view`, 'CP 0001', 'ocpp1.6');
  expect(post.protocol).toBe('ocpp1.6');
  const boot = await post.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
  expect(boot).toEqual({ status: 'Accepted', currentTime: at(0), interval: 300 });
  expect(await post.call('Heartbeat', {})).toEqual({ currentTime: at(0) });
  expect(await post.call('Authorize', { idTag: 'T1' })).toEqual({ idTagInfo: { status: 'Accepted' } });
  const start = { connectorId: 1, idTag: 'T1', meterStart: 1000, timestamp: at(0) };
  const answer = await post.call('StartTransaction', start);
  expect(answer).toEqual({ transactionId: expect.any(Number), idTagInfo: { status: 'Accepted' } });
  const { transactionId } = answer as { transactionId: number };
  const sampledValue = [{ value: '1500' }];
  await post.call('MeterValues', { connectorId: 1, transactionId, meterValue: [{ timestamp: at(60), sampledValue }] });
  await post.call('StopTransaction', { transactionId, meterStop: 3000, timestamp: at(90) });
  await post.call('StatusNotification', { connectorId: 1, errorCode: 'GroundFailure', status: 'Faulted' });
  await post.call('FirmwareStatusNotification', { status: 'Idle' });
  const session = `1@${at(0)}`;
  expect(await told()).toMatchObject([
    { type: 'device.connected', device: 'post-1' },
    { type: 'device.connected', data: { vendor: 'V', model: 'M' } },
    { type: 'charging.session-started', data: { connector: 1, session, meterStartWh: 1000 } },
    { type: 'charging.metered', data: { session, values: { energyWh: 1500 } } },
    { type: 'charging.session-ended', data: { connector: 1, session, meterStopWh: 3000, energyWh: 2000 } },
    { type: 'charging.status-changed', data: { connector: 1, status: 'faulted' } },
    { type: 'device.fault-raised', data: { code: 'ground-failure' } },
  ]);
});

test('a station of OCPP 2.0.1 too', async () => {
  const station = await connected(address, 'post-2', 'ocpp2.0.1');
  const chargingStation = { vendorName: 'V', model: 'M' };
  expect(await station.call('BootNotification', { chargingStation, reason: 'PowerUp' })).toMatchObject({
    status: 'Accepted',
  });
  const idToken = { idToken: 'T1', type: 'ISO14443' };
  expect(await station.call('Authorize', { idToken })).toEqual({ idTokenInfo: { status: 'Accepted' } });
  const event = { triggerReason: 'Authorized', transactionInfo: { transactionId: 'tx-1' }, evse: { id: 1 } };
  const started = { ...event, eventType: 'Started', timestamp: at(0), seqNo: 0, idToken };
  expect(await station.call('TransactionEvent', started)).toEqual({ idTokenInfo: { status: 'Accepted' } });
  expect(await station.call('TransactionEvent', { ...event, eventType: 'Ended', timestamp: at(9), seqNo: 1 })).toEqual(
    {},
  );
  const eventData = {
    ...{ eventId: 1, timestamp: at(10), trigger: 'Alerting', actualValue: 'true', cleared: false },
    ...{ component: { name: 'Connector' }, variable: { name: 'Problem' }, eventNotificationType: 'HardWiredMonitor' },
  };
  await station.call('NotifyEvent', { generatedAt: at(10), seqNo: 0, eventData: [eventData] });
  await station.call('SecurityEventNotification', { type: 'FirmwareUpdated', timestamp: at(11) });
  expect((await told()).map(({ type }) => type)).toEqual([
    'device.connected',
    'device.connected',
    'charging.session-started',
    'charging.session-ended',
    'device.fault-raised',
  ]);
});

test('a start that is asked again after a lost answer has the same number and is one event', async () => {
  const start = { connectorId: 1, idTag: 'T1', meterStart: 5, timestamp: at(0) };
  const first = await (await connected(address, 'post-3', 'ocpp1.6')).call('StartTransaction', start);
  const again = await connected(address, 'post-3', 'ocpp1.6');
  expect(await again.call('StartTransaction', start)).toEqual(first);
  const other = await again.call('StartTransaction', { ...start, timestamp: at(1) });
  expect(other).not.toEqual(first);
  const starts = (await harness.hub.events()).filter(({ type }) => type === 'charging.session-started');
  expect(starts.map(({ data }) => data)).toMatchObject([{}, { suspect: ['overlap'] }]);
});

test('nothing is answered before it is durable: a log that is away costs the connection', async () => {
  const post = await connected(address, 'post-3', 'ocpp1.6');
  await post.call('Heartbeat', {});
  harness.hub.failAppends(1);
  const call = post.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' });
  await expect(call).rejects.toThrow();
  expect(harness.failures).toEqual([new Error('the log is away')]);
  const back = await connected(address, 'post-3', 'ocpp1.6');
  const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' };
  expect(await back.call('StatusNotification', status)).toEqual({});
});

test('what can not be taken is refused by an error that says why, and kept as a dead letter', async () => {
  const post = await connected(address, 'post-3', 'ocpp1.6', { strictMode: false });
  await expect(post.call('StartTransaction', { connectorId: 'x' })).rejects.toMatchObject({
    rpcErrorCode: 'FormationViolation',
    message: expect.stringContaining('connectorId'),
  });
  await expect(post.call('NoSuchThing', {})).rejects.toMatchObject({ rpcErrorCode: 'NotImplemented' });
  expect(harness.hub.kept.size).toBe(2);
});

test('a frame of the hub reaches the post, and its answer is recorded', async () => {
  await connected(address, 'post-3', 'ocpp1.6');
  expect(harness.server.send('post-2', '[]')).toBe(false);
  expect(harness.server.send('post-3', '[2,"c-1","Reset",{"type":"Soft"}]')).toBe(true);
  const answered = async () => (await told()).find(({ type }) => type === 'device.command-answered');
  while ((await answered()) === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await answered())?.data).toEqual({ commandId: 'c-1', accepted: true, text: 'Accepted' });
});

test('over quota a post waits until there is room for its message, and that room is used up', async () => {
  let left = 1;
  const delayed: string[] = [];
  harness.application.quotaOf = () => ({
    take: () => (left > 0 ? 0 * left-- : 1),
    exceeded: (_nowMs, answer) => {
      delayed.push(answer);
      return 'too many';
    },
  });
  const post = await connected(address, 'post-3', 'ocpp1.6');
  await post.call('Heartbeat', {});
  let answered = false;
  const second = post.call('Heartbeat', {}).then(() => {
    answered = true;
  });
  while (delayed.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect({ answered, delayed }).toEqual({ answered: false, delayed: ['delayed'] });
  left = 1;
  await second;
  expect({ left, delayed }).toEqual({ left: 0, delayed: ['delayed'] });
});

test('a newer connection takes the place of the older one, and the post was never gone', async () => {
  const older = await connected(address, 'post-3', 'ocpp1.6');
  const gone = once(older, 'close');
  const newer = await connected(address, 'post-3', 'ocpp1.6');
  await gone;
  await newer.call('Heartbeat', {});
  expect((await told()).map(({ type }) => type)).toEqual(['device.connected']);
});

describe('who may connect', () => {
  test.each([
    ['a wrong password', '/', 'post-3', { password: 'wrong' }, 401],
    ['no password', '/', 'post-3', { password: undefined }, 401],
    ['a stranger', '/', 'nobody', {}, 404],
    ['an identity outside of its compound', '/next-door', 'CP 0001', {}, 404],
    ['a retired post', '/', 'post-4', {}, 404],
    ['a device of another dialect', '/', 'gate-1', {}, 403],
  ])('not %s', async (_, path, identity, options, status) => {
    const client = clientFor(`${address}${path}`, identity, 'ocpp1.6', options);
    await expect(client.connect()).rejects.toMatchObject({ code: status });
  });

  test('not with a version that the device is not registered with', async () => {
    const client = clientFor(address, 'post-2', 'ocpp1.6');
    await expect(client.connect()).rejects.toThrow();
    expect(await told()).toEqual([]);
  });

  test('an address that no one can decode is refused, and the server lives', async () => {
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    const head = ['GET /%E0%A4%A HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket'];
    const key = ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13', '', ''];
    socket.write([...head, ...key].join('\r\n'));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 404 /);
    socket.destroy();
  });
});

test('security profile 2: the same over TLS', async () => {
  const authority = createAuthority();
  try {
    const { key, cert } = authority.certificate('localhost');
    const { port } = await harness.server.listenTls({ key, cert }, 0, '127.0.0.1');
    const post = await connected(`wss://localhost:${port}`, 'post-3', 'ocpp2.0.1', {
      wsOpts: { ca: authority.ca },
    });
    expect(await post.call('Heartbeat', {})).toEqual({ currentTime: at(0) });
  } finally {
    authority.remove();
  }
});

test('security profile 3: its certificate is credential enough, for itself', async () => {
  const authority = createAuthority();
  try {
    const { key, cert } = authority.certificate('localhost');
    const { port } = await harness.server.listenTls({ key, cert }, 0, '127.0.0.1');
    const compounds = await authorityFor('harbour-view', harness.hub.clock.now());
    const known = { compounds: [], devices: [], credentials: [], revisions: [] };
    harness.hub.index.load({ ...known, certificates: compounds.snapshot });
    const own = await compounds.sign('post-3');
    const wsOpts = { ca: authority.ca, cert: own.certificate, key: own.key };
    const byCertificate = (identity: string) =>
      connected(`wss://localhost:${port}`, identity, 'ocpp2.0.1', { password: undefined, wsOpts });
    const post = await byCertificate('post-3');
    expect(await post.call('Heartbeat', {})).toEqual({ currentTime: at(0) });
    await expect(byCertificate('post-2')).rejects.toThrow(/401|Unauthorized/);
  } finally {
    authority.remove();
  }
});

test('a post that closes has said goodbye', async () => {
  const post = await connected(address, 'post-3', 'ocpp1.6');
  await post.close({});
  const left = async () => (await told()).find(({ type }) => type === 'device.disconnected');
  while ((await left()) === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await left())?.data).toEqual({ reason: 'goodbye' });
});

test('a new password ends the connection', async () => {
  const post = await connected(address, 'post-3', 'ocpp1.6');
  const gone = once(post, 'close');
  harness.server.dismiss('post-3', 'post-3 has a new password');
  expect(await gone).toMatchObject([{ code: 1008 }]);
});
