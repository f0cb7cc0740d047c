import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { RPCClient } from 'ocpp-rpc';
import {
  addAuthority,
  issueCertificate,
  issueCertificates,
  revokeCertificate,
} from '../../services/client/certificates.ts';
import type { CommandOptions } from '../../services/client/command.ts';
import { connectHub } from '../../services/client/hub-client.ts';
import { type RunningHub, startHub } from '../../services/hub/hub.ts';
import { certificatesOf } from '../../services/registry/certificate-queries.ts';
import { registrySnapshot } from '../../services/registry/read-model.ts';
import { createRegistryIndex } from '../../services/registry/registry-index.ts';
import { readConfig } from '../../services/runtime/config.ts';
import { silentLogger } from '../../services/runtime/logger.ts';
import { openPool } from '../../services/runtime/postgres.ts';
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

test('a device speaks by its certificate alone, a charging post over OCPP and a person over WebSocket by a password', async () => {
  const hub = await start({ ...files(), HUB_MQTT_TLS_PORT: '0', HUB_MQTT_WS_PORT: '0', HUB_OCPP_TLS_PORT: '0' });
  try {
    const authorization = `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`;
    const post = async (path: string, body: object): Promise<unknown> => {
      const headers = { authorization, 'content-type': 'application/json' };
      const address = new URL(path, `http://127.0.0.1:${hub.httpPort}`);
      const answer = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(answer.status).toBe(201);
      return answer.json();
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
    const registered = await post('/api/devices', {
      ...gate,
      id: 'tls-post',
      kind: 'charging-post',
      dialect: 'ocpp16',
    });
    const { credential } = registered as { credential: { username: string; password: string } };
    const options = {
      ...{ endpoint: `wss://localhost:${hub.ocppTlsPort}`, identity: 'tls-post', password: credential.password },
      ...{ protocols: ['ocpp1.6'], strictMode: true, reconnect: false, wsOpts: { ca: authority.ca } },
    };
    // Its types ask for every option, its code for two of them.
    const charging = new RPCClient(options as unknown as ConstructorParameters<typeof RPCClient>[0]);
    await charging.connect();
    const boot = { chargePointVendor: 'V', chargePointModel: 'M' };
    expect(await charging.call('BootNotification', boot)).toMatchObject({ status: 'Accepted' });
    await Promise.all([device.endAsync(), person.endAsync(), charging.close({})]);
  } finally {
    await hub.stop();
  }
});

test('a compound’s own authority, made while the hub runs: issued, used, renewed, revoked', async () => {
  const database = await postgres.newDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'xingyuan-certificates-'));
  const own = { DATABASE_URL: database, HUB_DATA_DIR: dataDir, HUB_MQTT_TLS_PORT: '0' };
  const hub = await start({ ...files(), ...own });
  const sql = openPool(database, { maxConnections: 1 });
  try {
    const client = await connectHub(`http://127.0.0.1:${hub.httpPort}`, 'admin', adminPassword);
    const options = { hub: `http://127.0.0.1:${hub.httpPort}`, user: 'admin', password: adminPassword, out: dataDir };
    const said: string[] = [];
    const run = (command: typeof addAuthority, words: string[], more: object = {}) =>
      command(words, { ...options, ...more } as CommandOptions, (line) => void said.push(line));
    await client.post('/api/compounds', { id: 'harbour-view', name: 'H', profile: 'new', households: 1 });
    await client.post('/api/devices', { id: 'gate-1', compound: 'harbour-view', kind: 'access-gate', name: 'g' });
    expect(await run(addAuthority, ['harbour-view'])).toBe(0);
    const written = () => readdirSync(dataDir).flatMap((file) => /^gate-1-(.*)\.crt$/.exec(file)?.[1] ?? []);
    const connect = async (serial: string) =>
      mqtt.connectAsync(`mqtts://localhost:${hub.mqttTlsPort}`, {
        key: readFileSync(join(dataDir, `gate-1-${serial}.key`)),
        cert: readFileSync(join(dataDir, `gate-1-${serial}.crt`)),
        ...{ ca: authority.ca, protocolVersion: 5, reconnectPeriod: 0 },
      });
    await run(issueCertificate, ['gate-1'], { days: '2' });
    const [serial] = written() as [string];
    const device = await connect(serial);
    await device.publishAsync('xy/v1/harbour-view/gate-1/events', '{"type":"gate.passed"}', { qos: 1 });
    const known = () => certificatesOf(sql, 'gate-1');
    while ((await known()).length === 0) await sleep(20);
    expect(await known()).toMatchObject([{ serial }]);
    await run(issueCertificates, [], { compound: 'harbour-view', 'ending-within': '3' });
    // Into the folder of the one before it, whose key nobody may write over.
    const renewed = written().find((each) => each !== serial)!;
    await (await connect(renewed)).endAsync();
    const gone = new Promise((resolve) => {
      device.once('close', () => resolve('gone'));
    });
    // The page lists the newest 100.
    await sql.query(
      `INSERT INTO hub.certificate_use (device, serial, used_at, valid_to)
       SELECT 'gate-1', 'F' || number, now(), now() FROM generate_series(100, 199) number`,
    );
    await run(revokeCertificate, ['gate-1', serial.replace(/(..)(?=.)/g, '$1:')]);
    expect(said.at(-1)).toMatch(/of gate-1 is revoked\.$/);
    await run(revokeCertificate, ['gate-1', '00']);
    expect(said.at(-1)).toContain('neither issued nor ever saw it');
    expect(await gone).toBe('gone');
    await expect(connect(serial)).rejects.toMatchObject({ code: 0x87 });
    await (await connect(renewed)).endAsync();
    while ((await known()).every(({ revokedAt }) => revokedAt === null)) await sleep(20);
    // What a start finds.
    const index = createRegistryIndex();
    index.load(await registrySnapshot(sql));
    expect(index.isRevoked('gate-1', serial)).toBe(true);
    expect(index.authoritiesOf('harbour-view')).toHaveLength(1);
  } finally {
    await sql.end();
    await hub.stop();
    rmSync(dataDir, { recursive: true });
  }
});

test.each([
  ['the port alone', { HUB_MQTT_TLS_PORT: '0' }, /HUB_MQTT_TLS_KEY must name a PEM file/],
  ['a file without the port', { HUB_MQTT_TLS_CA: '/a/file' }, /Set HUB_MQTT_TLS_PORT/],
])('%s is refused at start', async (_, settings, message) => {
  await expect(start(settings)).rejects.toThrow(message);
});
