import type { IPublishPacket } from 'mqtt-packet';
import { dialects as dialectList } from '../../../devices/dialects/registry.ts';
import type { Logger } from '../../runtime/logger.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { createIngestHarness, deviceFor, type IngestHarness, startMs } from '../ingest-harness.ts';
import { pause, until } from '../mqtt/mqtt-harness.ts';
import { type Bridge, startBridge } from './bridge.ts';
import { type BrokerDouble, startBrokerDouble } from './broker-double.ts';
import { type BridgeVariables, bridgeSettings } from './settings.ts';

const dialects = new Map(dialectList.map((dialect) => [dialect.name, dialect] as const));
const passed = (id: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      type: 'gate.passed',
      id,
      data: {},
    }),
  );
const eventsTopic = 'xy/v1/harbour-view/gate-1/events';

let broker: BrokerDouble;
let hub: IngestHarness;
let bridge: Bridge | undefined;
const hadSession = false;
let gaps: { compounds: string[]; from: string; to: string }[];
let said: string[];

const logger: Logger = Object.assign(Object.create(silentLogger) as Logger, {
  warn: (line: string) => void said.push(line),
  error: (first: unknown, line?: string) => void said.push(line ?? String(first)),
});

/** So much the time of day was put on. */
let putOnMs = 0;

const start = async (more: Partial<BridgeVariables> = {}): Promise<Bridge> => {
  const settings = bridgeSettings(
    { HUB_BRIDGE_URL: broker.url, HUB_BRIDGE_GATEWAY: 'site', HUB_BRIDGE_MQTT_VERSION: '5', ...more },
    hub.index,
    dialects,
  );
  const { ingest, index, clock, metrics } = hub;
  const recordGap = async (compounds: string[], from: string, to: string) => void gaps.push({ compounds, from, to });
  const steadyMs = (): number => clock.now() - putOnMs;
  bridge = await startBridge({ ingest, index, hadSession, recordGap, clock, steadyMs, logger, metrics }, settings);
  return bridge;
};
const metric = async (name: string): Promise<number | undefined> =>
  (await hub.metrics.registry.getSingleMetric(name)?.get())?.values[0]?.value;
const published = (topic: string): IPublishPacket[] =>
  broker.heard.flatMap((packet) => (packet.cmd === 'publish' && packet.topic === topic ? [packet] : []));
const eventsOf = async (type: string) => (await hub.events()).filter((event) => event.type === type);

beforeEach(async () => {
  broker = await startBrokerDouble();
  hub = createIngestHarness({
    devices: [
      deviceFor('site', { kind: 'gateway', dialect: 'auto' }),
      deviceFor('gate-1'),
      deviceFor('next-gate', { compound: 'next-door' }),
    ],
  });
  gaps = [];
  putOnMs = 0;
  said = [];
});
afterEach(async () => {
  await bridge?.close();
  bridge = undefined;
  await broker.close();
});

describe('connecting', () => {
  test('asks for a session that lasts and subscribes with QoS 1', async () => {
    await start({ HUB_BRIDGE_USERNAME: 'hub', HUB_BRIDGE_PASSWORD: 'secret' });
    expect(broker.heard[0]).toMatchObject({
      cmd: 'connect',
      clientId: 'xingyuan-site',
      clean: false,
      username: 'hub',
      properties: { sessionExpiryInterval: 14 * 24 * 3600, receiveMaximum: 1_000 },
    });
    const subscribed = broker.heard.flatMap((packet) => (packet.cmd === 'subscribe' ? packet.subscriptions : []));
    expect(subscribed[0]).toMatchObject({ topic: 'xy/v1/#', qos: 1, nl: true, rap: false, rh: 1 });
    expect(bridge?.trouble()).toBeUndefined();
  });

  test.each<[string, () => void, RegExp]>([
    [
      'wrong credentials',
      () => {
        broker.answers.connack = { reasonCode: 135 };
      },
      /user name or password.*HUB_BRIDGE_USERNAME and HUB_BRIDGE_PASSWORD/,
    ],
    [
      'no MQTT 5',
      () => {
        broker.answers.connack = { reasonCode: 132 };
      },
      /HUB_BRIDGE_MQTT_VERSION to 3\.1\.1/,
    ],
    [
      'a filter refused',
      () => {
        broker.answers.granted = (filter) => (filter.endsWith('frigate/#') ? 135 : 1);
      },
      /refuses the subscription .*frigate\/# \(reason code 135\).*HUB_BRIDGE_TOPICS/,
    ],
    [
      'QoS 0 only',
      () => {
        broker.answers.granted = () => 0;
      },
      /QoS 0 only for .*loses messages/,
    ],
    [
      'no shared subscriptions by its CONNACK',
      () => {
        broker.answers.connack = { properties: { sharedSubscriptionAvailable: false } };
      },
      /Leave HUB_BRIDGE_SHARE out/,
    ],
    [
      'no shared subscriptions by its SUBACK',
      () => {
        broker.answers.granted = () => 158;
      },
      /Leave HUB_BRIDGE_SHARE out/,
    ],
  ])('does not start: %s', async (_what, prepare, sentence) => {
    prepare();
    const shared = { HUB_BRIDGE_SHARE: 'xingyuan', HUB_BRIDGE_CLIENT_ID: 'ingest-1' };
    await expect(start(shared)).rejects.toMatchObject({
      code: 'start-refused',
      message: expect.stringMatching(sentence),
    });
  });

  test('waits for a broker that is away, and says so', async () => {
    await broker.close();
    const { trouble } = await start();
    expect(trouble()).toMatch(/No broker answers at mqtt:\/\/127\.0\.0\.1:\d+: ECONNREFUSED.*HUB_BRIDGE_URL/);
  });

  test('warns of few messages in flight and of a session that is kept for too short', async () => {
    broker.answers.connack = { properties: { receiveMaximum: 20, sessionExpiryInterval: 60 } };
    await start();
    expect(said).toEqual([
      expect.stringMatching(/session for 60 s only/),
      expect.stringMatching(/20 messages in flight.*max_queued_messages/),
    ]);
  });
});

