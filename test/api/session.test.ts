import { operations } from '../../services/api/openapi.ts';
import { adminPassword, startTestHub, type TestHub } from '../running-hub.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

const basic = (user: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const codeOf = (body: unknown): string => (body as { code: string }).code;
const examplePath = (path: string): string =>
  path
    .replace('{command}', 'close')
    .replace(/\{(record|\w*[lL]etter)\}/g, crypto.randomUUID())
    .replace(/\{\w+\}/g, 'x');

describe('who is not logged in', () => {
  const closed = operations().filter(({ role }) => role !== 'nobody');
  const open = operations().filter(({ role }) => role === 'nobody');

  test('may log in, ask whether the hub is well, read how devices speak, redeem a claim code, and report with a token from the door, nothing else', () => {
    expect(open.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'get /api/intake/receipts/{receipt}',
      'get /api/intake/{token}',
      'get /health/live',
      'get /health/ready',
      'get /intake/{token}',
      'get /integrators',
      'get /schemas',
      'get /schemas/{name}',
      'post /api/enrol',
      'post /api/intake/receipts/{receipt}/confirm',
      'post /api/intake/receipts/{receipt}/rating',
      'post /api/intake/{token}',
      'post /api/login',
    ]);
  });
  test.each(closed.map(({ method, path }) => [method, path]))('%s %s: 401', async (method, path) => {
    const { status, body, headers } = await hub.call(method!.toUpperCase(), examplePath(path!), { token: null });
    expect([status, codeOf(body)]).toEqual([401, 'login.needed']);
    expect(headers.get('content-type')).toContain('application/problem+json');
  });
  test.each([
    ['a token of nobody', { authorization: 'Bearer nobody' }],
    ['a cookie of nobody', { cookie: 'xingyuan_session=nobody' }],
    ['a wrong password', basic('admin', 'wrong-password')],
    ['a name nobody has', basic('nobody', 'wrong-password')],
    ['a header of nonsense', { authorization: 'Basic' }],
  ])('with %s: 401', async (_, headers) => {
    expect((await hub.call('GET', '/api/compounds', { token: null, headers })).status).toBe(401);
  });
  test('every route of the OpenAPI text is one of these', async () => {
    const { paths } = await hub.get<{ paths: Record<string, Record<string, unknown>> }>('/api/openapi.json');
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(
      operations()
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
    );
  });
});

