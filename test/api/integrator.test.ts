import { connectAsync, type MqttClient } from 'mqtt';
import type { z } from 'zod';
import type { explanation, HeardUnknown, replayReport } from '../../services/api/integrator-schemas.ts';
import { serverEvents } from '../../services/client/server-events.ts';
import { adminPassword, startTestHub, type TestHub, until } from '../running-hub.ts';

let hub: TestHub;
const clients: MqttClient[] = [];
beforeAll(async () => {
  hub = await startTestHub();
  const compound = { id: 'harbour-view', name: 'Harbour View', profile: 'retrofit', households: 300 };
  await hub.call('POST', '/api/compounds', { body: compound });
});
afterAll(async () => {
  for (const client of clients) await client.endAsync(true);
  await hub.stop();
});

interface Credential {
  username: string;
  password: string;
}
const register = async (id: string, more: Record<string, unknown> = {}): Promise<Credential> => {
  const device = { id, compound: 'harbour-view', kind: 'gateway', dialect: 'auto', name: id, ...more };
  const { status, body } = await hub.call('POST', '/api/devices', { body: device });
  expect(status).toBe(201);
  return (body as { credential: Credential }).credential;
};
const connect = async (credential: Credential): Promise<MqttClient> => {
  const client = await hub.connect(credential);
  clients.push(client);
  return client;
};
const say = async (client: MqttClient, topic: string, payload: unknown): Promise<void> => {
  // A refusal is an answer too: it comes as an error of the publish.
  await client.publishAsync(topic, JSON.stringify(payload), { qos: 1 }).catch(() => undefined);
};
const post = async <Body>(path: string, body: unknown): Promise<Body> =>
  (await hub.call('POST', path, { body })).body as Body;
const unknowns = async (source: string): Promise<HeardUnknown[]> =>
  (await hub.get<{ items: HeardUnknown[] }>(`/api/heard-unknown?source=${source}`)).items;

const openStream = async (path: string) => {
  const authorization = `Bearer ${await hub.login('admin', adminPassword)}`;
  const gone = new AbortController();
  const answer = await fetch(new URL(path, hub.url()), { headers: { authorization }, signal: gone.signal });
  const events = serverEvents(answer);
  // The first heartbeat: from here on it listens.
  await events.next();
  return {
    async take(name: string, count: number): Promise<unknown[]> {
      const taken: unknown[] = [];
      while (taken.length < count) {
        const { value } = await events.next();
        if (value!.event === name) taken.push(value!.data);
      }
      return taken;
    },
    close: () => gone.abort(),
  };
};

describe('trying a payload', () => {
  const tried = (body: Record<string, unknown>) => post<z.infer<typeof explanation>>('/api/dialects/try', body);

  test('tells the events, or the path in the payload that is wrong, and records nothing', async () => {
    // The rater speaks for itself meanwhile.
    const told = async () =>
      (await hub.get<{ items: { type: string }[] }>('/api/events')).items.filter(({ type }) => !/^rating\./.test(type));
    const before = await told();
    const topic = 'xy/v1/harbour-view/gate-9/events';
    expect(await tried({ topic, payload: '{"type":"gate.passed","data":{"direction":"in"}}' })).toMatchObject({
      ...{ dialect: 'canonical', outcome: 'recorded' },
      events: [{ type: 'device.registered' }, { type: 'gate.passed', device: 'gate-9', data: { direction: 'in' } }],
    });
    expect(await tried({ topic, payload: '{"type":"gate.passed","data":{"direction":"up"}}' })).toMatchObject({
      ...{ outcome: 'refused', code: 'contract-violated', field: 'data.direction' },
    });
    const base64 = Buffer.from('{"contact":false}').toString('base64');
    expect(await tried({ topic: 'zigbee2mqtt/door', payloadBase64: base64 })).toMatchObject({ dialect: 'zigbee2mqtt' });
    expect(await tried({ topic: 'zigbee2mqtt/door', payload: '{}', dialect: 'frigate' })).toMatchObject({
      ...{ outcome: 'refused', code: 'wrong-topic' },
    });
    expect(await told()).toEqual(before);
    const listed = await hub.get<{ items: { name: string }[] }>('/api/dialects');
    expect(listed.items.map(({ name }) => name)).toContain('zigbee2mqtt');
  });

  test('names what is missing and what does not exist', async () => {
    const codeOf = async (body: unknown) =>
      ((await hub.call('POST', '/api/dialects/try', { body })).body as { code: string }).code;
    expect(await codeOf({ topic: 'a' })).toBe('input.invalid');
    expect(await codeOf({ topic: 'a', payload: '', dialect: 'klingon' })).toBe('dialect.unknown');
    expect(await codeOf({ topic: 'a', payload: '', device: 'nobody' })).toBe('device.unknown');
  });
});