describe('messages', () => {
  test('a registered device speaks for itself, and the PUBACK follows the commit', async () => {
    await start();
    broker.publish([3], { topic: eventsTopic, payload: passed('one') });
    await until(() => broker.acknowledged().length === 1, 'the PUBACK');
    expect(await eventsOf('gate.passed')).toMatchObject([{ stream: 'telemetry-gate-1', meta: { sourceId: 'one' } }]);
  });

  test('who was heard through the broker can be spoken to through it, while it is there', async () => {
    const started = await start();
    const carried = () => ['site', 'gate-1', 'next-gate'].filter(started.carries);
    expect(carried()).toEqual(['site']);
    broker.publish([1], { topic: 'xy/v1/harbour-view/next-gate/events', payload: passed('two') });
    broker.publish([2], { topic: eventsTopic, payload: passed('one') });
    await until(() => broker.acknowledged().length === 2, 'the PUBACKs');
    // What next-gate said in another compound was refused.
    expect(carried()).toEqual(['site', 'gate-1']);
    broker.answers.connack = { reasonCode: 136 };
    broker.cut();
    await until(() => started.trouble() !== undefined, 'the trouble');
    expect(carried()).toEqual([]);
  });

  test('an append that fails drops the connection; sent again it is stored once', async () => {
    await start();
    hub.failAppends(1);
    broker.answers.connack = { sessionPresent: true };
    broker.publish([1, 2], { topic: eventsTopic, payload: passed('one') });
    await until(() => broker.connections() === 2 && bridge?.trouble() === undefined, 'the next connection');
    expect(broker.acknowledged()).toEqual([]);
    broker.publish([1, 2], { topic: eventsTopic, payload: passed('one'), dup: true });
    await until(() => broker.acknowledged().length === 2, 'the PUBACKs');
    expect(await eventsOf('gate.passed')).toHaveLength(1);
    expect(await metric('hub_bridge_connections_dropped_total')).toBe(1);
    expect(said).toContain('bridge: a message could not be taken.');
  });

  test('properties of MQTT 5 are passed on', async () => {
    await start();
    const userProperties = { specversion: '1.0', id: 'ce-1', source: 'urn:gate', type: 'gate.passed' };
    broker.publish([1], { topic: eventsTopic, payload: '{}', properties: { userProperties } });
    await until(() => broker.acknowledged().length === 1, 'the PUBACK');
    expect(await eventsOf('gate.passed')).toMatchObject([{ meta: { sourceId: 'ce-1' } }]);
  });

  test('an unregistered device is refused, kept on the gateway, and told through the broker', async () => {
    await start();
    broker.publish([1], { topic: 'xy/v1/harbour-view/gate-9/events', payload: passed('one') });
    await until(() => broker.heard.some(({ cmd }) => cmd === 'publish'), 'the refusal');
    expect(await eventsOf('ingest.payload-refused')).toMatchObject([
      { stream: 'device-site', data: { code: 'unknown-device', topic: 'xy/v1/harbour-view/gate-9/events' } },
    ]);
    const [told] = published('xy/v1/harbour-view/site/refusals');
    expect(told).toMatchObject({ qos: 1 });
    expect(JSON.parse(String(told?.payload))).toMatchObject({
      code: 'unknown-device',
      reason: expect.stringContaining('gate-9'),
    });
    expect(hub.index.device('gate-9')).toBeUndefined();
  });

  test('a device may not speak in another compound', async () => {
    await start();
    broker.publish([1], { topic: 'xy/v1/next-door/gate-1/events', payload: passed('one') });
    await until(() => broker.acknowledged().length === 1, 'the PUBACK');
    expect(await eventsOf('ingest.payload-refused')).toMatchObject([
      { stream: 'device-gate-1', data: { code: 'not-your-address' } },
    ]);
  });

  test('what the hub itself said comes back and is nothing', async () => {
    await start();
    broker.publish([1], { topic: 'xy/v1/harbour-view/gate-1/refusals', payload: '{}' });
    broker.publish([2], { topic: 'xy/v1/harbour-view/work-orders', payload: '{}' });
    await until(() => broker.acknowledged().length === 2, 'the PUBACKs');
    expect(await eventsOf('ingest.payload-refused')).toEqual([]);
  });

  test('dialects are spoken by the gateway, devices beneath it are adopted', async () => {
    await start();
    broker.publish([1], {
      topic: 'zigbee2mqtt/cellar',
      payload: JSON.stringify({ temperature: 8.5, linkquality: 90 }),
    });
    await until(() => broker.acknowledged().length === 1, 'the PUBACK');
    expect(await eventsOf('device.registered')).toMatchObject([{ data: { gateway: 'site', dialect: 'zigbee2mqtt' } }]);
  });

  test('what the protocol wants answered is answered through the broker, and that echo is nothing', async () => {
    await start();
    const online = JSON.stringify({ operator: 'Online', info: { facesluiceId: '1' } });
    broker.publish([1], { topic: 'mqtt/face/basic', payload: online });
    await until(() => published('mqtt/face/1').length > 0, 'the answer');
    const [answer] = published('mqtt/face/1');
    expect(answer).toMatchObject({ qos: 0, retain: false });
    expect(await eventsOf('device.connected')).toHaveLength(2);
    broker.publish([2], { topic: 'mqtt/face/1', payload: String(answer?.payload) });
    await until(() => broker.acknowledged().length === 2, 'the PUBACKs');
    expect(await eventsOf('ingest.payload-refused')).toEqual([]);
    expect(published('mqtt/face/1')).toHaveLength(1);
  });

  test('devices that wait for their host find it there, and learn of its end', async () => {
    const topic = 'spBv1.0/STATE/xingyuan';
    const said = (online: boolean) => JSON.stringify({ online, timestamp: startMs });
    await start({ HUB_BRIDGE_TOPICS: 'spBv1.0/#' });
    await until(() => published(topic).length === 1, 'the state');
    expect(broker.heard[0]).toMatchObject({ cmd: 'connect', will: { topic, qos: 1, retain: true } });
    expect(String(broker.heard[0]?.cmd === 'connect' && broker.heard[0].will?.payload)).toBe(said(false));
    expect(published(topic)).toMatchObject([{ qos: 1, retain: true, payload: Buffer.from(said(true)) }]);
    await bridge?.close();
    expect(String(published(topic).at(-1)?.payload)).toBe(said(false));
  });

  test('a retained message counts only where it changes a state', async () => {
    await start();
    const status = 'xy/v1/harbour-view/gate-1/status';
    broker.publish([1], { topic: status, payload: 'offline', retain: true });
    broker.publish([2], { topic: status, payload: 'offline', retain: true });
    broker.publish([3], { topic: eventsTopic, payload: passed('old'), retain: true });
    await until(() => broker.acknowledged().length === 3, 'the PUBACKs');
    expect((await hub.events()).filter(({ stream }) => stream === 'device-gate-1').map(({ type }) => type)).toEqual([
      'device.disconnected',
    ]);
    expect(hub.ingest.counts('gate-1')).toMatchObject({ recorded: 1, noOp: { 'retained-replay': 2 } });
  });

  test('when the gateway is retired nothing is acknowledged, and the reason is told', async () => {
    await start();
    await hub.log.append([
      {
        stream: 'device-site',
        expectedRevision: 'any',
        events: [
          {
            id: '019c0000-0000-7000-8000-000000000001',
            type: 'device.retired',
            data: {},
            meta: {
              ...{ schemaVersion: 1, clock: 'trusted', compound: 'harbour-view', device: 'site' },
              ...{ occurredAt: '2026-03-01T08:00:00.000Z', receivedAt: '2026-03-01T08:00:00.000Z' },
            },
          },
        ],
      },
    ]);
    broker.publish([1], { topic: eventsTopic, payload: passed('one') });
    await until(() => /site was retired; set HUB_BRIDGE_GATEWAY/.test(bridge?.trouble() ?? ''), 'the trouble');
    expect(broker.acknowledged()).toEqual([]);
  });
});

