import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MqttClient } from 'mqtt';
import {
  connectHub,
  connectMqtt,
  type HubClient,
  registerOnce,
  registerWithCredential,
  until,
} from '../services/client/hub-client.ts';
import { checkBundle } from '../services/evidence/check-bundle.ts';
import { type RunningHub, startHub } from '../services/hub/hub.ts';
import { readConfig } from '../services/runtime/config.ts';
import { silentLogger } from '../services/runtime/logger.ts';
import { type Double, startDouble } from './kurrentdb/double.ts';
import { type PostgresForTests, postgresForTests } from './postgres-for-tests.ts';

const password = 'adminadmin';
const clients: MqttClient[] = [];
let postgres: PostgresForTests;
let server: Double;
let hubs: Record<'first' | 'second' | 'projections' | 'orders' | 'api', RunningHub>;
let api: HubClient;
let startRole: (role: string) => Promise<RunningHub>;

beforeAll(async () => {
  postgres = await postgresForTests();
  server = await startDouble({ scheme: 'kurrentdb' });
  const env = {
    ...{ HUB_MQTT_PORT: '0', HUB_HTTP_PORT: '0', HUB_HOST: '127.0.0.1', HUB_ADMIN_PASSWORD: password },
    DATABASE_URL: await postgres.newDatabase(),
    EVENT_LOG_URL: server.url,
  };
  startRole = (role) => startHub(readConfig({ ...env, HUB_ROLES: role }), silentLogger);
  // All at once on an empty database, as Compose does it.
  const [first, second, projections, orders, apiHub] = await Promise.all(
    ['ingest', 'ingest', 'projections', 'work-orders', 'api'].map((role) => startRole(role)),
  );
  hubs = { first: first!, second: second!, projections: projections!, orders: orders!, api: apiHub! };
  api = await connectHub(`http://127.0.0.1:${hubs.api.httpPort}`, 'admin', password);
}, 60_000);
afterAll(async () => {
  for (const client of clients) client.end(true);
  await Promise.all(Object.values(hubs ?? {}).map((hub) => hub.stop()));
  server?.stop();
  await postgres?.stop();
}, 30_000);

test('one hub over five processes: two that take messages in, one order for one fault, and a sealed log', async () => {
  await registerOnce(api, '/api/compounds', { id: 'garden', name: '花园', profile: 'retrofit', households: 3 });
  const gate = { id: 'gate-1', compound: 'garden', kind: 'access-gate', name: '北门' };
  const credential = await registerWithCredential(api, gate);
  const connect = async ({ mqttPort }: RunningHub): Promise<MqttClient> => {
    let client: MqttClient | undefined;
    await until(30, 'the credential in every process', async () => {
      client = await connectMqtt(`mqtt://127.0.0.1:${mqttPort}`, credential).catch(() => undefined);
      return client !== undefined;
    });
    clients.push(client!);
    return client!;
  };
  for (const hub of [hubs.first, hubs.second]) {
    const client = await connect(hub);
    await client.publishAsync('xy/v1/garden/gate-1/events', '{"type":"gate.forced-open"}', { qos: 1 });
  }
  const orders = async () => (await api.get<{ items: { code: string }[] }>('/api/work-orders?device=gate-1')).items;
  await until(30, 'the order', async () => (await orders()).length > 0);

  // What happens while no process tells anything is told by the next one.
  await Promise.all([hubs.first.stop(), hubs.second.stop()]);
  const [{ id } = { id: '' }] = (await api.get<{ items: { id: string }[] }>('/api/work-orders?device=gate-1')).items;
  await api.post(`/api/work-orders/${id}/acknowledge`);
  hubs.first = await startRole('ingest');
  const office = await connectMqtt(`mqtt://127.0.0.1:${hubs.first.mqttPort}`, { username: 'admin', password });
  clients.push(office);
  const told: { type: string; subject: string }[] = [];
  office.on('message', (_topic, payload) => void told.push(JSON.parse(payload.toString()) as (typeof told)[number]));
  await office.subscribeAsync('xy/v1/garden/work-orders', { qos: 1 });
  await until(30, 'the acknowledgement', async () =>
    told.some(({ type, subject }) => type === 'work-order.acknowledged' && subject === id),
  );

  // The log is read every second, and what was read is sealed at the stop; else it takes a minute.
  await sleep(2_500);
  await hubs.projections.stop();
  const verdict = await api.get<{ ok: boolean; events: number }>('/api/log/verify');
  expect(verdict.ok).toBe(true);
  expect(verdict.events).toBeGreaterThan(0);
  expect((await orders()).map(({ code }) => code)).toEqual(['forced-open']);

  // A process that doesn't seal by itself shows what nobody has sealed yet.
  const head = await api.get<{ position: string; hash: string }>('/api/log/head');
  await api.post(`/api/work-orders/${id}/note`, { text: '等配件' });
  const bundle = await api.get<string>(
    `/api/compounds/garden/rating/criteria/ACC-4/evidence/bundle?head=${encodeURIComponent(head.position)}`,
  );
  const whole = async function* () {
    yield Buffer.from(bundle);
  };
  const shown = await checkBundle(whole(), { heads: [head.hash] });
  expect(shown).toMatchObject({ fault: null, headsMissed: [], header: { proof: 'merkle' } });
  expect(shown.counts.events).toBeGreaterThan(0);
}, 60_000);
