import { once } from 'node:events';
import { RPCClient } from 'ocpp-rpc';
import type { ShownCommand } from '../../services/device-commands/read-model.ts';
import { startTestHub, type TestHub, until } from '../running-hub.ts';

let hub: TestHub;
const credentials = new Map<string, { username: string; password: string }>();
const register = async (id: string, kind: string, dialect: string): Promise<void> => {
  const { body } = await hub.call('POST', '/api/devices', {
    body: { id, compound: 'lakeside', kind, dialect, name: id },
  });
  credentials.set(id, (body as { credential: { username: string; password: string } }).credential);
};
beforeAll(async () => {
  hub = await startTestHub({ HUB_OCPP_PORT: '0' });
  const compound = { id: 'lakeside', name: 'L', profile: 'new', households: 1, gateOpening: 'two-people' };
  await hub.call('POST', '/api/compounds', { body: compound });
  await register('gate-1', 'access-gate', 'canonical');
  await register('post-1', 'charging-post', 'ocpp16');
  await hub.call('POST', '/api/accounts', { body: { user: 'zhao', password: 'zhaozhao', role: 'operator' } });
  await hub.call('POST', '/api/accounts', { body: { user: 'liu', password: 'liuliuliu', role: 'viewer' } });
});
afterAll(() => hub.stop());

const ask = async (device: string, body: object, token?: string) =>
  hub.call('POST', `/api/devices/${device}/commands`, {
    body: { reason: 'a test', ...body },
    ...(token === undefined ? {} : { token }),
  });
const idOf = ({ body }: { body: unknown }): string => (body as { id: string }).id;
/** The next message of a client. */
const heardBy = (client: Awaited<ReturnType<TestHub['connect']>>): Promise<string> =>
  new Promise((resolve) => client.once('message', (_, payload) => resolve(payload.toString())));
/** The command, once it is in that state. */
const standing = (id: string, state: string): Promise<ShownCommand> =>
  until(`${id} is ${state}`, async () => {
    const { items } = await hub.get<{ items: ShownCommand[] }>('/api/commands?compound=lakeside');
    return items.find((item) => item.id === id && item.state === state);
  });

test('a gate opens on the word of two people, and its answer is shown', async () => {
  const gate = await hub.connect(credentials.get('gate-1')!);
  await gate.subscribeAsync('xy/v1/lakeside/gate-1/commands', { qos: 1 });
  const asked = await ask('gate-1', { command: 'open-gate', arguments: {}, expiresInSeconds: 600 });
  expect(asked).toMatchObject({ status: 201, body: { state: 'waiting', needsApproval: true } });
  const id = idOf(asked);
  await standing(id, 'waiting');
  expect(await hub.call('POST', `/api/commands/${id}/approval`)).toMatchObject({
    status: 403,
    body: { code: 'command.own' },
  });
  const heard = heardBy(gate);
  const token = await hub.login('zhao', 'zhaozhao');
  expect((await hub.call('POST', `/api/commands/${id}/approval`, { token })).status).toBe(200);
  const command = JSON.parse(await heard);
  expect(command).toEqual({ id, command: 'open-gate', arguments: {}, time: expect.any(String) });
  const answer = JSON.stringify({ id, accepted: true });
  await gate.publishAsync('xy/v1/lakeside/gate-1/commands/answers', answer, { qos: 1 });
  expect(await standing(id, 'answered')).toMatchObject({
    ...{ requestedBy: 'admin', approvedBy: 'zhao', reason: 'a test', notSent: null },
    answer: { accepted: true, late: false },
  });
  await gate.endAsync();
});

test('a car is charged from afar over OCPP, and only while the post is there', async () => {
  const wish = { command: 'start-charging', arguments: { connector: 1 } };
  const early = await ask('post-1', wish);
  const { notSent } = await standing(idOf(early), 'not-sent');
  expect(notSent).toEqual({ reason: 'not-connected', text: 'post-1 is not connected.' });
  const options = {
    ...{ endpoint: hub.ocppUrl(), identity: 'post-1', password: credentials.get('post-1')!.password },
    ...{ protocols: ['ocpp1.6'], strictMode: true, reconnect: false },
  };
  // Its types ask for every option, its code for two of them.
  const post = new RPCClient(options as unknown as ConstructorParameters<typeof RPCClient>[0]);
  const started: unknown[] = [];
  post.handle('RemoteStartTransaction', async ({ params }: { params?: unknown }) => {
    started.push(params);
    return { status: 'Accepted' };
  });
  await post.connect();
  const id = idOf(await ask('post-1', wish));
  expect((await standing(id, 'answered')).answer).toMatchObject({ accepted: true, text: 'Accepted' });
  expect(started).toEqual([{ connectorId: 1, idTag: expect.stringMatching(/^hub-[0-9a-f]{16}$/) }]);

  const timestamp = new Date(Date.parse('2026-03-01T08:00:00Z')).toISOString();
  const start = await post.call('StartTransaction', { connectorId: 1, idTag: 'T1', meterStart: 0, timestamp });
  const stopped = once(post, 'call');
  const session = `1@${timestamp}`;
  const stop = idOf(await ask('post-1', { command: 'stop-charging', arguments: { session } }));
  const [{ payload }] = (await stopped) as [{ payload: unknown[] }];
  const { transactionId } = start as { transactionId: number };
  expect(payload).toEqual([2, stop, 'RemoteStopTransaction', { transactionId }]);
  // The client has no handler for it, and says so.
  expect((await standing(stop, 'answered')).answer).toMatchObject({ accepted: false, text: 'NotImplemented' });
  await post.close({});
});

test('without an answer in time a command is given up, and an answer after that is late', async () => {
  const gate = await hub.connect(credentials.get('gate-1')!);
  await gate.subscribeAsync('xy/v1/lakeside/gate-1/commands', { qos: 1 });
  const heard = heardBy(gate);
  const id = idOf(await ask('gate-1', { command: 'restart', arguments: {}, expiresInSeconds: 1 }));
  await heard;
  expect(await standing(id, 'timed-out')).toMatchObject({ answer: null });
  const answer = JSON.stringify({ id, accepted: true });
  await gate.publishAsync('xy/v1/lakeside/gate-1/commands/answers', answer, { qos: 1 });
  expect((await standing(id, 'answered')).answer).toMatchObject({ accepted: true, late: true });
  await gate.endAsync();
});

test.each<[string, object, number]>([
  ['an argument that is none', { command: 'restart', arguments: { hard: true } }, 400],
  ['another kind of device', { command: 'unlock-connector', arguments: { connector: 1 } }, 422],
  ['a command that nobody knows', { command: 'dance', arguments: {} }, 400],
  ['no reason', { command: 'restart', arguments: {}, reason: '' }, 400],
])('refused: %s', async (_, body, status) => {
  expect((await ask('gate-1', body)).status).toBe(status);
});

test('only operators may', async () => {
  const token = await hub.login('liu', 'liuliuliu');
  expect((await ask('gate-1', { command: 'restart', arguments: {} }, token)).status).toBe(403);
});