describe('outages', () => {
  test('longer than a minute, one is a gap of the compounds heard; the gateway was away', async () => {
    await start();
    broker.cut();
    await until(() => bridge?.trouble() !== undefined, 'the trouble');
    broker.answers.connack = { sessionPresent: true };
    hub.clock.nowMs += 61_000;
    await until(() => bridge?.trouble() === undefined, 'the next connection');
    expect(gaps).toEqual([
      { compounds: ['harbour-view'], from: '2026-03-01T08:00:00.000Z', to: '2026-03-01T08:01:01.000Z' },
    ]);
    await until(() => said.length > 0, 'the log');
    const ofGateway = (await hub.events()).filter(({ stream }) => stream === 'device-site').map(({ type }) => type);
    expect(ofGateway).toEqual(['device.connected', 'device.disconnected', 'device.connected']);
  });

  test('a compound that is first heard of after it was not heard either', async () => {
    await start();
    broker.answers.connack = { sessionPresent: true };
    broker.cut();
    await until(() => bridge?.trouble() !== undefined, 'the trouble');
    hub.clock.nowMs += 61_000;
    await until(() => bridge?.trouble() === undefined, 'the next connection');
    for (const packet of [1, 2]) {
      broker.publish([packet], { topic: 'xy/v1/next-door/next-gate/events', payload: passed(`word ${packet}`) });
    }
    await until(() => broker.acknowledged().length === 2, 'the PUBACKs');
    const gap = { from: '2026-03-01T08:00:00.000Z', to: '2026-03-01T08:01:01.000Z' };
    expect(gaps).toEqual([
      { compounds: ['harbour-view'], ...gap },
      { compounds: ['next-door'], ...gap },
    ]);
  });

  test('a time of day that is put on makes none', async () => {
    await start();
    broker.answers.connack = { sessionPresent: true };
    broker.cut();
    await until(() => bridge?.trouble() !== undefined, 'the trouble');
    hub.clock.nowMs += 3_600_000;
    putOnMs = 3_600_000;
    await until(() => bridge?.trouble() === undefined, 'the next connection');
    expect(gaps).toEqual([]);
  });

  test('a short one is none, unless the broker has forgotten the session', async () => {
    await start();
    broker.answers.connack = { sessionPresent: true };
    broker.cut();
    await until(() => broker.connections() === 2 && bridge?.trouble() === undefined, 'the second connection');
    expect([gaps.length, await metric('hub_bridge_sessions_lost_total')]).toEqual([0, 0]);
    broker.answers.connack = { sessionPresent: false };
    broker.cut();
    await until(() => broker.connections() === 3 && bridge?.trouble() === undefined, 'the third connection');
    expect([gaps.length, await metric('hub_bridge_sessions_lost_total')]).toEqual([1, 1]);
    expect(said.at(-1)).toMatch(/forgotten the hub's session.*persistence/);
  });

  test('another client of the same name is told as that', async () => {
    await start();
    // What a broker has not read when it closes costs its own last words.
    await until(
      () => broker.heard.filter(({ cmd }) => cmd === 'subscribe').length === 2,
      'all that the hub says first',
    );
    broker.send({ cmd: 'disconnect', reasonCode: 142 });
    broker.cut();
    await until(() => bridge?.trouble() !== undefined, 'the trouble');
    expect(bridge?.trouble()).toMatch(/as xingyuan-site\. Give each hub its own HUB_BRIDGE_CLIENT_ID/);
  });

  test('what the broker says it dropped is told and measured', async () => {
    await start();
    const topic = '$SYS/broker/publish/messages/dropped';
    for (const payload of ['3', '3', '8']) broker.publish([0], { topic, payload, qos: 0 });
    await until(() => said.length > 0, 'the log');
    expect(said).toEqual([expect.stringMatching(/dropped 5 messages.*max_queued_messages/)]);
    expect(await metric('hub_bridge_broker_dropped_messages')).toBe(8);
  });

  test('what cannot be told is counted, not kept', async () => {
    const { deliver } = await start();
    broker.answers.takes = false;
    for (let count = 0; count < 1_003; count += 1) deliver('xy/v1/harbour-view/work-orders', '{}');
    expect(await metric('hub_bridge_untold_total')).toBe(3);
  });
});

test('closing acknowledges what is under way, says goodbye, and keeps the session', async () => {
  await start();
  broker.publish([1], { topic: eventsTopic, payload: passed('one') });
  await until(() => hub.ingest.counts('gate-1').recorded === 1, 'the commit');
  await bridge?.close();
  await pause(20);
  expect(broker.acknowledged()).toEqual([1]);
  const goodbye = broker.heard.at(-1);
  expect(goodbye).toMatchObject({ cmd: 'disconnect' });
  expect(goodbye?.cmd === 'disconnect' && goodbye.properties?.sessionExpiryInterval).toBeFalsy();
});
