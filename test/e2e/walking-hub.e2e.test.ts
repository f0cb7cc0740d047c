import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import { type Browser, chromium, type Page } from 'playwright-core';
import {
  connectMqtt,
  HubRefused,
  registerOnce,
  registerWithCredential,
  until,
} from '../../services/client/hub-client.ts';
import { replay } from '../../services/replay/replay.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { adminPassword, type HubUnderTest, removeDataDir, startHubProcess } from './hub-under-test.ts';

/** The whole way, as its users go it: a device speaks MQTT, the page shows it, a person mends it, stars are counted. */
interface Order {
  id: string;
  code: string;
  state: string;
  faultStanding: boolean;
  recoveredAt: string | null;
  place: string | null;
}
interface Events {
  items: { type: string; data: Record<string, unknown>; meta: Record<string, unknown> }[];
}

let hub: HubUnderTest;
let browser: Browser;
const clients: MqttClient[] = [];

beforeAll(async () => {
  hub = await startHubProcess();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  await registerOnce(hub.client, '/api/compounds', {
    id: 'harbour-view',
    name: '海景苑',
    profile: 'retrofit',
    households: 120,
    buildings: [{ id: 'b1', name: '1号楼', steward: { name: '王管家' } }],
    positions: [
      { id: 'north-gate', kind: 'pedestrian-gate', name: '北门', building: 'b1' },
      { id: 'entrance', kind: 'entrance', name: '主出入口' },
    ],
  });
});
afterAll(async () => {
  for (const client of clients) client.end(true);
  await browser?.close();
  await hub?.stop();
  await removeDataDir(hub.dataDir);
});

const connect = async (device: Record<string, unknown> & { id: string }): Promise<MqttClient> => {
  const credential = await registerWithCredential(hub.client, {
    compound: 'harbour-view',
    name: device.id,
    ...device,
  } as { id: string });
  const will = { topic: `xy/v1/harbour-view/${device.id}/status`, payload: Buffer.from('offline') };
  const client = await connectMqtt(hub.mqttUrl, credential, will);
  clients.push(client);
  return client;
};
const say = (client: MqttClient, device: string, type: string, data: Record<string, unknown> = {}) =>
  client.publishAsync(
    `xy/v1/harbour-view/${device}/events`,
    JSON.stringify({ type, time: isoTime(systemClock.now()), data }),
    { qos: 1 },
  );
const ordersOf = async (device: string): Promise<Order[]> =>
  (await hub.client.get<{ items: Order[] }>(`/api/work-orders?device=${device}`)).items;
const refusalOf = async (wish: Promise<unknown>): Promise<string> => {
  const error = await wish.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof HubRefused ? `${error.status} ${error.code}` : `not refused: ${error}`;
};

test('real payloads: what was sent is events, no-ops and dead letters, and nothing else', async () => {
  const { byEcosystem, messages } = await replay(hub.client, hub.mqttUrl, join(import.meta.dirname, 'payloads'));
  expect(Object.fromEntries(byEcosystem)).toEqual({
    chirpstack: { sent: 2, recorded: 1, noOp: 1, refused: 0 },
    zigbee2mqtt: { sent: 2, recorded: 2, noOp: 0, refused: 0 },
    facegate: { sent: 1, recorded: 1, noOp: 0, refused: 0 },
    ocpp16: { sent: 1, recorded: 1, noOp: 0, refused: 0 },
    'nobody-speaks-this': { sent: 1, recorded: 0, noOp: 0, refused: 1 },
  });
  expect(messages.find(({ entry }) => entry.file === 'nobody/plain.txt')).toMatchObject({
    outcome: 'refused',
    topic: 'some/where',
  });
  const letters = async () =>
    (
      await hub.client.get<{ items: { code: string; topic: string; preview: string }[] }>(
        '/api/dead-letters?compound=replay',
      )
    ).items;
  // The list follows the log a moment later.
  await until(30, 'a dead letter', async () => (await letters()).length > 0);
  expect(await letters()).toEqual([
    expect.objectContaining({ code: 'no-dialect', topic: 'some/where', preview: 'hello\n' }),
  ]);
  const passed = await hub.client.get<Events>('/api/devices/replay-facegate-gate-7/events');
  expect(passed.items.map(({ type }) => type)).toContain('gate.passed');
  expect(JSON.stringify(passed.items)).not.toMatch(/R-1001|Somebody/);
});

