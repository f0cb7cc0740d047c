import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerCredentials } from '@grpc/grpc-js';
import { openEventLog } from '../../services/event-log/open.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { StartRefused } from '../../services/runtime/start-refused.ts';
import { type DoubleOptions, startDouble } from './double.ts';
import type { Scheme } from './stubs.ts';

const clock = systemClock;
const parts = { clock, startSeconds: 1 };

const refusalOf = async (url: string): Promise<string> => {
  const error: unknown = await openEventLog(url, parts).then(
    async ({ log }) => log.close(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StartRefused);
  const { message } = error as StartRefused;
  expect(message).toMatch(/^EVENT_LOG_URL/);
  return message;
};

const run = (...command: string[]): void => {
  execFileSync('openssl', command, { stdio: 'ignore' });
};
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout'];

/** A certificate for localhost that ends after so many days, of a CA of its own. */
const certificate = (folder: string, days: number) => {
  const file = (ending: string): string => join(folder, `${days}.${ending}`);
  const [caKey, caFile, key, request, names, cert] = ['ca.key', 'ca.crt', 'key', 'csr', 'ext', 'crt'].map(file) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  run(
    'req',
    '-x509',
    ...newKey,
    caKey,
    '-out',
    caFile,
    '-days',
    '2',
    '-subj',
    '/CN=ca',
    '-addext',
    'keyUsage=keyCertSign',
  );
  run('req', ...newKey, key, '-out', request, '-subj', '/CN=localhost');
  writeFileSync(names, 'subjectAltName=DNS:localhost');
  const signed = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial', '-days', String(days), '-extfile', names];
  run('x509', '-req', '-in', request, ...signed, '-out', cert);
  const pair = { private_key: readFileSync(key), cert_chain: readFileSync(cert) };
  return { file: caFile, credentials: ServerCredentials.createSsl(null, [pair]) };
};

const refusals = (scheme: Scheme): void => {
  const withDouble = async (
    options: Partial<DoubleOptions>,
    work: (double: Awaited<ReturnType<typeof startDouble>>) => Promise<void>,
  ) => {
    const double = await startDouble({ scheme, ...options });
    try {
      await work(double);
    } finally {
      double.stop();
    }
  };

  test('nobody listens', async () => {
    const double = await startDouble({ scheme });
    double.stop();
    const message = await refusalOf(double.url);
    expect(message).toMatch(/no server has answered within 1 s: start it, or look at host and port/);
  });

  test('a server that is too old', () =>
    withDouble({ version: '22.10.3' }, async ({ url }) => {
      expect(await refusalOf(url)).toMatch(/version 22\.10\.3; the hub needs EventStoreDB 23\.10 or newer/);
    }));

  test('user or password are wrong', () =>
    withDouble({}, async (double) => {
      double.refuseReads('access-denied');
      const message = await refusalOf(double.url.replace('//', '//hub:secret-word@'));
      expect(message).toMatch(/refuses user or password/);
      expect(message).not.toMatch('secret-word');
    }));

  test('a cluster without a leader', () =>
    withDouble({}, async (double) => {
      double.refuseReads('not-ready');
      expect(await refusalOf(double.url)).toMatch(/not ready to serve within 1 s.*more than half/);
    }));

  test('a server that is there a little later is waited for', () =>
    withDouble({}, async (double) => {
      double.refuseReads('not-ready');
      setTimeout(() => double.refuseReads(undefined), 300);
      const { log } = await openEventLog(double.url, parts);
      await log.close();
    }));

  test('an address that makes no sense, without its password in the message', async () => {
    const message = await refusalOf(`${scheme}://hub:secret-word@127.0.0.1:port`);
    expect(message).toMatch(/can't use this address/);
    expect(message).not.toMatch('secret-word');
  });

  test('a CA file that is not there', async () => {
    expect(await refusalOf(`${scheme}://localhost:1?tlsCAFile=/nowhere/ca.crt`)).toMatch(/certificate file/);
  });

  test('a setting that makes the client lie', async () => {
    expect(await refusalOf(`${scheme}://127.0.0.1:1?tls=false&throwOnAppendFailure=false`)).toMatch(/leave it out/);
  });

  test('the other client in the same process', async () => {
    const other = scheme === 'esdb' ? 'kurrentdb' : 'esdb';
    expect(await refusalOf(`${other}://127.0.0.1:1?tls=false`)).toMatch(/can't stand beside/);
  });

  test('opened for reading only, it does not append', () =>
    withDouble({}, async (double) => {
      const { log } = await openEventLog(double.url, { clock, readOnly: true });
      await expect(log.append([])).rejects.toThrow('reading only');
      await log.close();
    }));
};

const certificates = (scheme: Scheme): void => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hub-certificates-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const secured = async (days: number, settings: (file: string) => string): Promise<string> => {
    const { file, credentials } = certificate(folder, days);
    const double = await startDouble({ scheme, credentials });
    try {
      return await refusalOf(`${scheme}://hub:secret-word@localhost:${double.port}${settings(file)}`);
    } finally {
      double.stop();
    }
  };

  test('of a CA that is not known', async () => {
    expect(await secured(2, () => '')).toMatch(/CA that is not known here: name the CA's file with tlsCAFile/);
  });

  test('expired', async () => {
    expect(await secured(-1, (file) => `?tlsCAFile=${file}`)).toMatch(/certificate has expired/);
  });

  test('none, and the URL asks for TLS', async () => {
    const double = await startDouble({ scheme });
    expect(await refusalOf(`${scheme}://localhost:${double.port}`)).toMatch(/speaks without TLS/);
    double.stop();
  });

  test('the right one: the hub starts', async () => {
    const { file, credentials } = certificate(folder, 1);
    const double = await startDouble({ scheme, credentials });
    const { log } = await openEventLog(
      `${scheme}://hub:word@localhost:${double.port}?tlsCAFile=${file}&discoveryInterval=10`,
      parts,
    );
    expect(await log.readAll(null, 10)).toEqual([]);
    await log.close();
    double.stop();
  });
};

/** What a person reads who has given a wrong address, or a server that can't serve. */
export const startSuite = (scheme: Scheme): void => {
  describe(`${scheme}:// is refused at the start`, () => refusals(scheme));
  describe(`${scheme}:// and the server's certificate`, () => certificates(scheme));
};
