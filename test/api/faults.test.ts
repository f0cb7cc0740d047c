import { type Answer, startTestHub, type TestHub, until } from '../running-hub.ts';

let hub: TestHub;
interface Registered {
  credential: { username: string; password: string };
}
const credentials = new Map<string, Registered['credential']>();
const register = async (id: string, more: object = {}) => {
  const body = { id, compound: 'harbour-view', kind: 'sensor', name: id, ...more };
  const { status, body: answer } = await hub.call('POST', '/api/devices', { body });
  expect([id, status]).toEqual([id, 201]);
  credentials.set(id, (answer as Registered).credential);
};
beforeAll(async () => {
  hub = await startTestHub();
  const body = { id: 'harbour-view', name: 'Harbour View', profile: 'retrofit', households: 3 };
  await hub.call('POST', '/api/compounds', { body });
  await register('feed');
  await register('lamp', { poweredBy: 'feed' });
  await register('pump');
}, 60_000);
afterAll(() => hub.stop());

const say = async (device: string, type: string, data: object = {}): Promise<void> => {
  const client = await hub.connect(credentials.get(device)!);
  const event = { type, time: new Date(performance.timeOrigin + performance.now()).toISOString(), data };
  await client.publishAsync(`xy/v1/harbour-view/${device}/events`, JSON.stringify(event), { qos: 1 });
  await client.endAsync();
};
const codeOf = ({ status, body }: Answer): unknown => [status, (body as { code: string }).code];
interface Fault {
  code: string;
  standing: boolean;
  workOrder: string | null;
  waitsFor: string | null;
  waitsOn: string | null;
}
const faultOf = (device: string, code: string, check: (fault: Fault) => boolean) =>
  until(`${device} ${code}`, async () => {
    const { items } = await hub.get<{ items: Fault[] }>(`/api/devices/${device}/faults`);
    return items.find((fault) => fault.code === code && check(fault));
  });
const now = () => performance.timeOrigin + performance.now();

test('a window holds a fault back until it ends, and the end may come early', async () => {
  const plan = (more: object) => hub.call('POST', '/api/maintenance', { body: { compound: 'harbour-view', ...more } });
  const [from, to] = [new Date(now() - 1000).toISOString(), new Date(now() + 3_600_000).toISOString()];
  expect(codeOf(await plan({ from: to, to: from, reason: 'x' }))).toEqual([422, 'maintenance.times']);
  expect(codeOf(await plan({ from, to, reason: 'x', devices: ['nobody'] }))).toEqual([
    ...[422, 'maintenance.unknown-device'],
  ]);
  const { body } = await plan({ from, to, reason: 'new pump', devices: ['pump'] });
  const { id } = body as { id: string };
  await until('the window', async () => (await hub.get<{ items: unknown[] }>('/api/maintenance')).items.length === 1);
  await say('pump', 'device.fault-raised', { code: 'motor-failure' });
  expect(await faultOf('pump', 'motor-failure', ({ standing }) => standing)).toMatchObject({
    ...{ waitsFor: 'window', waitsOn: id, workOrder: null },
  });
  await hub.call('POST', `/api/maintenance/${id}/cancel`, { body: {} });
  await faultOf('pump', 'motor-failure', ({ workOrder }) => workOrder !== null);
  expect((await hub.get<{ items: unknown[] }>('/api/maintenance')).items).toEqual([]);
  expect(codeOf(await hub.call('POST', `/api/maintenance/${crypto.randomUUID()}/cancel`, { body: {} }))).toEqual([
    ...[404, 'maintenance.unknown'],
  ]);
});

test('what a dead power feed explains is covered by its order', async () => {
  expect(codeOf(await hub.call('PATCH', '/api/devices/feed', { body: { uplink: 'lamp' } }))).toEqual([
    ...[422, 'device.not-fitting'],
  ]);
  await say('feed', 'device.fault-raised', { code: 'power-loss' });
  const { workOrder } = await faultOf('feed', 'power-loss', (fault) => fault.workOrder !== null);
  const client = await hub.connect(credentials.get('lamp')!);
  client.stream.destroy();
  await client.endAsync(true);
  expect(await faultOf('lamp', 'offline', ({ standing }) => standing)).toMatchObject({
    ...{ waitsFor: 'parent', waitsOn: workOrder, workOrder: null },
  });
  const covered = await hub.get<{ items: object[] }>(`/api/work-orders/${workOrder}/covered`);
  expect(covered.items).toMatchObject([{ device: 'lamp', code: 'offline', because: 'parent-silent' }]);
});

interface BackTest {
  complete: boolean;
  proposed: { orders: number; byRule: Record<string, number>; examples: { rule: string }[] };
  current: { orders: number };
  raised: { orders: number };
}

test('a policy is tried against the log, then switched on, and holds from there', async () => {
  const before = await hub.get<{ version: number; policy: string }>('/api/fault-policy');
  expect(before).toMatchObject({ version: 0, problems: [] });
  const wrong = before.policy.replace('serviceLevel: gate-out-of-order', 'serviceLevel: gold');
  const refused = await hub.call('PUT', '/api/fault-policy', { body: { policy: wrong } });
  expect(codeOf(refused)).toEqual([422, 'fault-policy.wrong']);
  expect((refused.body as { detail: string }).detail).toMatch(
    /^line \d+, rules\.0: rule gate-offline: no service level gold/,
  );

  const stricter = before.policy.replace(
    /(- id: device-fault\n[\s\S]*?)lasting: true\n/,
    '$1lasting: true\n    countsAfterSeconds: 3600\n',
  );
  const body = {
    policy: stricter,
    from: new Date(now() - 3_600_000).toISOString(),
    to: new Date(now() + 1000).toISOString(),
  };
  const tried = (await hub.call('POST', '/api/fault-policy/back-test', { body })).body as BackTest;
  expect(tried).toMatchObject({ complete: true, current: { orders: tried.raised.orders } });
  expect(tried.proposed.orders).toBe(tried.current.orders - 1);
  expect(tried.proposed.byRule['device-fault']).toBeUndefined();

  const { status } = await hub.call('PUT', '/api/fault-policy', { body: { policy: stricter, replaces: 0 } });
  expect(status).toBe(200);
  expect(codeOf(await hub.call('PUT', '/api/fault-policy', { body: { policy: stricter, replaces: 0 } }))).toEqual([
    ...[409, 'fault-policy.changed'],
  ]);
  await until('version 1', async () => (await hub.get<{ version: number }>('/api/fault-policy')).version === 1);
  await hub.restart();
  await say('pump', 'device.fault-raised', { code: 'seal-worn' });
  expect(await faultOf('pump', 'seal-worn', ({ standing }) => standing)).toMatchObject({ waitsFor: 'delay' });
});