test('an OCPP fault, a camera that goes offline and a forced-open gate raise one order each', async () => {
  const gate = await connect({ id: 'gate-1', kind: 'access-gate', position: 'north-gate' });
  const camera = await connect({ id: 'camera-1', kind: 'camera', position: 'entrance' });
  const post = await connect({ id: 'post-1', kind: 'charging-post', dialect: 'ocpp16', externalId: 'CP-1' });
  const status = (word: string, errorCode: string, id: string) =>
    post.publishAsync(
      'ocpp/CP-1/up',
      JSON.stringify([
        2,
        id,
        'StatusNotification',
        { connectorId: 1, status: word, errorCode, timestamp: isoTime(systemClock.now()) },
      ]),
      { qos: 1 },
    );
  for (const id of ['1', '2', '3']) {
    await say(gate, 'gate-1', 'gate.forced-open');
    await status('Faulted', 'OverVoltage', id);
  }
  // The cable is cut: no DISCONNECT, so the will speaks.
  (camera as unknown as { stream: { destroy(): void } }).stream.destroy();
  camera.end(true);
  await until(30, 'three orders', async () => {
    const found = await Promise.all(['gate-1', 'camera-1', 'post-1'].map(ordersOf));
    return found.every((orders) => orders.length > 0);
  });
  await sleep(500);
  expect((await ordersOf('gate-1')).map(({ code, place }) => [code, place])).toEqual([['forced-open', '1号楼 · 北门']]);
  expect((await ordersOf('camera-1')).map(({ code }) => code)).toEqual(['offline']);
  const [order] = await ordersOf('post-1');
  expect(order).toMatchObject({ code: 'over-voltage', state: 'raised', faultStanding: true });

  const command = (name: string, body = {}) => hub.client.post<Order>(`/api/work-orders/${order!.id}/${name}`, body);
  expect(await refusalOf(command('arrive'))).toBe('409 work-order.wrong-state');
  for (const name of ['acknowledge', 'dispatch', 'arrive']) await command(name);
  expect(await refusalOf(command('resolve'))).toBe('422 work-order.note-missing');
  await command('resolve', { note: 'measured: the voltage is right' });
  expect(await refusalOf(command('close'))).toBe('409 work-order.device-still-faulty');
  await status('Available', 'NoError', '4');
  await until(30, 'the recovery on the order', async () => (await ordersOf('post-1'))[0]!.recoveredAt !== null);
  expect(await command('close')).toMatchObject({ state: 'closed' });
  expect(await ordersOf('post-1')).toHaveLength(1);
});

test('a gateway that dialect topics name twice, broken, binary, huge and misdated payloads are kept with their reason', async () => {
  const sensor = await connect({ id: 'sensor-1', kind: 'sensor' });
  const gateway = await connect({ id: 'gateway-1', kind: 'gateway', dialect: 'auto' });
  const refusedAs = (client: MqttClient, topic: string, payload: string | Buffer): Promise<string> =>
    client.publishAsync(topic, payload, { qos: 1 }).then(
      () => 'taken',
      (error: Error) => error.message,
    );
  const own = 'xy/v1/harbour-view/sensor-1';
  const event = (time: string) =>
    JSON.stringify({ type: 'sensor.measured', time, data: { values: { temperatureC: 20 } } });
  const cases: [code: string, client: MqttClient, topic: string, payload: string | Buffer][] = [
    ['broken-json', sensor, `${own}/events`, '{"type":'],
    ['contract-violated', sensor, `${own}/telemetry`, '{"values":{"temperatureC":"warm"}}'],
    ['unknown-type', sensor, `${own}/events`, '{"type":"sensor.felt"}'],
    ['not-your-address', sensor, 'xy/v1/harbour-view/gate-1/events', '{"type":"gate.passed"}'],
    ['wrong-topic', sensor, 'somewhere/else', '{}'],
    ['payload-too-large', sensor, `${own}/events`, Buffer.alloc(5 * 1024 * 1024, 32)],
    ['time-out-of-range', sensor, `${own}/events`, event('1970-01-01T00:00:00Z')],
    ['time-out-of-range', sensor, `${own}/events`, event('2099-01-01T00:00:00Z')],
    ['binary-payload', sensor, `${own}/events`, Buffer.from([0xff, 0xfe, 0x00, 0x80])],
    ['ambiguous-dialect', gateway, 'zigbee2mqtt/onvif-ej/RuleEngine', '{}'],
  ];
  for (const [, client, topic, payload] of cases)
    expect(await refusedAs(client, topic, payload)).toContain('Publish error');
  expect(sensor.connected && gateway.connected).toBe(true);
  await until(30, 'the dead letters', async () => {
    const letters = await hub.client.get<{ items: { code: string }[] }>('/api/dead-letters?compound=harbour-view');
    return letters.items.length >= cases.length;
  });
  const { items } = await hub.client.get<{ items: { code: string; reason: string; sizeBytes: number }[] }>(
    '/api/dead-letters?compound=harbour-view',
  );
  expect(items.map(({ code }) => code).sort()).toEqual(cases.map(([code]) => code).sort());
  expect(items.every(({ reason }) => reason.length > 20)).toBe(true);
  const kept = items.find(({ code }) => code === 'payload-too-large');
  expect(kept?.sizeBytes).toBe(5 * 1024 * 1024);
  const metrics = await (
    await fetch(`${hub.url}/metrics`, {
      headers: { authorization: `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}` },
    })
  ).text();
  expect(metrics).toMatch(/hub_messages_total\{outcome="refused",reason="time-out-of-range",dialect="canonical"\} 2/);
});

