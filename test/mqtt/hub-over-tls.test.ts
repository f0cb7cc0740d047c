import mqtt from 'mqtt';
import { type RunningHub, startHub } from '../../services/hub/hub.ts';
import { readConfig } from '../../services/runtime/config.ts';
import { silentLogger } from '../../services/runtime/logger.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { adminPassword } from '../running-hub.ts';
import { type Authority, createAuthority } from './certificates.ts';

let authority: Authority;
let postgres: PostgresForTests;
let url: string;
beforeAll(async () => {
  authority = createAuthority();
  postgres = await postgresForTests();
  url = await postgres.newDatabase();
});
afterAll(async () => {
  authority.remove();
  await postgres.stop();
});

const start = (settings: Record<string, string>): Promise<RunningHub> =>
  startHub(
    readConfig({
      ...{ HUB_MQTT_PORT: '0', HUB_HTTP_PORT: '0', HUB_HOST: '127.0.0.1', HUB_ADMIN_PASSWORD: adminPassword },
      ...{ DATABASE_URL: url, ...settings },
    }),
    silentLogger,
  );
const files = (): Record<string, string> => {
  const { keyFile, certFile } = authority.certificate('localhost');
  return { HUB_MQTT_TLS_KEY: keyFile, HUB_MQTT_TLS_CERT: certFile, HUB_MQTT_TLS_CA: authority.caFile };
};

test('a device speaks by its certificate alone, a person over WebSocket by a password', async () => {
  const hub = await start({ ...files(), HUB_MQTT_TLS_PORT: '0', HUB_MQTT_WS_PORT: '0' });
  try {
    const authorization = `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`;
    const post = async (path: string, body: object): Promise<void> => {
      const headers = { authorization, 'content-type': 'application/json' };
      const address = new URL(path, `http://127.0.0.1:${hub.httpPort}`);
      expect((await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) })).status).toBe(201);
    };
    await post('/api/compounds', { id: 'tls-garden', name: 'T', profile: 'new', households: 1 });
    const gate = { id: 'tls-gate', compound: 'tls-garden', kind: 'access-gate', dialect: 'canonical', name: 'g' };
    await post('/api/devices', gate);
    const { key, cert } = authority.certificate('tls-gate');
    const device = await mqtt.connectAsync(`mqtts://localhost:${hub.mqttTlsPort}`, {
      ...{ key, cert, ca: authority.ca, protocolVersion: 5, reconnectPeriod: 0 },
    });
    await device.publishAsync('xy/v1/tls-garden/tls-gate/events', '{"type":"gate.passed"}', { qos: 1 });
    const person = await mqtt.connectAsync(`ws://127.0.0.1:${hub.mqttWebSocketPort}/mqtt`, {
      ...{ username: 'admin', password: adminPassword, reconnectPeriod: 0 },
    });
    const heard = new Promise((resolve) => {
      person.on('message', (topic, payload) => resolve([topic, payload.toString()]));
    });
    await person.subscribeAsync('xy/v1/tls-garden/+/status', { qos: 1 });
    expect(await heard).toEqual(['xy/v1/tls-garden/tls-gate/status', 'online']);
    await Promise.all([device.endAsync(), person.endAsync()]);
  } finally {
    await hub.stop();
  }
});

test.each([
  ['the port alone', { HUB_MQTT_TLS_PORT: '0' }, /HUB_MQTT_TLS_KEY must name a PEM file/],
  ['a file without the port', { HUB_MQTT_TLS_CA: '/a/file' }, /Set HUB_MQTT_TLS_PORT/],
])('%s is refused at start', async (_, settings, message) => {
  await expect(start(settings)).rejects.toThrow(message);
});
