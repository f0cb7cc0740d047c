import { createHmac } from 'node:crypto';
import { type AtlasDouble, atlasKey, startAtlasDouble } from '../outbound/atlas-double.ts';
import { type SmtpDouble, startSmtpDouble } from '../outbound/smtp-double.ts';
import { answers, startTargetDouble, type TargetDouble, takesIt } from '../outbound/target-double.ts';
import { startTestHub, type TestHub, until } from '../running-hub.ts';

let hub: TestHub;
let target: TargetDouble;
let smtp: SmtpDouble;
let atlas: AtlasDouble;

beforeAll(async () => {
  [target, smtp, atlas] = [await startTargetDouble(), await startSmtpDouble(), await startAtlasDouble()];
  hub = await startTestHub({
    HUB_TARGET_NETWORKS: '127.0.0.1/32',
    HUB_SMTP_URL: smtp.url,
    HUB_SMTP_FROM: 'hub@example.org',
    HUB_ATLAS_URL: `${atlas.url}/`,
    HUB_ATLAS_API_KEY: atlasKey,
    HUB_ATLAS_COMPOUNDS: 'garden',
  });
  const buildings = [{ id: 'b1', name: '1号楼', steward: { name: '王管家' } }];
  const compound = { id: 'garden', name: '花园', profile: 'retrofit', households: 10, buildings };
  await hub.call('POST', '/api/compounds', { body: compound });
  for (const [user, role] of [
    ['property', 'operator'],
    ['guest', 'viewer'],
  ]) {
    await hub.call('POST', '/api/accounts', { body: { user, role, password: `${user}-password` } });
  }
}, 60_000);
afterAll(async () => {
  await hub?.stop();
  await target?.stop();
  await smtp?.stop();
  await atlas?.stop();
});

interface Target {
  id: string;
  secret: string;
  delivered: number;
  deadLetters: number;
  lastAnswer: string | null;
  waiting: unknown;
}
const register = async (body: object = {}): Promise<Target> =>
  (await hub.call('POST', '/api/work-order-targets', { body: { name: 'ERP', url: target.url, ...body } }))
    .body as Target;
const raise = async (serviceLevel = 'general-repair'): Promise<string> => {
  const body = { compound: 'garden', title: { zh: '水管漏水', en: 'Leaking pipe' }, serviceLevel };
  return ((await hub.call('POST', '/api/work-orders', { body })).body as { id: string }).id;
};
const subjects = (): string[] => target.calls.map(({ body }) => (JSON.parse(body) as { subject: string }).subject);

test('a registered system is told what happens to orders, over a restart too, and the page sees what it has', async () => {
  const { id, secret } = await register({ compounds: ['garden'] });
  const order = await raise();
  await until('told', async () => subjects().includes(order));
  const { headers, body } = target.calls.at(-1)!;
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  await hub.restart();
  await hub.call('POST', `/api/work-orders/${order}/acknowledge`, { body: {} });
  // What was under way as the hub stopped comes twice.
  const toldOf = (type: string) =>
    target.calls.find(({ body: told }) => (JSON.parse(told) as { type: string }).type === type);
  await until('told again', async () => toldOf('work-order.acknowledged'));
  const read = await until('counted', async () => {
    const found = await hub.get<Target>(`/api/work-order-targets/${id}`);
    return found.delivered === 2 && found;
  });
  expect(read).toMatchObject({ breaker: 'closed', waiting: null, deadLetters: 0, lastAnswer: 'answers 204' });
  expect(JSON.stringify(read)).not.toContain('whsec_');
  const events = JSON.stringify((await hub.call('GET', `/api/events?stream=target-${id}`)).body);
  expect(events).toContain('target.registered');
  expect(events).not.toContain(secret);

  await hub.call('POST', `/api/work-order-targets/${id}/rotate-secret`);
  await hub.call('POST', `/api/work-orders/${order}/note`, { body: { text: 'behind the wall' } });
  const noted = await until('told with both', async () => toldOf('work-order.noted'));
  expect((noted.headers['webhook-signature'] as string).split(' ')).toHaveLength(2);
  await hub.call('DELETE', `/api/work-order-targets/${id}`);
  expect((await hub.call('GET', `/api/work-order-targets/${id}`)).status).toBe(404);
}, 60_000);

