import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import mqtt, { type IClientOptions } from 'mqtt';
import { generate } from 'mqtt-packet';
import { WebSocket } from 'ws';
import { type Authority, createAuthority } from '../../../test/mqtt/certificates.ts';
import { systemClock } from '../../runtime/clock.ts';
import { type Harness, startHarness, until } from './mqtt-harness.ts';
import { readTlsMaterial } from './tls-material.ts';

const login: IClientOptions = { username: 'gate-1', password: 'right', reconnectPeriod: 0 };
const host = '127.0.0.1';
let hub: Harness;
beforeEach(async () => {
  hub = await startHarness();
});
afterEach(() => hub.close());

describe('MQTT over WebSocket', () => {
  let port: number;
  beforeEach(async () => {
    ({ port } = await hub.server.listenWebSocket(0, host));
  });
  const open = (protocols: string[]) =>
    new Promise<WebSocket>((resolve, reject) => {
      const socket = new WebSocket(`ws://${host}:${port}/mqtt`, protocols);
      socket.once('open', () => resolve(socket)).once('error', reject);
    });

  test.each([4, 5] as const)('MQTT.js publishes and subscribes, protocol level %d', async (protocolVersion) => {
    const client = await mqtt.connectAsync(`ws://${host}:${port}/mqtt`, { ...login, protocolVersion });
    const heard: string[] = [];
    client.on('message', (_topic, payload) => heard.push(payload.toString()));
    await client.publishAsync('a', 'x'.repeat(200_000), { qos: 1 });
    await client.subscribeAsync('b', { qos: 1 });
    hub.server.deliver('b', 'hello', { qos: 1 });
    await until(() => heard.length === 1);
    expect(hub.application.texts()[0]).toHaveLength(200_000);
    await client.endAsync();
    await until(() => hub.server.connectionCount === 0);
    expect(hub.application.told.at(-1)).toMatch(/^disconnected \S+ goodbye$/);
  });

  test('the subprotocol mqtt is what is agreed on [MQTT-6.0.0-3] [MQTT-6.0.0-4]', async () => {
    const socket = await open(['other', 'mqtt']);
    expect(socket.protocol).toBe('mqtt');
    socket.terminate();
    await expect(open(['other'])).rejects.toThrow();
  });

  test('a text frame closes [MQTT-6.0.0-1]', async () => {
    const socket = await open(['mqtt']);
    const closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    socket.send('CONNECT');
    await closed;
    expect(hub.server.counters.packetsRejected).toBe(0);
  });

  test('packets need not begin where frames do [MQTT-6.0.0-2]', async () => {
    const socket = await open(['mqtt']);
    const answer = new Promise<Buffer>((resolve) => {
      socket.once('message', (data: Buffer) => resolve(data));
    });
    const password = Buffer.from('right');
    const bytes = generate({
      cmd: 'connect',
      clientId: 'bytes',
      clean: true,
      keepalive: 0,
      username: 'gate-1',
      password,
    });
    for (const byte of bytes) socket.send(Buffer.from([byte]));
    expect(await answer).toEqual(Buffer.from([0x20, 2, 0, 0]));
    socket.terminate();
  });

  test('whoever comes with plain HTTP is told what is spoken', async () => {
    const response = await fetch(`http://${host}:${port}/`);
    expect([response.status, await response.text()]).toEqual([426, expect.stringContaining('subprotocol mqtt')]);
  });
});

