import { connectAsync, type MqttClient } from 'mqtt';
import { dialects as dialectList } from '../../devices/dialects/registry.ts';
import type { RecordedEvent } from '../../services/event-log/event.ts';
import { type Bridge, startBridge } from '../../services/ingest/bridge/bridge.ts';
import { type BridgeVariables, bridgeSettings } from '../../services/ingest/bridge/settings.ts';
import { createIngestHarness, deviceFor, type IngestHarness } from '../../services/ingest/ingest-harness.ts';
import { pause, until } from '../../services/ingest/mqtt/mqtt-harness.ts';
import { type Logger, silentLogger } from '../../services/runtime/logger.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';

/** The bridge with a real broker and a log that does as it is told. */

const accounts = { hub: 'hub-secret', devices: 'devices-secret', 'gate-1': 'one', 'gate-2': 'two' };
type Account = keyof typeof accounts;
const dialects = new Map(dialectList.map((dialect) => [dialect.name, dialect] as const));
const topicOf = (device: string, leaf = 'events'): string => `xy/v1/harbour-view/${device}/${leaf}`;
const passed = (id: string): string => JSON.stringify({ type: 'gate.passed', id, data: {} });

let broker: Mosquitto;
let hub: IngestHarness;
let hadSession = false;
let gaps: string[][];
let said: string[];
const logger: Logger = Object.assign(Object.create(silentLogger) as Logger, {
  warn: (first: unknown, line?: string) => void said.push(line ?? String(first)),
  error: (first: unknown, line?: string) => void said.push(line ?? String(first)),
});
/** While set, appends wait for it. */
let gate: Promise<void> | undefined;
const closers: (() => Promise<unknown>)[] = [];

const startBroker = async (changes: Record<string, string> = {}): Promise<void> => {
  broker = await startMosquitto(accounts, changes);
  closers.push(broker.remove);
};

const startBridgeWith = async (more: Partial<BridgeVariables> = {}): Promise<Bridge> => {
  const { ingest, index, clock, metrics } = hub;
  const settings = bridgeSettings(
    {
      HUB_BRIDGE_URL: broker.url,
      HUB_BRIDGE_GATEWAY: 'site',
      HUB_BRIDGE_USERNAME: 'hub',
      HUB_BRIDGE_PASSWORD: accounts.hub,
      HUB_BRIDGE_MQTT_VERSION: '5',
      ...more,
    },
    index,
    dialects,
  );
  // Another start is another process, with metrics of its own.
  metrics.registry.clear();
  const held: typeof ingest = {
    ...ingest,
    async accept(sender, message) {
      const accepted = ingest.accept(sender, message);
      if (gate === undefined) return accepted;
      await gate;
      return accepted;
    },
  };
  const recordGap = async (compounds: string[]) => void gaps.push(compounds);
  const bridge = await startBridge(
    { ingest: held, index, hadSession, recordGap, clock, steadyMs: clock.now, logger, metrics },
    settings,
  );
  closers.unshift(bridge.close);
  return bridge;
};

const device = async (account: Account): Promise<MqttClient> => {
  const client = await connectAsync(broker.url, {
    protocolVersion: 5,
    username: account,
    password: accounts[account],
    clientId: account,
    reconnectPeriod: 200,
  });
  closers.unshift(() => client.endAsync(true));
  return client;
};

const eventsOf = async (type: string): Promise<RecordedEvent[]> =>
  (await hub.events()).filter((event) => event.type === type);
const heardIds = async (): Promise<(string | undefined)[]> =>
  (await eventsOf('gate.passed')).map(({ meta }) => meta.sourceId);
const untilHeard = async (count: number): Promise<void> => {
  let heard = 0;
  await until(() => {
    void heardIds().then(({ length }) => {
      heard = length;
    });
    return heard >= count;
  }, `${count} events`);
};
const metric = async (name: string): Promise<number | undefined> =>
  (await hub.metrics.registry.getSingleMetric(name)?.get())?.values[0]?.value;

