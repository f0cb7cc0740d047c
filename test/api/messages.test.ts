import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import { startTestHub, type TestHub, until } from '../running-hub.ts';

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

/** Registers a device and connects it. */
const deviceNamed = async (id: string, more: Record<string, unknown> = {}): Promise<MqttClient> => {
  const device = { id, compound: 'harbour-view', kind: 'access-gate', name: id, ...more };
  const { body } = await hub.call('POST', '/api/devices', { body: device });
  const client = await hub.connect((body as { credential: { username: string; password: string } }).credential);
  clients.push(client);
  return client;
};
const say = async (client: MqttClient, topic: string, payload: unknown): Promise<void> => {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  // A refusal is an answer too: it comes as an error of the publish.
  await client.publishAsync(topic, text, { qos: 1 }).catch(() => undefined);
};
const eventsTopic = (device: string): string => `xy/v1/harbour-view/${device}/events`;

interface Letter {
  id: string;
  code: string;
  topic: string;
  preview: string;
  replayOutcome: string | null;
}
interface Page<Item> {
  items: Item[];
  next: string | null;
}
interface Item {
  type: string;
  position: string;
  revision: number;
  stream: string;
}
const lettersOf = async (device: string): Promise<Letter[]> =>
  (await hub.get<Page<Letter>>(`/api/dead-letters?device=${device}`)).items;

describe('events', () => {
  test('of a device are paged from the newest back, those of the log and of a stream from the first on', async () => {
    const client = await deviceNamed('gate-1');
    for (const seq of [1, 2, 3, 4]) await say(client, eventsTopic('gate-1'), { type: 'gate.passed', seq });
    const pages: Item[][] = [];
    let next: string | null = null;
    do {
      const page: Page<Item> = await hub.get(
        `/api/devices/gate-1/events?limit=3${next === null ? '' : `&cursor=${next}`}`,
      );
      pages.push(page.items);
      next = page.next;
    } while (next !== null);
    expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
    const told = pages.flat().map(({ stream, revision }) => `${stream} ${revision}`);
    const passages = [3, 2, 1, 0].map((revision) => `telemetry-gate-1 ${revision}`);
    expect(told).toEqual([...passages, ...[2, 1, 0].map((revision) => `device-gate-1 ${revision}`)]);

    const streams: Item[] = [];
    let from: string | null;
    for (const stream of ['device-gate-1', 'telemetry-gate-1']) {
      for (from = '0'; from !== null; ) {
        const page: Page<Item> = await hub.get(`/api/events?stream=${stream}&limit=2&from=${from}`);
        streams.push(...page.items);
        from = page.next;
      }
    }
    expect(streams).toEqual(pages.flat().reverse());

    // The rater may speak in between, and they agree at the next look.
    const all = await until('pages, head and verdict that agree', async () => {
      const items: Item[] = [];
      for (let rest: string | null = ''; rest !== null; ) {
        const page: Page<Item> = await hub.get(`/api/events?limit=2${rest === '' ? '' : `&from=${rest}`}`);
        items.push(...page.items);
        rest = page.next;
      }
      const head = await hub.get<{ position: string }>('/api/log/head');
      const verdict = await hub.get<{ ok: boolean; events: number }>('/api/log/verify');
      expect(verdict.ok).toBe(true);
      return head.position === items.at(-1)!.position && verdict.events === items.length && items;
    });
    expect(all.filter(({ type }) => type === 'gate.passed')).toHaveLength(4);
  });

  test('reach health, readings, counts and metrics', async () => {
    const client = await deviceNamed('sensor-1', { kind: 'sensor' });
    await say(client, 'xy/v1/harbour-view/sensor-1/telemetry', { values: { temperatureC: 21.5, batteryPercent: 90 } });
    await say(client, 'xy/v1/harbour-view/sensor-1/telemetry', { values: { temperatureC: 'warm' } });
    const detail = await until('the reading', async () => {
      const found = await hub.get<{ readings: unknown[] }>('/api/devices/sensor-1');
      return found.readings.length > 0 && found;
    });
    expect(detail).toMatchObject({
      messages: { recorded: 1, refused: { 'contract-violated': 1 } },
      readings: expect.arrayContaining([
        expect.objectContaining({ quantity: 'temperatureC', unit: '°C', value: 21.5 }),
      ]),
    });
    await until('the health', async () => {
      const { health } = await hub.get<{ health: { state: string; batteryPercent: number } }>('/api/devices/sensor-1');
      return health.state === 'online' && health.batteryPercent === 90;
    });
    const metrics = String((await hub.call('GET', '/metrics')).body);
    expect(metrics).toMatch(/hub_messages_total\{outcome="refused",reason="contract-violated",dialect="canonical"\} 1/);
    expect(metrics).toMatch(/hub_events_total\{type="sensor.measured"\} 1/);
  });
});

