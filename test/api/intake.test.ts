import { deflateSync } from 'node:zlib';
import type { IntakeStatus } from '../../services/work-orders/intake-status.ts';
import { startTestHub, type TestHub, until } from '../running-hub.ts';

let hub: TestHub;
let token: string;

const issueToken = async (): Promise<string> => {
  const issued = (await hub.call('POST', '/api/compounds/garden/intake-token', { body: {} })).body as {
    token: string;
    path: string;
  };
  expect(issued.path).toBe(`/intake/${issued.token}`);
  expect(await hub.get('/api/compounds/garden/intake-token')).toEqual({ open: true, since: expect.any(String) });
  await until('the token is known', async () => (await ask('GET', `/api/intake/${issued.token}`)).status === 200);
  return issued.token;
};
/** As a resident: without an account. */
const ask = (method: string, path: string, body?: unknown) =>
  hub.call(method, path, { token: null, ...(body === undefined ? {} : { body }) });
const report = async (body: object): Promise<IntakeStatus> => {
  const answer = await ask('POST', `/api/intake/${token}`, body);
  expect(answer.status).toBe(201);
  return answer.body as IntakeStatus;
};
const orders = async () =>
  (await hub.get<{ items: { id: string; code: string; text: string | null }[] }>('/api/work-orders?state=all')).items;

beforeAll(async () => {
  hub = await startTestHub();
  const buildings = [{ id: 'b1', name: '1号楼' }];
  const positions = [{ id: 'lift-1', kind: 'lift', name: '1号楼电梯', building: 'b1' }];
  const compound = { id: 'garden', name: '花园', profile: 'retrofit', households: 10, buildings, positions };
  await hub.call('POST', '/api/compounds', { body: compound });
  token = await issueToken();
}, 60_000);
afterAll(() => hub?.stop());

/** One grey pixel, with a text that names somebody. */
const photo = (): Buffer => {
  const chunk = (type: string, data: Buffer): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    return Buffer.concat([head, Buffer.from(type, 'latin1'), data, Buffer.alloc(4)]);
  };
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])),
    chunk('tEXt', Buffer.from('Author\0Wang', 'latin1')),
    chunk('IDAT', deflateSync(Buffer.from([0, 128]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

test('a resident reports without an account, sees the progress and rates; the log names nobody', async () => {
  const body = {
    kind: 'repair',
    text: '电梯抖动，请打 13812345678',
    position: 'lift-1',
    place: '2 单元 1202',
    contact: '138 1234 5678',
    photo: photo().toString('base64'),
    requestId: '0b6f1c2e-55c1-4a9e-9a55-0a5b6f4f2d11',
  };
  const first = await report(body);
  expect(first).toMatchObject({ kind: 'repair', state: 'received', mayRate: false });
  expect((await report(body)).receipt).toBe(first.receipt);
  const order = await until('on the board', async () =>
    (await orders()).find(({ code }) => code === 'resident-repair'),
  );
  expect(await orders()).toHaveLength(1);
  const { items } = await hub.get<{ items: unknown[] }>(`/api/events?stream=work-order-${order.id}`);
  const told = JSON.stringify(items);
  for (const secret of ['1234', '1202', first.receipt, body.requestId]) expect(told).not.toContain(secret);
  expect(told).toMatch(/"actor":"resident:p-[0-9a-f]{20}"/);
  expect(told).toContain('电梯抖动，请打 ***');

  const sha256 = await until('its photo on the board', async () => {
    const detail = await hub.get(`/api/work-orders/${order.id}`);
    return JSON.stringify(detail).match(/"sha256":"([0-9a-f]{64})"/)?.[1];
  });
  const kept = await hub.call('GET', `/api/work-orders/${order.id}/photos/${sha256}`);
  expect(kept.body).not.toContain('Wang');

  expect(await hub.get(`/api/work-orders/${order.id}/reporter`)).toMatchObject({
    contact: body.contact,
    place: body.place,
    words: body.text,
  });
  for (const [command, data] of Object.entries({ acknowledge: {}, resolve: {} })) {
    await hub.call('POST', `/api/work-orders/${order.id}/${command}`, { body: data });
  }
  const receipt = `/api/intake/receipts/${first.receipt.toUpperCase()}`;
  expect((await ask('POST', `${receipt}/rating`, { score: 5 })).status).toBe(409);
  expect((await ask('POST', `${receipt}/confirm`, {})).body).toMatchObject({ state: 'done', mayConfirm: false });
  await hub.call('POST', `/api/work-orders/${order.id}/close`, { body: {} });
  expect((await ask('GET', receipt)).body).toMatchObject({ state: 'closed', mayRate: true });
  expect((await ask('POST', `${receipt}/rating`, { score: 4, comment: '快' })).body).toMatchObject({ score: 4 });

  await hub.call('DELETE', `/api/work-orders/${order.id}/reporter`);
  expect(await hub.get(`/api/work-orders/${order.id}/reporter`)).toMatchObject({
    contact: null,
    place: null,
    words: null,
  });
  expect((await ask('GET', receipt)).status).toBe(200);
});

test('what does not fit is refused before anything is stored', async () => {
  const before = (await orders()).length;
  const refusal = async (body: object) => {
    const answer = await ask('POST', `/api/intake/${token}`, body);
    return [answer.status, (answer.body as { code: string }).code];
  };
  expect(await refusal({ kind: 'complaint' })).toEqual([400, 'input.invalid']);
  expect(await refusal({ kind: 'repair', building: 'b9' })).toEqual([422, 'intake.unknown-place']);
  const svg = Buffer.from('<svg onload="alert(1)"/>').toString('base64');
  expect(await refusal({ kind: 'repair', photo: svg })).toEqual([422, 'work-order.not-a-photo']);
  expect((await ask('GET', '/api/intake/receipts/abcd-abcd-abcd-abcd')).status).toBe(404);
  expect((await ask('POST', '/api/compounds/garden/intake-token', {})).status).toBe(401);
  expect((await orders()).length).toBe(before);
});

test('the page runs its own script only, and a new token ends the old one', async () => {
  const page = await ask('GET', `/intake/${token}`);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'sha256-[^']+'; /);
  const next = await issueToken();
  expect((await ask('POST', `/api/intake/${token}`, { kind: 'repair' })).status).toBe(404);
  token = next;
  await hub.call('DELETE', '/api/compounds/garden/intake-token');
  await until('closed', async () => (await ask('GET', `/api/intake/${token}`)).status === 404);
  token = await issueToken();
});

test('many reports at once from one address are too many, and the rest waits', async () => {
  const answers = await Promise.all(
    Array.from({ length: 14 }, () => ask('POST', `/api/intake/${token}`, { kind: 'repair' })),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses).toContain(429);
  expect(new Set(statuses)).toEqual(new Set([201, 429]));
});