describe('MQTT over TLS', () => {
  let authority: Authority;
  let stranger: Authority;
  let server: ReturnType<Authority['certificate']>;
  beforeAll(() => {
    authority = createAuthority();
    stranger = createAuthority();
    server = authority.certificate('localhost');
  });
  afterAll(() => {
    authority.remove();
    stranger.remove();
  });
  const url = async (withAuthority: boolean): Promise<string> => {
    const files = { key: server.keyFile, cert: server.certFile };
    const material = readTlsMaterial(
      { ...files, authority: withAuthority ? authority.caFile : undefined },
      systemClock.now(),
    );
    const { port } = await hub.server.listenTls(material, 0, host);
    return `mqtts://localhost:${port}`;
  };
  const withCertificate = ({ key, cert }: { key: Buffer; cert: Buffer }, more: IClientOptions = {}) => ({
    ...{ key, cert, ca: authority.ca, reconnectPeriod: 0, protocolVersion: 5 as const },
    ...more,
  });
  const authenticatedAs = (): (string | undefined)[] => {
    const names: (string | undefined)[] = [];
    hub.application.authenticate = async (username, _password, connection) => {
      const { certificate } = connection!;
      names.push(certificate?.name);
      if (certificate?.operatorsProblem !== undefined) return { turnedAway: certificate.operatorsProblem };
      return { kind: 'device', id: certificate?.name ?? username ?? 'nobody' };
    };
    return names;
  };

  test('a password will do where no authority is configured', async () => {
    const client = await mqtt.connectAsync(await url(false), { ...login, ca: authority.ca });
    await client.publishAsync('a', 'b', { qos: 1 });
    await client.endAsync();
  });

  test('a certificate of the authority names the device', async () => {
    const names = authenticatedAs();
    const client = await mqtt.connectAsync(await url(true), withCertificate(authority.certificate('gate-7')));
    await client.publishAsync('a', 'b', { qos: 1 });
    expect(names).toEqual(['gate-7']);
    expect(hub.application.published[0]!.principal.id).toBe('gate-7');
    await client.endAsync();
  });

  test('a client without a certificate is asked for its password', async () => {
    const names = authenticatedAs();
    const client = await mqtt.connectAsync(await url(true), { ...login, ca: authority.ca });
    expect(names).toEqual([undefined]);
    await client.endAsync();
  });

  test.each([
    ['of another authority', () => stranger.certificate('gate-7'), /CERT_SIGNATURE_FAILURE/],
    ['that has expired', () => authority.certificate('gate-7', -1), /CERT_HAS_EXPIRED/],
  ])('a certificate %s is refused by a CONNACK that says so', async (_, certificate, reason) => {
    const names = authenticatedAs();
    const refused = await new Promise<{ code: unknown; text: unknown }>((resolve) => {
      url(true).then((address) => {
        const client = mqtt.connect(address, withCertificate(certificate(), { username: 'gate-1', password: 'right' }));
        client.on('error', () => undefined);
        client.on('packetreceive', (packet) => {
          if (packet.cmd === 'connack') resolve({ code: packet.reasonCode, text: packet.properties?.reasonString });
          client.end(true);
        });
      });
    });
    expect(refused).toEqual({ code: 0x87, text: expect.stringMatching(reason) });
    expect(names).toEqual(['gate-7']);
  });

  test('who does not speak TLS is turned away, and the next is served', async () => {
    const address = await url(true);
    const socket = connect(Number(new URL(address).port), host);
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await closed;
    expect(hub.server.counters.connectionsRefused).toBe(1);
    const client = await mqtt.connectAsync(address, { ...login, ca: authority.ca });
    await client.endAsync();
  });

  test.each([
    ['no key', { key: undefined }, /HUB_MQTT_TLS_PORT is set, so HUB_MQTT_TLS_KEY must name/],
    ['a file that is not there', { cert: '/nowhere/cert.pem' }, /HUB_MQTT_TLS_CERT: \/nowhere\/cert.pem can't be read/],
    ['a key of another certificate', { key: 'other' }, /HUB_MQTT_TLS_KEY: .* is not the private key of/],
    ['a certificate that has expired', { cert: 'expired' }, /HUB_MQTT_TLS_CERT: .* expired on .* Renew it/],
    ['a key in place of a certificate', { cert: 'key' }, /HUB_MQTT_TLS_CERT: .* holds no certificate/],
    ['an authority that is none', { authority: 'key' }, /HUB_MQTT_TLS_CA: .* holds no certificate/],
  ])('%s is refused at start, with the variable and the remedy', (_, wrong, message) => {
    const paths: Record<string, string> = {
      other: authority.certificate('other').keyFile,
      expired: authority.certificate('localhost', -1).certFile,
      key: server.keyFile,
    };
    const named = Object.fromEntries(
      Object.entries(wrong).map(([file, path]) => [file, path === undefined ? path : (paths[path] ?? path)]),
    );
    const files = { key: server.keyFile, cert: server.certFile, authority: undefined, ...named };
    expect(() => readTlsMaterial(files, systemClock.now())).toThrow(message);
  });
});
