import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const script = join(import.meta.dirname, '../../infra/secrets/create.sh');
const folder = mkdtempSync(join(tmpdir(), 'xingyuan-secrets-'));
const settings = join(folder, '.env');
const certificate = (name: string): string => join(folder, 'infra/secrets/generated', name);
const read = (path: string): string => readFileSync(path, 'utf8');
const create = (): string => {
  const { status, stdout, stderr } = spawnSync('bash', [script, folder], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
};

beforeAll(() => void create());
afterAll(() => rmSync(folder, { recursive: true }));

test('nobody else may read what is secret', () => {
  for (const path of [settings, certificate('ca.key'), certificate('kurrentdb.key')])
    expect(statSync(path).mode & 0o777).toBe(0o600);
  chmodSync(settings, 0o644);
  create();
  expect(statSync(settings).mode & 0o777).toBe(0o600);
});

test('passwords are long, and no two are the same', () => {
  const passwords = [...read(settings).matchAll(/^\w+_PASSWORD=(.*)$/gm)].map(([, password]) => password);
  expect(passwords.length).toBeGreaterThan(5);
  expect(passwords.filter((password) => !/^[0-9a-f]{48}$/.test(password!))).toEqual([]);
  expect(new Set(passwords).size).toBe(passwords.length);
});

test('a second run changes nothing', () => {
  const paths = [settings, certificate('ca.crt'), certificate('kurrentdb.crt'), certificate('kurrentdb.key')];
  const before = paths.map(read);
  expect(create()).toBe('Nothing to do: every password and certificate is there.\n');
  expect(paths.map(read)).toEqual(before);
});

test('adds what is missing and keeps what a person wrote', () => {
  const kept = read(settings).replace(/^GRAFANA_ADMIN_PASSWORD=.*\n/m, '');
  writeFileSync(settings, kept);
  appendFileSync(settings, 'MQTT_PORT=2883');
  expect(create()).toBe('.env: made GRAFANA_ADMIN_PASSWORD\n');
  expect(read(settings)).toMatch(/MQTT_PORT=2883\nGRAFANA_ADMIN_PASSWORD=[0-9a-f]{48}\n$/);
  expect(read(settings).startsWith(kept)).toBe(true);
});

test('a certificate that is of no use is made anew by the same authority', () => {
  const authority = read(certificate('ca.crt'));
  writeFileSync(certificate('kurrentdb.crt'), 'nonsense');
  expect(create()).toContain('made the certificate of KurrentDB');
  expect(read(certificate('ca.crt'))).toBe(authority);
  expect(new X509Certificate(read(certificate('kurrentdb.crt'))).keyUsage).toEqual([
    '1.3.6.1.5.5.7.3.1',
    '1.3.6.1.5.5.7.3.2',
  ]);
});

test('a client that knows the authority trusts KurrentDB by its name, and by no other', async () => {
  const server = createServer({ cert: read(certificate('kurrentdb.crt')), key: read(certificate('kurrentdb.key')) });
  server.on('tlsClientError', () => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const reach = (servername: string, ca?: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, servername, ca }, () => {
        resolve('trusted');
        socket.destroy();
      });
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  try {
    const ca = read(certificate('ca.crt'));
    expect(await reach('kurrentdb', ca)).toBe('trusted');
    expect(await reach('localhost', ca)).toBe('trusted');
    expect(await reach('another', ca)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await reach('kurrentdb')).not.toBe('trusted');
  } finally {
    server.close();
  }
});