test('the contract is open to integrators, for machines and in both languages', async () => {
  const open = { token: null };
  const { items } = (await hub.call('GET', '/schemas', open)).body as { items: { name: string; path: string }[] };
  expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(['gate.passed', 'telemetry']));
  expect(await hub.call('GET', '/schemas/gate.passed', open)).toMatchObject({
    body: { $id: '/schemas/gate.passed', properties: { type: { const: 'gate.passed' } } },
  });
  expect((await hub.call('GET', '/schemas/gate.flew', open)).status).toBe(404);
  const pageIn = async (language: string) =>
    String((await hub.call('GET', '/integrators', { ...open, headers: { 'accept-language': language } })).body);
  const [chinese, english] = [await pageIn('zh-CN'), await pageIn('en-GB,en;q=0.9')];
  expect(chinese).toContain('设备接入参考');
  expect(english).toContain('reference for integrators');
  for (const page of [chinese, english]) expect(page).toContain('<code>temperatureC</code>');
});

test('a gateway is looked at live, and a device beneath it alone', async () => {
  const client = await connect(await register('bees'));
  await say(client, 'zigbee2mqtt/early', { contact: true });
  const stream = await openStream('/api/devices/bees/messages');
  await say(client, 'zigbee2mqtt/door', { contact: false, battery: 80 });
  await say(client, 'nobody/reads/this', { name: 'Li Wei' });
  const heard = await stream.take('message', 2);
  expect(heard).toMatchObject([
    { sender: 'bees', topic: 'zigbee2mqtt/door', dialect: 'zigbee2mqtt', outcome: 'recorded' },
    { topic: 'nobody/reads/this', outcome: 'refused', code: 'no-dialect', payload: { text: '{"name":"•••"}' } },
  ]);
  const door = (heard[0] as { events: { device: string }[] }).events[0]!.device;
  const ofDoor = await openStream(`/api/devices/${door}/messages?outcome=recorded`);
  await say(client, 'zigbee2mqtt/window', { contact: false });
  await say(client, 'zigbee2mqtt/door', { contact: true });
  // What the first reader has seen of late comes first.
  expect(await ofDoor.take('message', 2)).toMatchObject([
    { topic: 'zigbee2mqtt/door', payload: { text: '{"contact":false,"battery":80}' } },
    { topic: 'zigbee2mqtt/door', payload: { text: '{"contact":true}' } },
  ]);
  stream.close();
  ofDoor.close();
  expect((await hub.call('GET', '/api/devices/nobody/messages')).status).toBe(404);
});

