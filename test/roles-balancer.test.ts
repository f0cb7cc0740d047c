import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import {
  connectHub,
  connectMqtt,
  type HubClient,
  registerOnce,
  registerWithCredential,
  until,
} from '../services/client/hub-client.ts';
import type { RecordedEvent } from '../services/event-log/event.ts';
import type { EventLog } from '../services/event-log/event-log.ts';
import { openEventLog } from '../services/event-log/open.ts';
import { type RunningHub, startHub } from '../services/hub/hub.ts';
import { systemClock } from '../services/runtime/clock.ts';
import { readConfig } from '../services/runtime/config.ts';
import { silentLogger } from '../services/runtime/logger.ts';
import { type Double, startDouble } from './kurrentdb/double.ts';
import { type PostgresForTests, postgresForTests } from './postgres-for-tests.ts';
import { startBalancer } from './tcp-balancer.ts';

const password = 'adminadmin';
const gates = ['gate-1', 'gate-2', 'gate-3', 'gate-4', 'gate-5', 'gate-6'];
const stops: (() => unknown)[] = [];
let postgres: PostgresForTests;
let server: Double;
let balancer: Awaited<ReturnType<typeof startBalancer>>;
let log: EventLog;
let api: HubClient;
let near: RunningHub;
let far: { mqttPort: number; kill(): Promise<void> };
const credentials = new Map<string, { username: string; password: string }>();

/** An ingest in a process of its own, so that it can be killed. */
const startFarIngest = async (env: Record<string, string>) => {
  const hub = spawn(process.execPath, ['--import', 'tsx', 'services/hub/main.ts'], {
    cwd: `${import.meta.dirname}/..`,
    env: { ...process.env, ...env, HUB_ROLES: 'ingest', HUB_LOG_LEVEL: 'warn' },
  });
  const gone = new Promise<void>((resolve) => hub.once('exit', () => resolve()));
  const kill = async (): Promise<void> => {
    hub.kill('SIGKILL');
    await gone;
  };
  stops.push(kill);
  let said = '';
  for (const stream of [hub.stdout, hub.stderr]) stream.on('data', (chunk) => (said += chunk));
  const port = (): string | undefined => /mqtt:\/\/localhost:(\d+)/.exec(said)?.[1];
  await until(80, 'the ingest in a process of its own', async () => {
    if (hub.exitCode !== null) throw new Error(said);
    return port() !== undefined;
  });
  return { mqttPort: Number(port()), kill };
};

beforeAll(async () => {
  postgres = await postgresForTests();
  server = await startDouble({ scheme: 'kurrentdb' });
  const env = {
    ...{ HUB_MQTT_PORT: '0', HUB_HTTP_PORT: '0', HUB_HOST: '127.0.0.1', HUB_ADMIN_PASSWORD: password },
    ...{ DATABASE_URL: await postgres.newDatabase(), EVENT_LOG_URL: server.url },
  };
  const start = async (roles: string): Promise<RunningHub> => {
    const hub = await startHub(readConfig({ ...env, HUB_ROLES: roles }), silentLogger);
    stops.push(hub.stop);
    return hub;
  };
  const office = await start('projections,work-orders,api');
  api = await connectHub(`http://127.0.0.1:${office.httpPort}`, 'admin', password);
  await registerOnce(api, '/api/compounds', { id: 'garden', name: '花园', profile: 'retrofit', households: 3 });
  const gateway = { id: 'z2m', kind: 'gateway', dialect: 'zigbee2mqtt', name: '网关' };
  for (const device of [...gates.map((id) => ({ id, kind: 'access-gate', name: id })), gateway]) {
    credentials.set(device.id, await registerWithCredential(api, { ...device, compound: 'garden' } as { id: string }));
  }
  near = await start('ingest');
  far = await startFarIngest(env);
  balancer = await startBalancer([near.mqttPort!, far.mqttPort]);
  ({ log } = await openEventLog(server.url, { clock: systemClock, readOnly: true }));
}, 180_000);
afterAll(async () => {
  await balancer?.stop();
  await log?.close();
  await Promise.all(stops.map((stop) => stop()));
  server?.stop();
  await postgres?.stop();
}, 30_000);

