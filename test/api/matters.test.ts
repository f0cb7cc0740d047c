import { createHash } from 'node:crypto';
import type { LadderFigures, MatterDetail, MatterItem } from '../../services/projections/matters/shapes.ts';
import { type Answer, type CallOptions, startTestHub, type TestHub, until } from '../running-hub.ts';

let hub: TestHub;
const tokens: Record<string, string> = {};
const password = 'a long password';
const people = {
  ...({ mei: 'operator', chen: 'community', wang: 'community', liu: 'viewer' } as const),
  ...({ gas: 'department', /** Bound to it. */ water: 'department' } as const),
};
beforeAll(async () => {
  hub = await startTestHub();
  await hub.call('POST', '/api/compounds', {
    body: { id: 'garden', name: '花园小区', profile: 'retrofit', households: 1312, district: '鲸园街道' },
  });
  for (const [user, role] of Object.entries(people)) {
    const department = user === 'water' ? 'water' : null;
    await hub.call('POST', '/api/accounts', { body: { user, role, department, password } });
    tokens[user] = await hub.login(user, password);
  }
});
afterAll(() => hub.stop());

type Person = keyof typeof people;
const as = (who: Person, method: string, path: string, body?: CallOptions['body']) =>
  hub.call(method, path, { token: tokens[who]!, ...(body === undefined ? {} : { body }) });
const codeOf = ({ status, body }: Answer): unknown => [status, (body as { code?: string }).code];
const title = { zh: '燃气管老化', en: 'Old gas pipe' };
const refer = async (who: Person = 'mei'): Promise<string> => {
  const { status, body } = await as(who, 'POST', '/api/matters', { compound: 'garden', title });
  expect(status).toBe(201);
  return (body as MatterDetail).id;
};

test('who is not a part of the ladder looks on, and everybody keeps to his own part', async () => {
  const id = await refer();
  const asked = (who: Person, command: string, body: object) => as(who, 'POST', `/api/matters/${id}/${command}`, body);
  expect(codeOf(await as('liu', 'POST', '/api/matters', { compound: 'garden', title }))).toEqual([
    ...[403, 'matter.not-your-part'],
  ]);
  expect(codeOf(await asked('mei', 'screen', { accepted: true }))).toEqual([403, 'matter.not-your-part']);
  expect(codeOf(await asked('gas', 'screen', { accepted: true }))).toEqual([403, 'matter.not-your-part']);
  expect((await asked('chen', 'screen', { accepted: true })).status).toBe(200);
  expect(codeOf(await asked('chen', 'screen', { accepted: true }))).toEqual([409, 'matter.wrong-state']);
  expect(codeOf(await asked('chen', 'hold-meeting', { minutes: 'x' }))).toEqual([400, 'input.invalid']);
  expect(codeOf(await asked('chen', 'propose-whistle', { departments: ['navy'], reason: 'x' }))).toEqual([
    ...[422, 'matter.unknown-department'],
  ]);
  expect((await asked('chen', 'propose-whistle', { departments: ['gas'], reason: 'x' })).status).toBe(200);
  expect(codeOf(await asked('chen', 'approve', { principal: 'Chen' }))).toEqual([403, 'matter.own-proposal']);
  // The new roles don't open what they had no business with.
  expect((await as('chen', 'POST', '/api/work-orders', { compound: 'garden', title })).status).toBe(403);
});

test('a matter climbs to the department, with its papers, and stands in the record', async () => {
  const id = await refer('chen');
  const path = `/api/matters/${id}`;
  const done = async (who: Person, command: string, body: object): Promise<MatterDetail> => {
    const answer = await as(who, 'POST', `${path}/${command}`, body);
    expect([command, answer.status]).toEqual([command, 200]);
    return answer.body as MatterDetail;
  };
  await done('chen', 'screen', { accepted: true });
  const bytes = Buffer.from('%PDF-1.7 minutes');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const minutes = { sha256, name: '会议纪要.pdf' };
  await done('chen', 'call-meeting', { plannedFor: '2030-01-01T09:00:00+08:00', parties: ['社区', '物业'] });
  const held = { minutes, attended: ['社区', '物业'] };
  expect(codeOf(await as('chen', 'POST', `${path}/hold-meeting`, held))).toEqual([404, 'matter.document-unknown']);
  const stored = await as('chen', 'POST', `${path}/documents`, { data: bytes.toString('base64') });
  expect(stored.body).toEqual({ sha256, mediaType: 'application/pdf', sizeBytes: bytes.length });
  expect(codeOf(await as('chen', 'POST', `${path}/documents`, { data: btoa('<script>') }))).toEqual([
    ...[422, 'matter.not-a-document'],
  ]);
  expect((await as('liu', 'POST', `${path}/documents`, { data: bytes.toString('base64') })).status).toBe(403);
  await done('chen', 'hold-meeting', held);
  const paper = await as('liu', 'GET', `${path}/documents/${sha256}`);
  expect([paper.status, paper.body, paper.headers.get('content-type')]).toEqual([
    ...[200, bytes.toString(), 'application/pdf'],
  ]);
  await done('chen', 'propose-whistle', { departments: ['gas'], reason: '燃气管属市政' });
  const whistled = await done('wang', 'approve', { principal: '王书记' });
  expect(whistled).toMatchObject({ level: 'L2', street: '鲸园街道', compoundName: '花园小区' });
  expect(whistled.clocks.map(({ clock, unit }) => [clock, unit])).toEqual([
    ['w1:report-in', 'working-days'],
    ['w1:close', 'working-days'],
  ]);
  await done('gas', 'report-in', { department: 'gas', person: '李工' });
  await done('gas', 'finish', { department: 'gas', result: { text: '已更换' } });
  await done('chen', 'rate', { department: 'gas', score: 5 });
  const closed = await done('chen', 'close', { result: { text: '办结' } });
  expect(closed.timeline.at(-1)).toMatchObject({ type: 'matter.closed', actor: 'user:chen' });
  expect(closed.allowed).toEqual(['note']);

  const listed = await until('the matter in the list', async () => {
    const { items } = await hub.get<{ items: MatterItem[] }>('/api/matters?department=gas&state=ended');
    return items.find((item) => item.id === id);
  });
  expect(listed).toMatchObject({
    state: 'closed',
    outcome: 'settled',
    whistles: [{ departmentTitle: { zh: '燃气' } }],
  });
  for (const kind of ['meeting', 'whistle']) {
    const entry = await until(`the ${kind} in the record`, async () => {
      const { items } = await hub.get<{ items: { id: string | null; completed: object | null }[] }>(
        `/api/compounds/garden/records?kind=${kind}`,
      );
      return items.find(({ completed }) => completed !== null);
    });
    expect(entry).toMatchObject({ id: null, data: { matter: id } });
  }
  const { items } = await hub.get<{ items: LadderFigures[] }>('/api/ladder/figures?by=street');
  expect(items).toMatchObject([{ key: '鲸园街道', whistles: 1, response: { percent: 100 }, signal: null }]);

  const document = `${path}/documents/${sha256}`;
  expect((await as('chen', 'DELETE', document)).status).toBe(403);
  expect((await hub.call('DELETE', document)).body).toEqual({ erased: true });
  expect(codeOf(await as('liu', 'GET', document))).toEqual([404, 'matter.document-unknown']);
  expect(codeOf(await hub.call('DELETE', document))).toEqual([404, 'matter.document-unknown']);
  const { timeline } = await hub.get<MatterDetail>(path);
  expect(timeline.at(-1)).toMatchObject({ type: 'matter.document-erased', data: { sha256 }, actor: 'user:admin' });
});

