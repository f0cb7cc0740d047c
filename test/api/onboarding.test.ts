import { connectAsync, type MqttClient } from 'mqtt';
import { excelType } from '../../services/api/excel.ts';
import { type Answer, adminPassword, startTestHub, type TestHub, until } from '../running-hub.ts';
import { excelFile } from './excel-file.ts';

interface Credential {
  username: string;
  password: string;
}

let hub: TestHub;
let authorization: string;
const clients: MqttClient[] = [];
beforeAll(async () => {
  hub = await startTestHub();
  authorization = `Bearer ${await hub.login('admin', adminPassword)}`;
  const compound = { id: 'harbour-view', name: 'Harbour View', profile: 'retrofit', households: 300 };
  await hub.call('POST', '/api/compounds', { body: compound });
});
afterAll(async () => {
  for (const client of clients) await client.endAsync(true);
  await hub.stop();
});

const connect = async ({ username, password }: Credential, clientId = username): Promise<MqttClient> => {
  const client = await connectAsync(hub.mqttUrl(), {
    username,
    password,
    clientId,
    protocolVersion: 5,
    reconnectPeriod: 0,
  });
  clients.push(client);
  return client;
};
const register = async (id: string): Promise<Credential> => {
  const body = { id, compound: 'harbour-view', kind: 'sensor', name: id };
  return ((await hub.call('POST', '/api/devices', { body })).body as { credential: Credential }).credential;
};
const post = async <Body>(path: string, body: unknown = {}): Promise<Body> =>
  (await hub.call('POST', path, { body })).body as Body;
const codeOf = ({ body }: Answer): string => (body as { code: string }).code;

interface Detail {
  credentialUsedAt: string | null;
  formerCredentialUntil: string | null;
}

describe('a credential', () => {
  test('is rotated without a gap: both count until the new one is used', async () => {
    const first = await register('pump-1');
    const connected = await connect(first);
    const second = await post<Credential>('/api/devices/pump-1/credential?formerHours=24');
    expect(connected.connected).toBe(true);
    expect((await hub.get<Detail>('/api/devices/pump-1')).formerCredentialUntil).not.toBeNull();
    await connect(first, 'again');
    await connect(second, 'new');
    await until('the end of the rotation', async () => {
      const { formerCredentialUntil } = await hub.get<Detail>('/api/devices/pump-1');
      return formerCredentialUntil === null;
    });
    await expect(connect(first, 'late')).rejects.toThrow();
    await until(
      'when it was used',
      async () => (await hub.get<Detail>('/api/devices/pump-1')).credentialUsedAt !== null,
    );
  });

  test('that is revoked ends its connections at once', async () => {
    const credential = await register('pump-2');
    const connected = await connect(credential);
    const closed = new Promise<void>((resolve) => void connected.once('close', () => resolve()));
    expect((await hub.call('DELETE', '/api/devices/pump-2/credential')).status).toBe(204);
    await closed;
    await expect(connect(credential)).rejects.toThrow();
  });
});

describe('an Excel file', () => {
  const header = ['id', 'compound', 'kind', 'name', 'ports'];
  const send = (rows: (string | number | null)[][], query: string) =>
    fetch(new URL(`/api/devices/import/excel?${query}`, hub.url()), {
      method: 'POST',
      headers: { authorization, 'content-type': excelType },
      body: new Uint8Array(excelFile([header, ...rows])),
    });

  test('shows what is wrong with each row and registers nothing until all fit', async () => {
    const rows = [
      ['post-1', 'harbour-view', 'charging-post', 'Post 1', 4],
      ['post-1', 'harbour-view', 'charging-post', 'Post 1 again', null],
      ['Post 2', 'harbour-view', 'charging-post', 'Post 2', null],
      ['post-3', 'nowhere', 'toaster', 'Post 3', 0],
      ['post-4', 'nowhere', 'camera', 'Post 4', null],
    ];
    const report = (await (await send(rows, 'dryRun=true')).json()) as { problems: { line: number; field: string }[] };
    expect(report.problems.map(({ line, field }) => `${line} ${field}`)).toEqual([
      ...['3 id', '4 id', '5 kind', '5 ports', '6 compound'],
    ]);
    expect((await hub.call('GET', '/api/devices/post-1')).status).toBe(404);
    const applied = await send([rows[0]!], 'format=csv');
    expect(applied.headers.get('content-disposition')).toContain('credentials.csv');
    const [, line] = (await applied.text()).split('\r\n');
    const [device, username, password] = line!.split(',');
    expect([device, username]).toEqual(['post-1', 'post-1']);
    await connect({ username: username!, password: password! });
    expect(await hub.get('/api/devices/post-1')).toMatchObject({ ports: 4 });
  });
  test('that is none is told so', async () => {
    const headers = { authorization, 'content-type': excelType };
    const url = new URL('/api/devices/import/excel', hub.url());
    const answer = await fetch(url, { method: 'POST', headers, body: 'id,kind' });
    expect(((await answer.json()) as { code: string }).code).toBe('excel.broken');
  });
});