test('what a system doesn’t want is a dead letter, which can be sent again', async () => {
  // The one before hears of its end a moment later.
  const { id } = await register({ url: `${target.url}/unwilling` });
  target.behave(answers(422, {}, 'no such compound'));
  const order = await raise();
  await until('dead', async () => (await hub.get<Target>(`/api/work-order-targets/${id}`)).deadLetters === 1);
  const path = `/api/work-order-targets/${id}/dead-letters`;
  const { items } = await hub.get<{ items: object[] }>(path);
  expect(items).toEqual([
    expect.objectContaining({
      order,
      type: 'work-order.raised',
      state: 'dead',
      reason: 'answers 422: no such compound',
    }),
  ]);
  target.behave(takesIt);
  expect((await hub.call('POST', `${path}/replay`, { body: {} })).body).toEqual({ wished: 1 });
  await until('delivered', async () => {
    const again = await hub.get<{ items: { state: string; wishedBy: string }[] }>(path);
    return again.items[0]?.state === 'delivered' && again.items[0].wishedBy === 'user:admin';
  });
  expect(target.calls.filter(({ path }) => path.endsWith('/unwilling'))).toHaveLength(4);
  expect((await hub.call('POST', `/api/work-order-targets/${id}/pause`, { body: {} })).body).toMatchObject({
    status: 'paused',
  });
  expect((await hub.call('POST', `/api/work-order-targets/${id}/resume`)).body).toMatchObject({ status: 'active' });
  await hub.call('DELETE', `/api/work-order-targets/${id}`);
}, 60_000);

test.each([
  ['a private address', { url: 'https://10.1.2.3/' }, 422, 'target.url'],
  ['a password in the address', { url: 'https://a:b@example.org/' }, 422, 'target.url'],
  ['no address', { url: 'example' }, 422, 'target.url'],
  ['types that aren’t told', { types: ['gate.passed'] }, 400, 'input.invalid'],
])('a target with %s is refused', async (_, body, status, code) => {
  const answer = await hub.call('POST', '/api/work-order-targets', { body: { name: 'x', url: target.url, ...body } });
  expect(answer).toMatchObject({ status, body: { code } });
});

test('who may do what', async () => {
  const property = await hub.login('property', 'property-password');
  const guest = await hub.login('guest', 'guest-password');
  const status = async (method: string, path: string, token: string, body?: object) =>
    (await hub.call(method, path, { token, ...(body === undefined ? {} : { body }) })).status;
  expect(await status('GET', '/api/work-order-targets', guest)).toBe(403);
  expect(await status('GET', '/api/work-order-targets', property)).toBe(200);
  expect(await status('POST', '/api/work-order-targets', property, { name: 'x', url: target.url })).toBe(403);
  expect(await status('GET', '/api/compounds/garden/roster', guest)).toBe(200);
  expect(await status('POST', '/api/compounds/garden/roster', guest, { shifts: [] })).toBe(403);
  expect(await status('GET', '/api/contacts', guest)).toBe(403);
});

test('a roster says who has duty, an order goes to that person, and notices reach them by mail', async () => {
  const round = { from: '00:00', to: '00:00' };
  const shifts = [
    { id: 'day', person: 'li', role: 'steward', ...round },
    { id: 'chief', person: 'qian', role: 'supervisor', ...round },
  ];
  await hub.call('POST', '/api/compounds/garden/roster', { body: { shifts } });
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(
    performance.timeOrigin + performance.now(),
  );
  const swapped = await hub.call('POST', '/api/compounds/garden/roster/swaps', {
    body: { shift: 'day', day: today, person: 'zhao', reason: '换班' },
  });
  expect(swapped.body).toMatchObject({ swaps: [{ shift: 'day', person: 'zhao' }] });
  const onDuty = await hub.get<{ items: { person: string }[] }>('/api/compounds/garden/roster/on-duty');
  expect(onDuty.items.map(({ person }) => person)).toEqual(['zhao', 'qian']);
  await hub.call('POST', '/api/contacts/zhao', { body: { email: 'zhao@example.org' } });

  const order = await raise('danger-to-life');
  await until('mailed', async () => smtp.mails.length > 0);
  expect(smtp.mails[0]).toMatchObject({ from: 'hub@example.org', to: ['zhao@example.org'] });
  const told = await until('noted down', async () => {
    const { items } = await hub.get<{ items: { person: string; channel: string; state: string }[] }>(
      `/api/notices?order=${order}`,
    );
    return items.some(({ channel, state }) => channel === 'email' && state === 'sent') && items;
  });
  expect(told.map(({ person, channel }) => `${person} ${channel}`).sort()).toEqual([
    '* mqtt',
    'zhao email',
    'zhao webhook',
  ]);
  const first = await hub.get<{ items: object[]; next: string }>(`/api/notices?order=${order}&limit=2`);
  const rest = await hub.get<{ items: object[]; next: null }>(
    `/api/notices?order=${order}&limit=2&cursor=${first.next}`,
  );
  expect([...first.items, ...rest.items]).toEqual(told);
  const dispatched = await hub.call('POST', `/api/work-orders/${order}/dispatch`, { body: {} });
  expect(dispatched.body).toMatchObject({ assignee: 'zhao' });
  const id = (swapped.body as { swaps: { id: string }[] }).swaps[0]!.id;
  expect((await hub.call('DELETE', `/api/compounds/garden/roster/swaps/${id}`)).body).toMatchObject({ swaps: [] });
  expect((await hub.call('DELETE', '/api/contacts/zhao')).status).toBe(204);
  expect((await hub.call('DELETE', '/api/contacts/zhao')).status).toBe(404);
}, 60_000);

