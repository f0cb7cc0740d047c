import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { MqttClient } from 'mqtt';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { startTestHub, type TestHub, until } from '../running-hub.ts';

const program = fileURLToPath(new URL('../../services/evidence/verify.ts', import.meta.url));
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

let hub: TestHub;
let folder: string;
const clients: MqttClient[] = [];
const evidence = '/api/compounds/garden/rating/criteria/ACC-5/evidence/bundle';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xingyuan-evidence-'));
  hub = await startTestHub();
  await hub.call('POST', '/api/compounds', {
    body: { id: 'garden', name: '花园小区', profile: 'retrofit', households: 9 },
  });
  for (const id of ['gate-1', 'gate-2']) {
    const device = { id, compound: 'garden', kind: 'access-gate', name: `门 ${id}` };
    const { body } = await hub.call('POST', '/api/devices', { body: device });
    clients.push(await hub.connect((body as { credential: { username: string; password: string } }).credential));
  }
  for (let passes = 0; passes < 6; passes += 1) {
    for (const [index, client] of clients.entries()) {
      const time = isoTime(systemClock.now());
      const payload = JSON.stringify({ type: 'gate.passed', time, seq: passes + 1, data: {} });
      await client.publishAsync(`xy/v1/garden/gate-${index + 1}/events`, payload, { qos: 1 });
    }
  }
  await until('the passes count', async () => {
    const { criteria } = await hub.get<{ criteria: { id: string; denominator: number | null }[] }>(
      '/api/compounds/garden/rating',
    );
    return criteria.find(({ id }) => id === 'ACC-5')?.denominator === 12;
  });
}, 60_000);
afterAll(async () => {
  for (const client of clients) client.end(true);
  await hub?.stop();
  await rm(folder, { recursive: true });
}, 60_000);

const save = async (query = ''): Promise<string> => {
  const { status, headers, body } = await hub.call('GET', `${evidence}${query}`);
  expect({ status, type: headers.get('content-type') }).toEqual({
    status: 200,
    type: 'application/jsonl; charset=utf-8',
  });
  expect(headers.get('content-disposition')).toMatch(/^attachment; filename="garden-ACC-5-\d{4}-\d\d-\d\d\.jsonl"$/);
  const file = join(folder, `${query.length}.jsonl`);
  await writeFile(file, body as string);
  return file;
};
/** As a stranger would: another process, in a folder of his own, with nothing in its environment. */
const verify = (file: string, ...words: string[]): Promise<{ code: number; said: string }> =>
  new Promise((resolve) => {
    const options = { cwd: folder, env: { PATH: process.env.PATH } };
    execFile(process.execPath, ['--import', loader, program, file, ...words], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    );
  });

test('a bundle is checked without the hub, against the key and the heads that were kept', async () => {
  const key = await hub.get<{ publicKey: string; fingerprint: string }>('/api/log/key');
  const kept = await hub.get<{ position: string; hash: string }>('/api/log/head');
  await clients[0]!.publishAsync(
    'xy/v1/garden/gate-1/events',
    JSON.stringify({ type: 'gate.passed', time: isoTime(systemClock.now()), seq: 99, data: {} }),
    { qos: 1 },
  );
  const file = await save(`?head=${kept.position}`);
  const { code, said } = await verify(file, '--key', key.fingerprint, '--head', `${kept.position}:${kept.hash}`);
  expect(said).toMatch(/花园小区 \(garden\)/);
  expect(said).toMatch(/ACC-5 .*60 /);
  expect(said).toMatch(/The bundle holds/);
  expect(said).toMatch(/\+ 1[23] events in \d+ commits stand word for word in the log/);
  expect(said).toMatch(/\+ The 2 contributions add up to the value/);
  expect(said).toMatch(/- That there were no other events/);
  expect(code).toBe(0);
  expect((await verify(file, '--key', key.publicKey)).code).toBe(0);
});

test('one that was changed, another key and another head are told apart, and end with 1', async () => {
  const file = await save();
  const text = await readFile(file, 'utf8');
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.includes('"kind":"event"'));
  const forged = join(folder, 'forged.jsonl');
  await writeFile(
    forged,
    lines.with(at, lines[at]!.replace('gate-1', 'gate-7').replace('gate-2', 'gate-7')).join('\n'),
  );
  const changed = await verify(forged);
  expect(changed.said).toContain('The bundle does not hold.');
  expect(changed.said).toMatch(new RegExp(`! Line ${at + 1}: the events don't lead to the root`));
  expect(changed.code).toBe(1);
  expect(await verify(file, '--key', 'f'.repeat(64))).toMatchObject({
    code: 1,
    said: expect.stringContaining('not the one you named'),
  });
  expect(await verify(file, '--head', `7:${'f'.repeat(64)}`)).toMatchObject({
    code: 1,
    said: expect.stringContaining('Nothing in it leads to the head'),
  });
  expect(await verify(join(folder, 'nothing.jsonl'))).toMatchObject({
    code: 1,
    said: expect.stringContaining('ENOENT'),
  });
  expect(await verify(file, '--head', 'soon')).toMatchObject({
    code: 1,
    said: expect.stringContaining('npm run verify-evidence'),
  });
});

test('with fewer events than there are it says of which items some are left out', async () => {
  const { said, code } = await verify(await save('?limit=7'));
  expect(said).toMatch(/\+ 7 events/);
  expect(said).toMatch(/of 1 contributions not all are here/);
  expect(code).toBe(0);
});

test('a criterion that the standard doesn’t have is not found', async () => {
  const { status, body } = await hub.call('GET', evidence.replace('ACC-5', 'ACC-9'));
  expect({ status, code: (body as { code: string }).code }).toEqual({ status: 404, code: 'rating.unknown-criterion' });
});