beforeEach(() => {
  hub = createIngestHarness({
    devices: [
      deviceFor('site', { kind: 'gateway', dialect: 'auto' }),
      ...['gate-1', 'gate-2'].map((id) => deviceFor(id)),
    ],
  });
  gaps = [];
  said = [];
  hadSession = false;
  gate = undefined;
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

describe.each(['5', '3.1.1'] as const)('MQTT %s', (version) => {
  const started = () => startBridgeWith({ HUB_BRIDGE_MQTT_VERSION: version });

  test('events arrive in the order in which they were published', async () => {
    await startBroker();
    await started();
    const gate1 = await device('gate-1');
    const ids = Array.from({ length: 500 }, (_, index) => `n${index}`);
    await Promise.all(ids.map((id) => gate1.publishAsync(topicOf('gate-1'), passed(id), { qos: 1 })));
    await untilHeard(500);
    expect(await heardIds()).toEqual(ids);
  });

  test('what was not committed when the hub went away comes again to the next one', async () => {
    await startBroker();
    await started();
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const gate1 = await device('gate-1');
    for (const id of ['a', 'b', 'c']) await gate1.publishAsync(topicOf('gate-1'), passed(id), { qos: 1 });
    await untilHeard(3);
    // Stands for a hub that was killed before its commit: another one takes the session over.
    const before = hub.ingest.counts('gate-1').recorded;
    gate = undefined;
    await started();
    await until(() => hub.ingest.counts('gate-1').recorded >= before + 3, 'the three again');
    open();
    expect(await heardIds()).toEqual(['a', 'b', 'c']);
  });

  test('an append that fails: the broker sends again, in order, and each is stored once', async () => {
    await startBroker();
    await started();
    hub.failAppends(2);
    const gate1 = await device('gate-1');
    const ids = Array.from({ length: 20 }, (_, index) => `n${index}`);
    await Promise.all(ids.map((id) => gate1.publishAsync(topicOf('gate-1'), passed(id), { qos: 1 })));
    await untilHeard(20);
    expect((await heardIds()).toSorted()).toEqual(ids.toSorted());
    expect(await metric('hub_bridge_connections_dropped_total')).toBeGreaterThan(0);
  });

  test('what is published while the hub is away waits for it, QoS 0 as well', async () => {
    await startBroker();
    await (await started()).close();
    const gate1 = await device('gate-1');
    for (const id of ['a', 'b', 'c']) await gate1.publishAsync(topicOf('gate-1'), passed(id), { qos: 1 });
    await gate1.publishAsync(topicOf('gate-1'), passed('d'), { qos: 0 });
    // Answered only after the publish before it was taken.
    await gate1.publishAsync(topicOf('gate-1'), passed('e'), { qos: 1 });
    await started();
    await untilHeard(5);
    expect(await heardIds()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('a broker that restarts keeps what waits, and its session', async () => {
    await startBroker();
    const bridge = await started();
    await broker.stop();
    await until(() => bridge.trouble() !== undefined, 'the trouble');
    hub.clock.nowMs += 61_000;
    await broker.start();
    const gate1 = await device('gate-1');
    await gate1.publishAsync(topicOf('gate-1'), passed('after'), { qos: 1 });
    await untilHeard(1);
    expect([gaps, await metric('hub_bridge_sessions_lost_total')]).toEqual([[['harbour-view']], 0]);
  });

  test('retained messages are old news', async () => {
    await startBroker();
    const gate1 = await device('gate-1');
    await gate1.publishAsync(topicOf('gate-1', 'status'), 'offline', { qos: 1, retain: true });
    await gate1.publishAsync(topicOf('gate-1'), passed('old'), { qos: 1, retain: true });
    const devices = await device('devices');
    const sensor = JSON.stringify({ temperature: 8.5 });
    await devices.publishAsync('zigbee2mqtt/cellar', sensor, { qos: 0, retain: true });
    await started();
    await until(() => hub.ingest.counts('gate-1').recorded === 1, 'the state');
    await until(() => (hub.ingest.counts('site').noOp['retained-replay'] ?? 0) > 0, 'the reading');
    expect([await heardIds(), (await eventsOf('device.disconnected')).length]).toEqual([[], 1]);
    // Said anew it is news, though it is retained as well.
    await gate1.publishAsync(topicOf('gate-1'), passed('new'), { qos: 1, retain: true });
    await untilHeard(1);
  });
});

test('a device reads its refusals, and may not speak for another', async () => {
  await startBroker();
  await startBridgeWith();
  const [gate1, gate2] = [await device('gate-1'), await device('gate-2')];
  const refusals: string[] = [];
  for (const client of [gate1, gate2]) {
    await client.subscribeAsync(topicOf('gate-1', 'refusals'), { qos: 1 });
    client.on('message', (_topic, payload) => void refusals.push(payload.toString()));
  }
  await gate2.publishAsync(topicOf('gate-1'), passed('forged'), { qos: 1 }).catch(() => undefined);
  await gate1.publishAsync(topicOf('gate-1'), '{"type":', { qos: 1 });
  await until(() => refusals.length > 0, 'the refusal');
  await pause(100);
  expect(refusals.map((text) => JSON.parse(text) as unknown)).toMatchObject([
    { code: 'broken-json', topic: topicOf('gate-1') },
  ]);
  expect(await heardIds()).toEqual([]);
});

test('what is told through the broker does not come back as a message', async () => {
  await startBroker();
  const shared = { HUB_BRIDGE_SHARE: 'xingyuan', HUB_BRIDGE_CLIENT_ID: 'ingest-1' };
  const bridge = await startBridgeWith(shared);
  bridge.deliver('xy/v1/harbour-view/work-orders', '{}');
  const counted = async () => (await hub.metrics.messages.get()).values.map(({ labels }) => labels.reason);
  let reasons: (string | number | undefined)[] = [];
  await until(() => {
    void counted().then((found) => {
      reasons = found;
    });
    return reasons.length > 0;
  }, 'its echo');
  expect(reasons).toEqual(['not-for-the-hub']);
  expect(await eventsOf('ingest.payload-refused')).toEqual([]);
});

test('processes of one group share the messages, each comes to one of them', async () => {
  await startBroker();
  const both = ['ingest-1', 'ingest-2'];
  for (const id of both) await startBridgeWith({ HUB_BRIDGE_SHARE: 'xingyuan', HUB_BRIDGE_CLIENT_ID: id });
  const gate1 = await device('gate-1');
  const ids = Array.from({ length: 50 }, (_, index) => `n${index}`);
  for (const id of ids) await gate1.publishAsync(topicOf('gate-1'), passed(id), { qos: 1 });
  await untilHeard(50);
  expect(hub.ingest.counts('gate-1').recorded).toBe(50);
});

describe('several connections of one process', () => {
  const several = (count: number) => startBridgeWith({ HUB_BRIDGE_CONNECTIONS: count });
  const publish = async (ids: string[]): Promise<void> => {
    const gate1 = await device('gate-1');
    await Promise.all(ids.map((id) => gate1.publishAsync(topicOf('gate-1'), passed(id), { qos: 1 })));
    await gate1.endAsync();
  };
  const idsFrom = (first: number, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `n${first + index}`);

  test('share the messages; an append that fails loses none and stores none twice', async () => {
    await startBroker();
    await several(3);
    hub.failAppends(3);
    await publish(idsFrom(0, 300));
    await untilHeard(300);
    expect((await heardIds()).toSorted()).toEqual(idsFrom(0, 300).toSorted());
    expect(await metric('hub_bridge_connections_dropped_total')).toBeGreaterThan(0);
  });

  test('fewer than before: what the broker still gives to the others is fetched, and they are forgotten', async () => {
    await startBroker();
    await (await several(3)).close();
    // The broker keeps a part of these for each of the three sessions.
    await publish(idsFrom(0, 90));
    const bridge = await several(1);
    await bridge.inspect();
    await untilHeard(90);
    await publish(idsFrom(90, 30));
    await untilHeard(120);
    expect((await heardIds()).toSorted()).toEqual(idsFrom(0, 120).toSorted());
    expect(hub.ingest.counts('gate-1').recorded).toBe(120);
  });
});

describe('the inspection after the start', () => {
  test('names max_queued_messages where the broker keeps as few as by default', async () => {
    await startBroker({ max_queued_messages: '1000', max_inflight_messages: '20' });
    const bridge = await startBridgeWith();
    await bridge.inspect();
    expect(said.join()).toMatch(/kept 10\d\d of 1200 messages .*max_queued_messages and max_inflight_messages/);
  });

  test('has nothing to say of the settings in infra/mosquitto, and is heard by nobody', async () => {
    await startBroker();
    const bridge = await startBridgeWith();
    await bridge.inspect();
    expect(said).toEqual([]);
    expect((await hub.events()).map(({ type }) => type)).toEqual(['device.connected']);
  });
});

test('a session that the broker has forgotten while the hub was away is told, with the setting', async () => {
  await startBroker({ persistence: 'false' });
  await (await startBridgeWith()).close();
  await broker.stop();
  await broker.start();
  hadSession = true;
  await startBridgeWith();
  expect(said.join()).toMatch(/forgotten the hub's session.*`persistence true`/);
});

test('a broker without persistence forgets the session: that is told, measured and a gap', async () => {
  await startBroker({ persistence: 'false' });
  const bridge = await startBridgeWith();
  await broker.stop('SIGKILL');
  await until(() => bridge.trouble() !== undefined, 'the trouble');
  await broker.start();
  await until(() => bridge.trouble() === undefined, 'the connection');
  expect([gaps, await metric('hub_bridge_sessions_lost_total')]).toEqual([[['harbour-view']], 1]);
});

test('a broker whose queue is too short says how many it dropped', async () => {
  await startBroker({ max_queued_messages: '5' });
  await (await startBridgeWith()).close();
  const gate1 = await device('gate-1');
  for (let count = 0; count < 12; count += 1) {
    await gate1.publishAsync(topicOf('gate-1'), passed(`n${count}`), { qos: 1 });
  }
  await startBridgeWith();
  let dropped: number | undefined = 0;
  await until(() => {
    void metric('hub_bridge_broker_dropped_messages').then((count) => {
      dropped = count;
    });
    return dropped === 7;
  }, 'seven dropped messages');
});

test.each<[string, Partial<BridgeVariables>, RegExp]>([
  ['a wrong password', { HUB_BRIDGE_PASSWORD: 'wrong' }, /HUB_BRIDGE_USERNAME and HUB_BRIDGE_PASSWORD/],
  ['an unknown account', { HUB_BRIDGE_USERNAME: 'nobody' }, /HUB_BRIDGE_USERNAME and HUB_BRIDGE_PASSWORD/],
  [
    'a wrong password with 3.1.1',
    { HUB_BRIDGE_PASSWORD: 'wrong', HUB_BRIDGE_MQTT_VERSION: '3.1.1' },
    /HUB_BRIDGE_USERNAME and HUB_BRIDGE_PASSWORD/,
  ],
])('does not start with %s', async (_what, variables, sentence) => {
  await startBroker();
  await expect(startBridgeWith(variables)).rejects.toThrow(sentence);
});

test('TLS spoken to a port without it is told as that', async () => {
  await startBroker();
  const wrong = { HUB_BRIDGE_URL: broker.url.replace('mqtt:', 'mqtts:') };
  const bridge = await startBridgeWith(wrong).catch((error: Error) => ({ trouble: () => error.message }));
  expect(bridge.trouble()).toMatch(/HUB_BRIDGE_URL/);
});