const logIn = async (): Promise<Page> => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(hub.url);
  await page.getByTestId('login-user').fill('admin');
  await page.getByTestId('login-password').fill(adminPassword);
  await page.getByTestId('login-submit').click();
  await page.getByTestId('order-row').first().waitFor();
  return page;
};

test('the page shows a new fault without reloading, and what is missing for the next star', async () => {
  const page = await logIn();
  const sensor = clients.find((client) => client.options.username === 'sensor-1')!;
  const before = await page.getByTestId('order-row').count();
  const startedMs = systemClock.now();
  await say(sensor, 'sensor-1', 'sensor.threshold-crossed', { quantity: 'smoke', active: true });
  await page.locator('[data-testid=order-row][data-priority=P0]').waitFor();
  // The design's figure is one second at the 99th percentile; a loaded machine gets five.
  expect(systemClock.now() - startedMs).toBeLessThan(5000);
  expect(await page.getByTestId('order-row').count()).toBe(before + 1);
  await page.getByTestId('nav-devices').click();
  await page.locator('[data-testid=device-row][data-device=camera-1]').waitFor();
  await page.goto(`${hub.url}/#/stars?compound=harbour-view`);
  await page.getByTestId('criterion-row').first().waitFor();
  expect(await page.getByTestId('criterion-row').count()).toBe(33);
  expect(await page.getByTestId('missing-item').count()).toBeGreaterThan(3);
  await page.close();
});

test('after a restart on the same data the hub goes on where it was', async () => {
  const ordersBefore = await hub.client.get<{ items: Order[] }>('/api/work-orders?compound=harbour-view');
  const head = await hub.client.get<{ position: string }>('/api/log/head');
  for (const client of clients.splice(0)) client.end(true);
  const { dataDir } = hub;
  expect(await hub.stop('SIGKILL')).toBeNull();
  hub = await startHubProcess({ dataDir });
  const ordersNow = await hub.client.get<{ items: Order[] }>('/api/work-orders?compound=harbour-view');
  const idsNow = ordersNow.items.map(({ id }) => id);
  expect(ordersBefore.items.filter(({ id }) => !idsNow.includes(id))).toEqual([]);
  const verdict = await hub.client.get<{ ok: boolean; events: number }>('/api/log/verify');
  expect(verdict.ok).toBe(true);
  expect(verdict.events).toBeGreaterThanOrEqual(Number(head.position));
  const gate = await connect({ id: 'gate-1', kind: 'access-gate', position: 'north-gate' });
  await say(gate, 'gate-1', 'gate.door-changed', { state: 'closed' });
  await until(30, 'the recovery after the restart', async () => (await ordersOf('gate-1'))[0]!.recoveredAt !== null);
  expect(await hub.stop('SIGINT')).toBe(0);
});