test('credentials of many devices are issued anew as a file', async () => {
  const header = 'id,compound,kind,name';
  const rows = Array.from({ length: 250 }, (_, count) => `bulk-${count},harbour-view,camera,Camera ${count}`);
  const csv = [header, ...rows].join('\n');
  expect((await hub.call('POST', '/api/devices/import', { csv })).body).toMatchObject({ applied: true, rows: 250 });
  const { body } = await hub.call('POST', '/api/devices/credentials', {
    body: { compound: 'harbour-view', kind: 'camera' },
  });
  const lines = String(body).trim().split('\r\n');
  expect(lines).toHaveLength(251);
  const [, username, password] = lines.at(-1)!.split(',');
  await connect({ username: username!, password: password! });
  const none = await hub.call('POST', '/api/devices/credentials', {
    body: { compound: 'harbour-view', devices: ['x'] },
  });
  expect(codeOf(none)).toBe('device.unknown');
});

describe('enrolling', () => {
  const enrol = (body: Record<string, unknown>) => hub.call('POST', '/api/enrol', { body, token: null });
  interface Enrolled {
    device: string;
    credential: Credential;
  }

  test('a claim code gives a device its credential once, however it is typed', async () => {
    await register('lamp-1');
    const told = await post<{ code: string; qrText: string; qrSvg: string }>('/api/devices/lamp-1/claim-code');
    expect(told.qrText).toBe(`xingyuan:claim?${new URLSearchParams({ hub: hub.url(), code: told.code })}`);
    expect(told.qrSvg).toMatch(/^<svg/);
    const typed = told.code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    const { body } = await enrol({ code: typed });
    await connect((body as Enrolled).credential);
    expect(codeOf(await enrol({ code: told.code }))).toBe('enrolment.unknown');
    const [lost, kept] = [
      await post<{ code: string }>('/api/devices/lamp-1/claim-code'),
      await post<{ code: string }>('/api/devices/lamp-1/claim-code'),
    ];
    expect((await enrol({ code: lost.code })).status).toBe(403);
    expect((await enrol({ code: kept.code })).status).toBe(201);
  });

  test('a provisioning key registers so many gateways, and none once it is ended', async () => {
    const keys = '/api/compounds/harbour-view/provisioning-keys';
    const { key } = await post<{ key: string }>(keys, { gateways: 2, dialect: 'zigbee2mqtt' });
    expect(codeOf(await enrol({ code: key }))).toBe('enrolment.not-fitting');
    const { body } = await enrol({ code: key, serial: 'GW 00:17' });
    const { device, credential } = body as Enrolled;
    await connect(credential);
    expect(await hub.get(`/api/devices/${device}`)).toMatchObject({
      ...{
        id: 'harbour-view-gw-00-17',
        kind: 'gateway',
        dialect: 'zigbee2mqtt',
        externalId: 'GW 00:17',
        adopted: true,
      },
    });
    expect((await enrol({ code: key, serial: 'GW 00:17' })).status).toBe(409);
    expect((await enrol({ code: key, serial: 'GW 00:18' })).status).toBe(201);
    expect(codeOf(await enrol({ code: key, serial: 'GW 00:19' }))).toBe('enrolment.unknown');
    const other = await post<{ key: string }>(keys);
    expect((await hub.call('DELETE', keys)).status).toBe(200);
    expect(codeOf(await enrol({ code: other.key, serial: 'GW 00:20' }))).toBe('enrolment.unknown');
  });
});