describe('a dead letter', () => {
  test('shows the bytes and the reason, and is recorded once what was wrong is mended', async () => {
    const client = await deviceNamed('bridge-1', { kind: 'gateway', dialect: 'frigate' });
    const topic = 'zigbee2mqtt/front-door';
    const payload = '{"contact":false,"battery":88}';
    await say(client, topic, payload);
    const [letter] = await until('the letter', async () => {
      const found = await lettersOf('bridge-1');
      return found.length === 1 && found;
    });
    expect(letter).toMatchObject({ code: 'wrong-topic', topic, preview: payload, replayOutcome: null });
    const detail = await hub.get<{ payloadBase64: string }>(`/api/dead-letters/${letter!.id}`);
    expect(Buffer.from(detail.payloadBase64, 'base64').toString()).toBe(payload);

    const replay = async () => (await hub.call('POST', `/api/dead-letters/${letter!.id}/replay`)).body;
    expect(await replay()).toMatchObject({ outcome: 'refused', code: 'wrong-topic' });
    await hub.call('PATCH', '/api/devices/bridge-1', { body: { dialect: 'zigbee2mqtt' } });
    expect(await replay()).toEqual({ outcome: 'recorded', code: null, reason: null });
    await until('the outcome', async () => (await lettersOf('bridge-1'))[0]?.replayOutcome === 'recorded');
    expect(await lettersOf('bridge-1')).toHaveLength(1);

    const { items } = await hub.get<Page<Item & { meta: { replayed?: boolean } }>>(
      '/api/devices/bridge-1-front-door/events',
    );
    const said = items.filter(({ type }) => !type.startsWith('device.registered'));
    expect(said.length).toBeGreaterThan(0);
    expect(said.every(({ meta }) => meta.replayed === true)).toBe(true);
    const before = items.length;
    await replay();
    const after = await hub.get<Page<Item>>('/api/devices/bridge-1-front-door/events');
    expect(after.items).toHaveLength(before);
  });

  test('of a device that was retired is not replayed', async () => {
    const client = await deviceNamed('gate-2');
    await say(client, eventsTopic('gate-2'), '{');
    const [letter] = await until('the letter', async () => {
      const found = await lettersOf('gate-2');
      return found.length === 1 && found;
    });
    await hub.call('DELETE', '/api/devices/gate-2');
    const { status, body } = await hub.call('POST', `/api/dead-letters/${letter!.id}/replay`);
    expect([status, (body as { code: string }).code]).toEqual([410, 'device.retired']);
  });

  test('of bytes that are no text, and of text that no database takes, can be read', async () => {
    const client = await deviceNamed('gate-3');
    await client.publishAsync(eventsTopic('gate-3'), Buffer.from([0, 1, 0xff]), { qos: 1 }).catch(() => undefined);
    await say(client, eventsTopic('gate-3'), '{"type":"gate.passed\\u0000"}');
    await say(client, eventsTopic('gate-3'), { type: 'gate.forced-open', data: { text: 'cut \u0000 wire' } });
    const letters = await until('the letters', async () => {
      const found = await lettersOf('gate-3');
      return found.length === 2 && found;
    });
    expect(letters.map(({ code }) => code).sort()).toEqual(['binary-payload', 'unknown-type']);
    const ready = await hub.call('GET', '/health/ready', { token: null });
    expect(ready.body).toEqual({ status: 'ready', reasons: [] });
    const orders = await until('the order', async () => {
      const found = await hub.get<Page<{ text: string }>>('/api/work-orders?device=gate-3');
      return found.items.length === 1 && found.items;
    });
    expect(orders[0]!.text).toBe('cut \ufffd wire');
  });

  test('lists are paged, newest first, by device and by code', async () => {
    const client = await deviceNamed('gate-4');
    for (const payload of ['{', '[', '"', '}']) {
      await say(client, eventsTopic('gate-4'), payload);
      // In the same millisecond none of two is the newer one.
      await sleep(2);
    }
    await until('the letters', async () => (await lettersOf('gate-4')).length === 4);
    const first = await hub.get<Page<Letter>>('/api/dead-letters?device=gate-4&limit=3&code=broken-json');
    const rest = await hub.get<Page<Letter>>(`/api/dead-letters?device=gate-4&limit=3&cursor=${first.next}`);
    expect([...first.items, ...rest.items].map(({ preview }) => preview)).toEqual(['}', '"', '[', '{']);
    expect(rest.next).toBeNull();
  });
});