describe('logging in', () => {
  test('answers a token, and a cookie that scripts can’t read and other sites can’t send', async () => {
    const { body, headers } = await hub.call('POST', '/api/login', {
      body: { user: 'admin', password: adminPassword },
      token: null,
    });
    const cookie = headers.get('set-cookie')!;
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Strict/i);
    const { token, expiresAt } = body as { token: string; expiresAt: string };
    const asked = await hub.call('GET', '/api/me', { token: null, headers: { cookie: cookie.split(';')[0]! } });
    expect(asked.body).toEqual({ user: 'admin', role: 'admin', department: null, expiresAt });
    expect((await hub.call('GET', '/api/me', { token })).body).toEqual(asked.body);
  });
  test('the cookie is for TLS alone where the page came over TLS, as a proxy says', async () => {
    const cookieBy = async (headers: Record<string, string>) => {
      const body = { user: 'admin', password: adminPassword };
      return (await hub.call('POST', '/api/login', { body, token: null, headers })).headers.get('set-cookie');
    };
    expect(await cookieBy({})).not.toMatch(/Secure/i);
    expect(await cookieBy({ 'x-forwarded-proto': 'http' })).not.toMatch(/Secure/i);
    expect(await cookieBy({ 'x-forwarded-proto': 'https' })).toMatch(/; Secure/i);
  });
  test('a session ends with the logout', async () => {
    const token = await hub.login('admin', adminPassword);
    expect((await hub.call('POST', '/api/logout', { token })).status).toBe(204);
    expect((await hub.call('GET', '/api/me', { token })).status).toBe(401);
  });
  test('user and password in every request will do', async () => {
    const answers = await Promise.all(
      Array.from({ length: 15 }, () =>
        hub.call('GET', '/api/compounds', { token: null, headers: basic('admin', adminPassword) }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
  test('a wrong password is refused, without saying what is wrong', async () => {
    const answers = await Promise.all(
      [
        { user: 'admin', password: 'wrong-password' },
        { user: 'nobody', password: adminPassword },
      ].map((body) => hub.call('POST', '/api/login', { body, token: null })),
    );
    expect(answers.map(({ status, body }) => [status, codeOf(body)])).toEqual([
      [401, 'login.refused'],
      [401, 'login.refused'],
    ]);
    const details = answers.map(({ body }) => (body as { detail: string }).detail);
    expect(details[0]).toBe(details[1]);
  });
  test('the eleventh guess within a minute is not heard, whether they come one by one or at once', async () => {
    const guess = async (user: string) =>
      (await hub.call('POST', '/api/login', { body: { user, password: 'wrong-password' }, token: null })).status;
    const statuses: number[] = [];
    for (let tries = 0; tries < 11; tries += 1) statuses.push(await guess('one-by-one'));
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    const atOnce = await Promise.all(Array.from({ length: 20 }, () => guess('at-once')));
    expect(atOnce.filter((status) => status === 401)).toHaveLength(10);
  });
  test.each([
    ['a name of no characters', { user: '', password: 'x' }],
    ['no password', { user: 'admin' }],
    ['a password that is no text', { user: 'admin', password: 17 }],
    ['more than was asked', { user: 'admin', password: 'x', role: 'admin' }],
    ['a NUL in the name', { user: 'ad\u0000min', password: 'x' }],
  ])('%s: 400', async (_, body) => {
    const answer = await hub.call('POST', '/api/login', { body, token: null });
    expect([answer.status, codeOf(answer.body)]).toEqual([400, 'input.invalid']);
  });
});

describe('roles', () => {
  const password = 'a password of eight';
  let viewer: string;
  let operator: string;
  beforeAll(async () => {
    for (const role of ['viewer', 'operator']) {
      await hub.call('POST', '/api/accounts', { body: { user: role, role, password } });
    }
    viewer = await hub.login('viewer', password);
    operator = await hub.login('operator', password);
  });
  const compound = { id: 'by-role', name: 'By role', profile: 'new', households: 1 };

  test.each([
    ['viewer', 'GET', '/api/compounds', undefined, 200],
    ['viewer', 'POST', '/api/compounds', compound, 403],
    ['viewer', 'GET', '/api/dead-letters', undefined, 403],
    ['operator', 'POST', '/api/compounds', compound, 201],
    ['operator', 'GET', '/api/accounts', undefined, 403],
    ['operator', 'POST', '/api/projections/time-series/rebuild', undefined, 403],
    ['operator', 'GET', '/api/log/verify', undefined, 403],
    ['admin', 'GET', '/api/accounts', undefined, 200],
    ['admin', 'GET', '/api/log/verify', undefined, 200],
  ])('%s, %s %s', async (role, method, path, body, expected) => {
    const token = { viewer, operator, admin: await hub.login('admin', adminPassword) }[role]!;
    const answer = await hub.call(method, path, { token, ...(body === undefined ? {} : { body }) });
    expect(answer.status).toBe(expected);
    if (expected === 403) expect(codeOf(answer.body)).toBe('login.role-too-low');
  });
  test('an account is made once, and never shown with its password', async () => {
    const twice = await hub.call('POST', '/api/accounts', { body: { user: 'viewer', role: 'admin', password } });
    expect([twice.status, codeOf(twice.body)]).toEqual([409, 'account.exists']);
    expect(await hub.get('/api/accounts')).toEqual({
      items: ['admin', 'operator', 'viewer'].map((user) => ({ user, role: user, department: null })),
      next: null,
    });
  });
});

test('a person changes the own password, and whoever knew the old one is out', async () => {
  const [old, renewed] = ['the old password', 'the new password'];
  await hub.call('POST', '/api/accounts', { body: { user: 'wen', role: 'viewer', password: old } });
  const [own, others] = [await hub.login('wen', old), await hub.login('wen', old)];
  const headers = basic('wen', old);
  expect((await hub.call('GET', '/api/compounds', { token: null, headers })).status).toBe(200);
  const change = (body: object) => hub.call('POST', '/api/account/password', { body, token: own });

  const wrong = await change({ current: 'a wrong password', new: renewed });
  expect([wrong.status, codeOf(wrong.body)]).toEqual([403, 'account.wrong-password']);
  const short = await change({ current: old, new: 'short' });
  expect([short.status, codeOf(short.body)]).toEqual([400, 'input.invalid']);
  expect((await hub.call('GET', '/api/me', { token: others })).status).toBe(200);

  expect((await change({ current: old, new: renewed })).status).toBe(204);
  expect((await hub.call('GET', '/api/me', { token: own })).status).toBe(200);
  expect((await hub.call('GET', '/api/me', { token: others })).status).toBe(401);
  expect((await hub.call('GET', '/api/compounds', { token: null, headers })).status).toBe(401);
  expect((await hub.call('POST', '/api/login', { body: { user: 'wen', password: old }, token: null })).status).toBe(
    401,
  );
  expect(await hub.login('wen', renewed)).toMatch(/\S/);
});
