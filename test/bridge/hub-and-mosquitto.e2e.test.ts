import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { connectHub, type HubClient, until } from '../../services/client/hub-client.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { adminPassword, type HubProcess, startHubProcess } from './hub-process.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';

/** The whole hub in a process of its own, behind a real broker: device → Mosquitto → hub → event. */

const accounts = { hub: 'hub-secret', 'gate-1': 'one', 'property-office': 'office' };
const topicOf = (leaf: string): string => `xy/v1/harbour-view/gate-1/${leaf}`;
const passed = (id: string): string => JSON.stringify({ type: 'gate.passed', id, data: {} });

let postgres: PostgresForTests;
let broker: Mosquitto;
let databaseUrl: string;
let hub: HubProcess | undefined;
let gate: MqttClient;

const bridged = (more: Record<string, string> = {}): Promise<HubProcess> =>
  startHubProcess({
    DATABASE_URL: databaseUrl,
    HUB_BRIDGE_URL: `mqtt://hub:${accounts.hub}@127.0.0.1:${broker.port}`,
    HUB_BRIDGE_GATEWAY: 'site',
    ...more,
  });
const asAdmin = (): Promise<HubClient> => connectHub(hub!.httpUrl, 'admin', adminPassword);

interface Page {
  items: { id: string; type: string; revision: number; meta: { sourceId?: string } }[];
  next: string | null;
}
const heardIds = async (): Promise<string[]> => {
  const client = await asAdmin();
  const ids: string[] = [];
  for (let from: string | undefined; ; ) {
    const query = `stream=telemetry-gate-1&limit=200${from === undefined ? '' : `&from=${from}`}`;
    const { items, next } = await client.get<Page>(`/api/events?${query}`);
    for (const { type, meta } of items) if (type === 'gate.passed') ids.push(meta.sourceId ?? '?');
    if (next === null) return ids;
    from = next;
  }
};

beforeAll(async () => {
  postgres = await postgresForTests();
  databaseUrl = await postgres.newDatabase();
  broker = await startMosquitto(accounts);
  hub = await startHubProcess({ DATABASE_URL: databaseUrl });
  const client = await asAdmin();
  await client.post('/api/compounds', {
    id: 'harbour-view',
    name: 'Harbour View',
    profile: 'retrofit',
    households: 100,
  });
  const device = { compound: 'harbour-view', name: 'at the site' };
  await client.post('/api/devices', { ...device, id: 'site', kind: 'gateway', dialect: 'auto' });
  await client.post('/api/devices', { ...device, id: 'gate-1', kind: 'access-gate' });
  expect(await hub.end('SIGTERM')).toBe(0);
  hub = await bridged();
  gate = await connectAsync(broker.url, {
    ...{ protocolVersion: 5, username: 'gate-1', password: accounts['gate-1'], clientId: 'gate-1' },
  });
});
afterAll(async () => {
  await gate?.endAsync(true);
  await hub?.end('SIGTERM');
  await broker?.remove();
  await postgres?.stop();
});

test('an event arrives, a refusal comes back', async () => {
  const refusals: unknown[] = [];
  gate.on('message', (_topic, payload) => void refusals.push(JSON.parse(payload.toString())));
  await gate.subscribeAsync(topicOf('refusals'), { qos: 1 });
  await gate.publishAsync(topicOf('events'), passed('first'), { qos: 1 });
  await gate.publishAsync(topicOf('events'), JSON.stringify({ type: 'gate.exploded' }), { qos: 1 });
  await until(30, 'the event', async () => (await heardIds()).includes('first'));
  await until(30, 'the refusal', async () => refusals.length > 0);
  expect(refusals).toMatchObject([{ code: 'unknown-type', topic: topicOf('events') }]);
});

test('a fault becomes a work order, which is told through the broker', async () => {
  const office = await connectAsync(broker.url, {
    ...{ protocolVersion: 5, username: 'hub', password: accounts.hub, clientId: 'office' },
  });
  const told: { type?: string }[] = [];
  office.on('message', (_topic, payload) => void told.push(JSON.parse(payload.toString()) as { type?: string }));
  await office.subscribeAsync('xy/v1/harbour-view/work-orders', { qos: 1 });
  await gate.publishAsync(topicOf('events'), JSON.stringify({ type: 'gate.forced-open', data: {} }), { qos: 1 });
  await until(30, 'the work order', async () => told.length > 0);
  await office.endAsync();
  expect(told[0]?.type).toMatch(/^work-order\./);
});

test('killed again and again while a device goes on, the hub loses nothing and stores each message once', async () => {
  const sent: string[] = [];
  let going = true;
  const publishing = (async () => {
    while (going) {
      const batch = Array.from({ length: 10 }, (_, index) => `k${sent.length + index}`);
      await Promise.all(batch.map((id) => gate.publishAsync(topicOf('events'), passed(id), { qos: 1 })));
      sent.push(...batch);
      await sleep(20);
    }
  })();
  for (let kills = 0; kills < 3; kills += 1) {
    await sleep(700);
    await hub?.end('SIGKILL');
    await sleep(300);
    hub = await bridged();
  }
  going = false;
  await publishing;
  const wanted = new Set(sent);
  await until(
    30,
    'all that was sent',
    async () => (await heardIds()).filter((id) => wanted.has(id)).length >= sent.length,
  );
  const heard = (await heardIds()).filter((id) => wanted.has(id));
  expect(sent.length).toBeGreaterThan(300);
  expect(heard.toSorted()).toEqual(sent.toSorted());
}, 300_000);

test('stopped in order, it leaves what comes meanwhile to the broker', async () => {
  expect(await hub?.end('SIGTERM')).toBe(0);
  for (let count = 0; count < 30; count += 1)
    await gate.publishAsync(topicOf('events'), passed(`s${count}`), { qos: 1 });
  hub = await bridged();
  await until(30, 'the thirty', async () => (await heardIds()).filter((id) => id.startsWith('s')).length === 30);
});

test('while the broker is away the hub goes on and says so', async () => {
  const ready = async () => {
    const response = await fetch(`${hub?.httpUrl}/health/ready`);
    return { status: response.status, reasons: ((await response.json()) as { reasons: string[] }).reasons };
  };
  await until(30, 'the connection', async () => (await ready()).reasons.length === 0);
  await broker.stop();
  await until(30, 'the reason', async () => (await ready()).reasons.length > 0);
  await until(30, 'the failed attempt', async () => /HUB_BRIDGE_URL/.test((await ready()).reasons[0] ?? ''));
  expect((await ready()).status).toBe(200);
  await broker.start();
  await until(30, 'the connection', async () => (await ready()).reasons.length === 0);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['a wrong password', { HUB_BRIDGE_PASSWORD: 'wrong' }, /The hub did not start\. .*HUB_BRIDGE_PASSWORD/],
  ['an unknown gateway', { HUB_BRIDGE_GATEWAY: 'nobody' }, /The hub did not start\. HUB_BRIDGE_GATEWAY names nobody/],
  [
    'a gateway that is none',
    { HUB_BRIDGE_GATEWAY: 'gate-1' },
    /The hub did not start\. HUB_BRIDGE_GATEWAY names gate-1/,
  ],
])('with %s the hub does not start, and no secret is told', async (_what, settings, sentence) => {
  await hub?.end('SIGTERM');
  hub = undefined;
  const said = await bridged({ HUB_LOG_LEVEL: 'info', ...settings }).then(
    () => 'it started',
    (error: Error) => error.message,
  );
  expect(said).toMatch(sentence);
  expect(said).not.toContain(accounts.hub);
  expect(said).not.toContain('    at ');
});