describe('live', () => {
  interface Heard {
    id: string;
    type: string;
  }
  /** Reads a live stream until it has heard so many events. */
  /** What is heard until it is enough: other tests' orders and notices come in between. */
  const listen = async (
    path: string,
    isEnough: (heard: readonly Heard[]) => boolean,
    headers: Record<string, string> = {},
  ): Promise<Heard[]> => {
    const gone = new AbortController();
    const token = await hub.login('admin', 'adminadmin');
    const response = await fetch(new URL(path, hub.url()), {
      headers: { authorization: `Bearer ${token}`, ...headers },
      signal: gone.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const heard: Heard[] = [];
    let text = '';
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk as Uint8Array).toString();
      const frames = text.split('\n\n');
      text = frames.pop()!;
      for (const frame of frames) {
        const fields = Object.fromEntries(frame.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
        if (fields.id === undefined) expect(fields.event).toBe('heartbeat');
        else heard.push({ id: fields.id, type: (JSON.parse(fields.data!) as Heard).type });
      }
      if (isEnough(heard)) break;
    }
    gone.abort();
    return heard;
  };
  const heardOf = (wanted: string) => (heard: readonly Heard[]) => heard.some(({ type }) => type === wanted);

  test('tells what happens as it happens, and goes on after the last one heard, without a gap', async () => {
    const client = await deviceNamed('gate-5');
    const listening = listen('/api/live?compound=harbour-view', heardOf('gate.passed'));
    await until('the first', async () => {
      await say(client, eventsTopic('gate-5'), { type: 'gate.passed' });
      return Promise.race([
        listening.then(() => true),
        new Promise<false>((resolve) => setTimeout(resolve, 100, false)),
      ]);
    });
    const last = (await listening).at(-1)!;
    for (const type of ['gate.denied', 'gate.held-open', 'gate.forced-open']) {
      await say(client, eventsTopic('gate-5'), { type });
    }
    const rest = await listen('/api/live', heardOf('gate.forced-open'), { 'last-event-id': last.id });
    const { items } = await hub.get<Page<Item>>(`/api/events?from=${last.id}&limit=${rest.length}`);
    expect(rest).toEqual(items.map(({ position, type }) => ({ id: position, type })));
    expect(rest.map(({ type }) => type)).toEqual(expect.arrayContaining(['gate.denied', 'gate.held-open']));
  });

  test('tells nothing of other compounds to whoever asks for one', async () => {
    const next = { id: 'next-door', name: 'Next door', profile: 'new', households: 1 };
    const { position } = await hub.get<{ position: string }>('/api/log/head');
    await hub.call('POST', '/api/compounds', { body: next });
    await hub.call('PATCH', '/api/compounds/harbour-view', { body: { households: 301 } });
    await hub.call('PATCH', '/api/compounds/next-door', { body: { households: 2 } });
    const heard = await listen(`/api/live?compound=next-door&from=${position}`, ({ length }) => length >= 2);
    expect(heard.slice(0, 2).map(({ type }) => type)).toEqual(['compound.registered', 'compound.changed']);
  });
});

test('a restart goes on where it was: registry, letters, states', async () => {
  const client = await deviceNamed('gate-6');
  await say(client, 'xy/v1/harbour-view/gate-6/status', 'online');
  await say(client, eventsTopic('gate-6'), '{');
  await client.endAsync();
  const before = await until('the letter', async () => {
    const found = await lettersOf('gate-6');
    return found.length === 1 && found;
  });
  await hub.restart();
  expect(await lettersOf('gate-6')).toEqual(before);
  const credential = (await hub.call('POST', '/api/devices/gate-6/credential')).body as {
    username: string;
    password: string;
  };
  const again = await hub.connect(credential);
  clients.push(again);
  await say(again, eventsTopic('gate-6'), { type: 'gate.passed' });
  const { items } = await hub.get<Page<Item>>('/api/devices/gate-6/events');
  expect(items[0]!.type).toBe('gate.passed');
  expect(await hub.get('/api/log/verify')).toMatchObject({ ok: true });
});

interface RecordedItem extends Item {
  id: string;
  meta: { receivedAt: string; dialect?: string };
}

test('the message behind an event is kept word for word, for operators, where it came in a dialect', async () => {
  const gateway = await deviceNamed('zigbee-1', { kind: 'gateway', dialect: 'zigbee2mqtt' });
  const head = await hub.get<{ position: string }>('/api/log/head');
  const payload = '{ "water_leak": true, "battery": 90, "unheard_of": 1 }';
  await say(gateway, 'zigbee2mqtt/0x00158d0001a2b3c4', payload);
  const { items: before } = await hub.get<Page<RecordedItem>>('/api/events?limit=1');
  const [registered] = before;
  const { items } = await hub.get<Page<RecordedItem>>(`/api/events?from=${head.position}`);
  const measured = items.find(({ meta, type }) => meta.dialect === 'zigbee2mqtt' && type === 'sensor.measured');
  const address = `/api/events/${measured!.id}/message?receivedAt=${measured!.meta.receivedAt}`;
  await until('the message to be kept', async () => (await hub.call('GET', address)).status === 200);
  expect(await hub.get(address)).toMatchObject({
    ...{ sender: 'zigbee-1', dialect: 'zigbee2mqtt', topic: 'zigbee2mqtt/0x00158d0001a2b3c4', payloadText: payload },
    sizeBytes: payload.length,
  });
  const none = await hub.call('GET', `/api/events/${registered!.id}/message?receivedAt=${registered!.meta.receivedAt}`);
  expect(none).toMatchObject({ status: 404, body: { code: 'message.not-kept' } });
});

test('what a protocol wants answered reaches the device that asked, and no other', async () => {
  const heard: Record<string, string[]> = { 'door-1': [], 'door-2': [] };
  for (const id of Object.keys(heard)) {
    const client = await deviceNamed(id, { dialect: 'facegate' });
    client.on('message', (topic, payload) => heard[id]!.push(`${topic} ${JSON.parse(payload.toString()).operator}`));
    const [granted] = await client.subscribeAsync('mqtt/face/#', { qos: 1 });
    expect(granted?.qos).toBe(1);
    await say(client, 'mqtt/face/basic', { operator: 'Online', info: { facesluiceId: id } });
    await until('the answer', async () => heard[id]!.length > 0);
  }
  expect(heard).toEqual({ 'door-1': ['mqtt/face/door-1 Online-Ack'], 'door-2': ['mqtt/face/door-2 Online-Ack'] });
});