test('an account of one department sees and answers its own whistles alone', async () => {
  const [others, own] = [await refer(), await refer()];
  const blown = async (id: string, departments: string[]) =>
    (await as('chen', 'POST', `/api/matters/${id}/blow-emergency`, { departments, reason: '险情' })).status;
  expect(await blown(others, ['gas'])).toBe(200);
  expect(await blown(own, ['gas', 'water'])).toBe(200);
  const path = `/api/matters/${own}`;
  const listed = await until('its matter', async () => {
    const { items } = (await as('water', 'GET', '/api/matters')).body as { items: MatterItem[] };
    return items.length > 0 && items;
  });
  expect(listed.map(({ id }) => id)).toEqual([own]);
  expect(((await as('water', 'GET', '/api/matters?department=gas')).body as { items: unknown[] }).items).toHaveLength(
    1,
  );
  expect(codeOf(await as('water', 'GET', `/api/matters/${others}`))).toEqual([404, 'matter.unknown']);
  const note = { document: { text: 'x' } };
  expect(codeOf(await as('water', 'POST', `/api/matters/${others}/note`, note))).toEqual([404, 'matter.unknown']);
  const reportIn = (who: Person, department: string) =>
    as(who, 'POST', `${path}/report-in`, { department, person: '李工' });
  expect(codeOf(await reportIn('water', 'gas'))).toEqual([403, 'matter.not-your-part']);
  expect((await reportIn('water', 'water')).status).toBe(200);
  expect((await reportIn('gas', 'gas')).status).toBe(200);
  const wrong = { user: 'x', role: 'operator', department: 'water', password };
  expect(codeOf(await hub.call('POST', '/api/accounts', { body: wrong }))).toEqual([400, 'input.invalid']);
  expect(await hub.get('/api/accounts')).toMatchObject({
    items: expect.arrayContaining([{ user: 'water', role: 'department', department: 'water' }]),
  });
});

test('an order stands on the ladder once', async () => {
  const { body: order } = await as('mei', 'POST', '/api/work-orders', { compound: 'garden', title });
  const orders = [(order as { id: string }).id];
  expect((await as('mei', 'POST', '/api/matters', { compound: 'garden', title, orders })).status).toBe(201);
  await until('the matter', async () => {
    const { items } = await hub.get<{ items: MatterItem[] }>('/api/matters?state=open');
    return items.some((item) => item.orders.includes(orders[0]!));
  });
  const again = await as('mei', 'POST', '/api/matters', { compound: 'garden', title, orders });
  expect(codeOf(again)).toEqual([409, 'matter.exists']);
  const foreign = await as('mei', 'POST', '/api/matters', { compound: 'garden', title, orders: ['another'] });
  expect(codeOf(foreign)).toEqual([422, 'matter.not-fitting']);
});

test('pages of the list join', async () => {
  await refer();
  await refer();
  const pages: string[] = [];
  let cursor = '';
  for (;;) {
    const { items, next } = await hub.get<{ items: MatterItem[]; next: string | null }>(
      `/api/matters?limit=1${cursor}`,
    );
    pages.push(...items.map(({ id }) => id));
    if (next === null) break;
    cursor = `&cursor=${next}`;
  }
  const { items } = await hub.get<{ items: MatterItem[] }>('/api/matters');
  expect(new Set(pages).size).toBe(pages.length);
  expect(items.length).toBeGreaterThanOrEqual(pages.length);
  expect((await hub.call('GET', '/api/matters/nowhere')).status).toBe(404);
  expect((await hub.call('GET', '/api/ladder')).status).toBe(200);
});