const connect = (id: string): Promise<MqttClient> => connectMqtt(balancer.url, credentials.get(id)!);
const whole = (): Promise<RecordedEvent[]> => log.readAll(null, 100_000);

test('a gateway that goes from one to the other is understood by both, and every change of state is one', async () => {
  const say = async (client: MqttClient, topic: string, payload: unknown): Promise<void> => {
    await client.publishAsync(`zigbee2mqtt/${topic}`, JSON.stringify(payload), { qos: 1 });
  };
  // Each stay ends right after its last acknowledgement; round robin leads to the other process.
  const before = [near.mqttPort!, far.mqttPort].map(balancer.taken);
  for (let stay = 0; stay < 12; stay += 1) {
    const client = await connect('z2m');
    const name = `door ${Math.floor(stay / 4)}`;
    // Renamed now and then: only the list tells that it is the same door.
    if (stay % 4 === 0) await say(client, 'bridge/devices', [{ friendly_name: name, ieee_address: '0x00124B0001' }]);
    else await say(client, name, { tamper: stay % 2 === 1 });
    await client.endAsync();
  }
  const after = [near.mqttPort!, far.mqttPort].map(balancer.taken);
  expect(after.map((count, index) => count - before[index]!)).toEqual([6, 6]);

  const events = await whole();
  const adopted = events.filter(({ type, data }) => type === 'device.registered' && (data as Adopted).adopted);
  expect(adopted.map(({ data }) => (data as Adopted).externalId)).toEqual(['0x00124b0001']);
  const tampered = events.filter(({ type }) => type === 'device.tampered');
  expect(tampered.map(({ data }) => (data as { active: boolean }).active)).toEqual(
    // On, off, on at each name; the last "on" still stands when the next name begins with it.
    [true, false, true, false, true, false, true].slice(0, tampered.length),
  );
  expect(tampered.length).toBe(7);
}, 120_000);

test('when one is killed, all go on at the other, and what was acknowledged is stored once', async () => {
  const clients = await Promise.all(gates.map(connect));
  const dark = { acknowledged: new Set<string>(), sent: 0 };
  let killed = false;
  const speak = async (client: MqttClient, id: string): Promise<void> => {
    for (let turn = 0; turn < 60; turn += 1) {
      const source = `${id}-${turn}`;
      const payload = JSON.stringify({ type: 'gate.passed', id: source, data: { direction: 'in' } });
      dark.sent += 1;
      // The client sends again, on its next connection, what was not acknowledged.
      await client.publishAsync(`xy/v1/garden/${id}/events`, payload, { qos: 1 });
      dark.acknowledged.add(source);
      if (dark.acknowledged.size >= 100 && !killed) {
        killed = true;
        await far.kill();
      }
      await sleep(5);
    }
  };
  const atFarBefore = balancer.taken(far.mqttPort);
  await Promise.all(clients.map((client, index) => speak(client, gates[index]!)));
  for (const client of clients) await client.endAsync();

  expect(atFarBefore).toBeGreaterThan(0);
  expect(killed).toBe(true);
  expect(dark.acknowledged.size).toBe(gates.length * 60);
  const stored = (await whole()).filter(({ type }) => type === 'gate.passed').map(({ meta }) => meta.sourceId);
  expect(stored.length).toBe(new Set(stored).size);
  expect(new Set(stored)).toEqual(dark.acknowledged);
  // In the order in which each gate said it, over the change of process too.
  for (const id of gates) {
    const own = stored.filter((source) => source?.startsWith(`${id}-`)).map((source) => Number(source!.split('-')[2]));
    expect(own).toEqual([...own].sort((left, right) => left - right));
  }
}, 120_000);

interface Adopted {
  adopted: boolean;
  externalId: string;
}
