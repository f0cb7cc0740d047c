import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorityKeysIn } from './authority-keys.ts';
import {
  bringAuthority,
  type CertificateParts,
  type IssuedToDevice,
  issueCertificate,
  issueCertificates,
  makeAuthority,
  removeAuthority,
  revokeCertificate,
} from './certificate-commands.ts';
import { authorityFor } from './certificates-for-tests.ts';
import { registerCompound, registerDevice, retireDevice } from './commands.ts';
import { judgeCertificate, serialOf } from './device-certificate.ts';
import { createRegistry, gate, harbourView, meta, refusalOf } from './registry-for-tests.ts';

const nowMs = Date.parse(meta.occurredAt);
const dayMs = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'registry-certificates-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Two compounds with a gate each, and an authority of the hub's own for the first. */
const createCompounds = async () => {
  const parts: CertificateParts = { ...(await createRegistry()), authorityKeys: authorityKeysIn(folder) };
  await registerCompound(parts, harbourView({ id: 'next-door' }), meta);
  await registerDevice(parts, gate(), meta);
  await registerDevice(parts, gate({ id: 'gate-2', compound: 'next-door' }), meta);
  const authority = await makeAuthority(parts, 'harbour-view', meta);
  const judge = (certificate: string, name: string, at = nowMs) => {
    const presented = { x509: new X509Certificate(certificate), name, isOperators: false };
    const judged = judgeCertificate(parts.index, presented, at);
    return 'problem' in judged ? judged.problem : judged.serial;
  };
  const issue = (id: string, days = 30): Promise<IssuedToDevice> => issueCertificate(parts, id, { days }, meta);
  return { parts, authority, judge, issue };
};

test('a certificate speaks for its device, in its time, with the key that was told with it', async () => {
  const { judge, issue, authority, parts } = await createCompounds();
  const { certificate, key, serial, validTo } = await issue('gate-1');
  const x509 = new X509Certificate(certificate);
  expect(x509.checkPrivateKey(createPrivateKey(key!))).toBe(true);
  expect(validTo).toBe(new Date(nowMs + 30 * dayMs).toISOString());
  expect(judge(certificate, 'gate-1')).toBe(serial);
  expect(judge(certificate, 'gate-1', nowMs + 31 * dayMs)).toMatch(/expired on/);
  expect(judge(certificate, 'gate-1', nowMs - dayMs)).toMatch(/valid only from/);
  // Only what is public is in the log, and the authority's key is its owner's alone.
  expect(JSON.stringify(await parts.log.readAll(null, 100))).not.toContain('PRIVATE');
  expect(statSync(join(folder, 'authorities', `${authority.authority}.pem`)).mode & 0o777).toBe(0o600);
});

test('a certificate of one compound never speaks for a device of another', async () => {
  const { parts, judge, issue } = await createCompounds();
  const { certificate } = await issue('gate-1');
  expect(judge(certificate, 'gate-2')).toMatch(/no authority that speaks for gate-2 has signed it/);
  // Not even one that was brought under the other authority's name, and signs for its device's id.
  const [name] = parts.index.authoritiesOf('harbour-view').map((each) => new X509Certificate(each.certificate).subject);
  const same = [
    '-subj',
    `/O=${name!.split('O=')[1]!.split('\n')[0]}/${name!.split('\n').find((part) => part.startsWith('CN'))}`,
  ];
  const file = (what: string): string => join(folder, what);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout'];
  execFileSync('openssl', ['req', '-x509', ...key, file('k'), '-out', file('ca'), '-days', '9999', ...same], {
    stdio: 'ignore',
  });
  await bringAuthority(parts, 'next-door', readFileSync(file('ca'), 'utf8'), meta);
  execFileSync('openssl', ['req', ...key, file('k2'), '-out', file('csr'), '-subj', '/CN=gate-1'], { stdio: 'ignore' });
  const signing = ['-CA', file('ca'), '-CAkey', file('k'), '-set_serial', '7', '-days', '1'];
  execFileSync('openssl', ['x509', '-req', '-in', file('csr'), ...signing, '-out', file('crt')], { stdio: 'ignore' });
  const forged = readFileSync(file('crt'), 'utf8');
  const today = Date.parse(new X509Certificate(forged).validFrom);
  expect(judge(forged, 'gate-1', today)).toMatch(/no authority that speaks for gate-1 has signed it/);
});