test('dead letters are told by reason, previewed and taken up together', async () => {
  const client = await connect(await register('cameras', { dialect: 'frigate' }));
  for (const battery of [88, 87]) await say(client, 'zigbee2mqtt/porch', { contact: battery === 88, battery });
  await say(client, 'zigbee2mqtt/porch', 'no state');
  const reasons = await until('the letters', async () => {
    const { items } = await hub.get<{ items: { letters: number }[] }>('/api/dead-letter-reasons?device=cameras');
    return items[0]?.letters === 3 && items;
  });
  expect(reasons).toMatchObject([{ code: 'wrong-topic', device: 'cameras', field: null, letters: 3 }]);
  const replay = (body: Record<string, unknown>) =>
    post<z.infer<typeof replayReport>>('/api/dead-letters/replay', { device: 'cameras', ...body });
  const outcomes = ({ items }: z.infer<typeof replayReport>) => items.map(({ outcome }) => outcome);
  expect(outcomes(await replay({ preview: true }))).toEqual(['refused', 'refused', 'refused']);
  await hub.call('PATCH', '/api/devices/cameras', { body: { dialect: 'zigbee2mqtt' } });
  const first = await replay({ preview: true, limit: 2 });
  expect(outcomes(first)).toEqual(['recorded', 'recorded']);
  expect(first.items[0]!.events!.map(({ type }) => type)).toContain('device.registered');
  expect(outcomes(await replay({ preview: true, after: first.next }))).toEqual(['refused']);
  expect(outcomes(await replay({}))).toEqual(['recorded', 'recorded', 'refused']);
  await until('the replay', async () => outcomes(await replay({ preview: true })).length === 1);
});

describe('who is heard and unknown', () => {
  test('a client that was turned away is found, and registered as it called itself', async () => {
    const knock = (username: string, password: string) =>
      connectAsync(hub.mqttUrl(), { username, password, clientId: username, protocolVersion: 5, reconnectPeriod: 0 });
    await expect(knock('lift-7', 'guess')).rejects.toThrow();
    const [found] = await until('the client', async () => {
      const items = await unknowns('connection');
      return items.length > 0 && items;
    });
    expect(found).toMatchObject({ name: 'lift-7', messages: 1, suggested: { id: 'lift-7' } });
    const adopt = `/api/heard-unknown/${found!.id}/adopt`;
    expect(await hub.call('POST', adopt, { body: {} })).toMatchObject({ status: 400 });
    const adopted = await post<{ credential: Credential }>(adopt, { compound: 'harbour-view', kind: 'sensor' });
    expect(adopted).toMatchObject({ id: 'lift-7', adopted: false });
    await connect(adopted.credential);
    expect(await unknowns('connection')).toEqual([]);
    expect((await hub.call('POST', adopt, { body: {} })).status).toBe(404);
  });

  test('what was refused for want of its sender is taken up again when that is registered', async () => {
    const client = await connect(await register('site'));
    await say(client, 'zigbee2mqtt/cellar', { contact: true });
    await hub.call('DELETE', '/api/devices/site-cellar');
    for (const battery of [88, 87]) await say(client, 'zigbee2mqtt/cellar', { contact: false, battery });
    const [found] = await until('the letters', async () => {
      const items = await unknowns('address');
      return items[0]?.messages === 2 && items;
    });
    expect(found).toMatchObject({
      ...{ name: 'zigbee2mqtt/cellar', compound: 'harbour-view', through: 'site' },
      said: { topic: 'zigbee2mqtt/cellar', payload: { text: '{"contact":false,"battery":87}' } },
      suggested: { compound: 'harbour-view', gateway: 'site' },
    });
    const named = { id: 'cellar-2', kind: 'sensor', dialect: 'zigbee2mqtt', externalId: 'cellar' };
    const adopted = await post(`/api/heard-unknown/${found!.id}/adopt`, named);
    expect(adopted).toMatchObject({ id: 'cellar-2', replayed: { recorded: 2, noOp: 0, refused: 0 } });
    await until('no letter', async () => (await unknowns('address')).length === 0);
  });

  test('a device heard beneath a gateway keeps its history when somebody has looked at it', async () => {
    const [found] = (await unknowns('gateway')).filter(({ through }) => through === 'bees');
    expect(found!.lastAt).not.toBeNull();
    const adopted = await post(`/api/heard-unknown/${found!.id}/adopt`, { name: 'Front door' });
    expect(adopted).toMatchObject({ id: found!.name, name: 'Front door', adopted: false });
    expect((await unknowns('gateway')).map(({ id }) => id)).not.toContain(found!.id);
    const { items } = await hub.get<{ items: unknown[] }>(`/api/devices/${found!.name}/events`);
    expect(items.length).toBeGreaterThan(2);
  });
});