test('a shift is handed over with how things stand, and signed for by somebody else', async () => {
  const token = await hub.login('property', 'property-password');
  const path = '/api/compounds/garden/handovers';
  const order = await raise();
  const figures = await until('the order on the board', async () => {
    const { items } = await hub.get<{ items: { id: string; priority: string }[] }>(
      '/api/work-orders?compound=garden&state=open',
    );
    return items.some(({ id }) => id === order) && { raised: items.length, priority: items[0]!.priority };
  });
  const give = (body: object, more = {}) => hub.call('POST', path, { body, ...more });
  const given = await give({ notes: '3号楼电梯明早检修', watch: [order] }, { token });
  expect(given).toMatchObject({ status: 201, body: { by: 'property', watch: [order], taken: null } });
  const { id, figures: counted } = given.body as { id: string; figures: { since: string | null; raised: number } };
  expect(counted).toMatchObject({ since: null });
  expect(counted.raised).toBeGreaterThanOrEqual(figures.raised);
  expect((await give({ watch: ['another'] })).status).toBe(422);
  const take = (more = {}, handover = id) =>
    hub.call('POST', `${path}/${handover}/take`, { body: { remarks: '收到' }, ...more });
  expect(await take({ token })).toMatchObject({ status: 403, body: { code: 'handover.own' } });
  expect(await take()).toMatchObject({ status: 200, body: { taken: { by: 'admin', remarks: '收到' } } });
  expect(await take()).toMatchObject({ status: 409, body: { code: 'handover.taken' } });
  const next = (await give({})).body as { id: string; figures: object; at: string };
  expect(next.figures).toMatchObject({ since: (given.body as { at: string }).at, raised: 0 });
  expect(await take({ token })).toMatchObject({ status: 404, body: { code: 'handover.unknown' } });
  const { items } = await hub.get<{ items: { id: string; taken: object | null }[] }>(path);
  expect(items.map((item) => [item.id, item.taken !== null])).toEqual([
    [next.id, false],
    [id, true],
  ]);
});

test('a property system commands over MQTT and hears the answer, the order’s events and the notices', async () => {
  const order = await raise();
  const client = await hub.connect({ username: 'property', password: 'property-password' });
  const heard: { topic: string; message: { id?: string; outcome?: string; type?: string } }[] = [];
  client.on('message', (topic: string, payload: Buffer) =>
    heard.push({ topic, message: JSON.parse(payload.toString()) }),
  );
  await client.subscribeAsync(
    ['work-orders', 'notices', 'work-orders/commands/answers'].map((leaf) => `xy/v1/garden/${leaf}`),
    { qos: 1 },
  );
  const say = (payload: object) =>
    client.publishAsync('xy/v1/garden/work-orders/commands', JSON.stringify(payload), { qos: 1 });
  await say({ id: 'erp-1', order, command: 'acknowledge' });
  await say({ id: 'erp-1', order, command: 'acknowledge' });
  const answered = () => heard.filter(({ topic }) => topic.endsWith('/answers')).map(({ message }) => message);
  await until('answered', async () => answered().length === 2);
  expect(answered()).toEqual([
    { id: 'erp-1', order, outcome: 'done', state: 'acknowledged' },
    { id: 'erp-1', order, outcome: 'done', state: 'acknowledged', repeat: true },
  ]);
  await until('heard the event', async () => heard.some(({ message }) => message.type === 'work-order.acknowledged'));
  await until('heard a notice', async () =>
    heard.some(({ topic, message }) => topic === 'xy/v1/garden/notices' && message.type === 'notice.issued'),
  );
  await client.endAsync();
}, 60_000);

test('the Atlas CMMS that the settings name gets the orders, and stands among the targets', async () => {
  const order = await raise();
  const remote = await until('created there', async () => atlas.orders.find(({ title }) => title.includes(order)));
  expect(remote).toMatchObject({ status: 'OPEN', priority: 'MEDIUM', description: '花园' });
  for (const command of ['dispatch', 'arrive']) {
    await hub.call('POST', `/api/work-orders/${order}/${command}`, { body: {} });
  }
  await until('followed', async () => remote.status === 'IN_PROGRESS');
  const { items } = await hub.get<{ items: object[] }>('/api/work-order-targets');
  expect(items[0]).toMatchObject({ id: 'atlas-cmms', kind: 'atlas-cmms', compounds: ['garden'], breaker: 'closed' });
  expect((await hub.call('GET', '/api/work-order-targets/atlas-cmms/dead-letters')).body).toEqual({
    items: [],
    next: null,
  });
  expect((await hub.call('POST', '/api/work-order-targets/atlas-cmms/pause', { body: {} })).status).toBe(404);
}, 60_000);