test('two count at once, until one is revoked; none counts of an authority that was removed', async () => {
  const { parts, judge, issue, authority } = await createCompounds();
  const [first, second] = [await issue('gate-1'), await issue('gate-1')];
  expect([first, second].map(({ certificate }) => judge(certificate, 'gate-1'))).toEqual([first.serial, second.serial]);
  await revokeCertificate(parts, 'gate-1', first.serial.toLowerCase().replace(/(..)(?=.)/g, '$1:'), meta);
  expect(judge(first.certificate, 'gate-1')).toBe(`the certificate ${first.serial} was revoked`);
  expect(judge(second.certificate, 'gate-1')).toBe(second.serial);
  await removeAuthority(parts, 'harbour-view', authority.authority, meta);
  expect(judge(second.certificate, 'gate-1')).toMatch(/has signed it/);
});

test('of a retired device, and of one behind a gateway, none counts', async () => {
  const { parts, judge, issue } = await createCompounds();
  const { certificate } = await issue('gate-1');
  await retireDevice(parts, 'gate-1', undefined, meta);
  expect(judge(certificate, 'gate-1')).toMatch(/no device gate-1 is registered/);
  await registerDevice(parts, gate({ id: 'site', kind: 'gateway', dialect: 'bees' }), meta);
  await registerDevice(parts, gate({ id: 'gate-3', gateway: 'site' }), meta);
  expect(await refusalOf(issue('gate-3'))).toMatch(/^certificate.not-fitting/);
});

test('many at once, each with its own key', async () => {
  const { parts, judge } = await createCompounds();
  await registerDevice(parts, gate({ id: 'gate-3' }), meta);
  const devices = parts.index.devicesOf('harbour-view');
  const all = await issueCertificates(parts, 'harbour-view', devices, { days: 1 }, meta);
  expect(all.map(({ device, certificate }) => judge(certificate, device))).toEqual(all.map(({ serial }) => serial));
  expect(new Set(all.map(({ key }) => key)).size).toBe(2);
});

test('a request is signed with its own key, and only of that its sender holds', async () => {
  const { parts, judge } = await createCompounds();
  const newKey = ['-newkey', 'rsa:2048', '-nodes', '-keyout', '/dev/null', '-subj', '/CN=somebody-else'];
  const csr = execFileSync('openssl', ['req', ...newKey], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  const { certificate, key, serial } = await issueCertificate(parts, 'gate-1', { days: 1, csr }, meta);
  expect(key).toBeNull();
  expect(judge(certificate, 'gate-1')).toBe(serial);
  expect(new X509Certificate(certificate).subject).toBe('CN=gate-1');
  const [head, ...lines] = csr.trim().split('\n');
  const der = Buffer.from(lines.slice(0, -1).join(''), 'base64');
  der[der.length - 1]! ^= 1;
  const forged = [head, der.toString('base64'), lines.at(-1)].join('\n');
  for (const wrong of [forged, 'no request']) {
    expect(await refusalOf(issueCertificate(parts, 'gate-1', { days: 1, csr: wrong }, meta))).toBe(
      'certificate.not-fitting csr',
    );
  }
});

test('what can’t sign for devices is not taken for an authority, and nobody’s twice', async () => {
  const { parts, authority, issue } = await createCompounds();
  const { certificate, key } = await issue('gate-1');
  const bring = (compound: string, pem: string) => refusalOf(bringAuthority(parts, compound, pem, meta));
  expect(await bring('next-door', certificate)).toBe('authority.not-fitting certificate');
  expect(await bring('next-door', `${authority.certificate}\n${key}`)).toBe('authority.not-fitting certificate');
  expect(await bring('next-door', 'nothing')).toBe('authority.not-fitting certificate');
  const expired = await authorityFor('next-door', nowMs - 4_000 * dayMs);
  expect(await bring('next-door', expired.certificate)).toBe('authority.not-fitting certificate');
  expect(await bring('next-door', authority.certificate)).toMatch(/^authority.known/);
  expect(await bring('elsewhere', authority.certificate)).toMatch(/^compound.unknown/);
  expect(await refusalOf(issue('gate-2'))).toMatch(/^authority.none/);
  // One that signs elsewhere is trusted, but the hub can't sign with it.
  const brought = await authorityFor('next-door', nowMs);
  await bringAuthority(parts, 'next-door', brought.certificate, meta);
  expect(await refusalOf(issue('gate-2'))).toMatch(/^authority.none/);
  expect(judgeCertificate(parts.index, (await brought.sign('gate-2')).presented, nowMs)).toMatchObject({
    authority: brought.added.authority,
  });
});

test.each([
  ['0a:0B', '0A0B'],
  ['00 ff', 'FF'],
  ['abc', '0ABC'],
  ['7CDC', '7CDC'],
])('the serial %s is %s', (text, serial) => {
  expect(serialOf(text)).toBe(serial);
});
