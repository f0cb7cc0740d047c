import { join } from 'node:path';
import fc from 'fast-check';
import { decodeChecked } from '../../devices/decode-checked.ts';
import { type Dialect, facts } from '../../devices/dialect.ts';
import { dialects } from '../../devices/dialects/registry.ts';
import { exampleMessage, loadExamples } from '../../devices/example-file.ts';
import { devicesFolder } from '../../devices/generate-registries.ts';
import { type PayloadRefused, payloadHash } from './dead-letters.ts';
import { type Message, payloadBytesMax } from './ingest.ts';
import { createIngestHarness, deviceFor, startMs } from './ingest-harness.ts';
import type { Outcome } from './outcome.ts';

const gateEvents = 'xy/v1/harbour-view/gate-1/events';
const gateStatus = 'xy/v1/harbour-view/gate-1/status';
const gatewayOf = (dialect: string) => deviceFor('gw', { kind: 'gateway', dialect });
const said = (outcome: Outcome): string => {
  if (outcome.outcome === 'recorded') return `recorded ${outcome.stored}`;
  return outcome.outcome === 'no-op' ? outcome.reason : `!${outcome.code}`;
};
const minutes = (count: number): number => count * 60_000;
const timeAt = (minute: number): string => new Date(startMs + minutes(minute)).toISOString();

describe('what becomes of a message', () => {
  test('an event is recorded, and told how many were stored at which position', async () => {
    const hub = createIngestHarness();
    const outcome = await hub.send('gate-1', gateEvents, { type: 'gate.passed', data: { direction: 'in' } });
    expect(outcome).toEqual({ outcome: 'recorded', position: '1', stored: 1 });
    expect(await hub.events()).toMatchObject([
      { stream: 'telemetry-gate-1', type: 'gate.passed', data: { direction: 'in' }, meta: { clock: 'untrusted' } },
    ]);
  });
  test('a state that is as it was is counted and not stored, but for a sign of life now and then', async () => {
    const hub = createIngestHarness();
    const outcomes: string[] = [];
    for (const minute of [0, 1, 2, 5, 6]) {
      hub.clock.nowMs = startMs + minutes(minute);
      outcomes.push(said(await hub.send('gate-1', gateStatus, 'online')));
    }
    expect(outcomes).toEqual(['recorded 1', 'unchanged', 'unchanged', 'recorded 1', 'unchanged']);
    expect(await hub.types()).toEqual(['device.connected', 'device.seen']);
    expect(hub.ingest.counts('gate-1')).toEqual({ recorded: 2, noOp: { unchanged: 3 }, refused: {} });
  });
  test('an empty batch is understood and nothing', async () => {
    expect(said(await createIngestHarness().send('gate-1', gateEvents, []))).toBe('empty-batch');
  });
  test.each([
    ['nobody', 'gate-9', 'device.unknown'],
    ['a retired device', 'gate-2', 'device.retired'],
  ])('of %s is not taken at all', async (_, sender, code) => {
    const hub = createIngestHarness({ devices: [deviceFor('gate-2', { retiredAt: timeAt(0) })] });
    await expect(hub.send(sender, gateEvents, {})).rejects.toMatchObject({ code });
  });
});

describe('bad input is refused with a reason, kept with its bytes, and counted', () => {
  const both: Dialect = {
    name: 'bees',
    title: { zh: 'bees', en: 'bees' },
    kinds: ['sensor'],
    topics: ['zigbee2mqtt/#'],
    decode: () => facts(),
  };
  const gateway = gatewayOf('auto');
  const passedAt = (time: string) => ({ type: 'gate.passed', time });
  const cases: [string, string, string, unknown, string][] = [
    ['broken JSON', 'gate-1', gateEvents, '{"type":"gate.passed"', 'broken-json'],
    ['binary where JSON is due', 'gate-1', gateEvents, Buffer.from([0xff, 0xfe, 0x00, 0x80]), 'binary-payload'],
    [
      'a wrong type of a field',
      'gate-1',
      gateEvents,
      { type: 'gate.passed', data: { confidence: 'high' } },
      'contract-violated',
    ],
    [
      'a field nobody knows',
      'gate-1',
      gateEvents,
      { type: 'gate.passed', data: { colour: 'red' } },
      'contract-violated',
    ],
    ['a number where an object is due', 'gate-1', gateEvents, '17', 'contract-violated'],
    ['a word nobody knows', 'gate-1', gateEvents, { type: 'gate.exploded' }, 'unknown-type'],
    ['a wrong topic', 'gate-1', 'xy/v1/harbour-view/gate-1/event', {}, 'wrong-topic'],
    ['a topic of no dialect of its own', 'gate-1', 'zigbee2mqtt/door', {}, 'wrong-topic'],
    ['a topic that nobody reads', 'gw', 'somebody/else', {}, 'no-dialect'],
    ['a topic that two dialects read', 'gw', 'zigbee2mqtt/door', { contact: true }, 'ambiguous-dialect'],
    ['another device’s address', 'gate-1', 'xy/v1/harbour-view/gate-2/events', passedAt(timeAt(0)), 'not-your-address'],
    ['another compound’s address', 'gate-1', 'xy/v1/next-door/gate-1/events', passedAt(timeAt(0)), 'not-your-address'],
    ['an unknown device', 'gw', 'xy/v1/harbour-view/Gate%201/events', passedAt(timeAt(0)), 'unknown-device'],
    ['a clock of 1970', 'gate-1', gateEvents, passedAt('1970-01-01T00:00:12Z'), 'time-out-of-range'],
    ['a clock of 2099', 'gate-1', gateEvents, passedAt('2099-01-01T00:00:00Z'), 'time-out-of-range'],
    ['5 MB', 'gate-1', gateEvents, Buffer.alloc(5 * 1024 * 1024, 0x20), 'payload-too-large'],
    [
      'one bad event among good ones',
      'gate-1',
      gateEvents,
      [passedAt(timeAt(0)), passedAt('1970-01-01T00:00:12Z')],
      'time-out-of-range',
    ],
  ];

  test.each(cases)('%s', async (_, sender, topic, payload, code) => {
    const hub = createIngestHarness({ devices: [deviceFor('gate-1'), gateway], dialects: [...dialects, both] });
    const message = hub.message(topic, payload, { contentType: 'application/json', userProperties: { site: 'north' } });
    const outcome = await hub.ingest.accept(sender, message);
    expect(said(outcome)).toBe(`!${code}`);

    const events = await hub.events();
    expect(events).toHaveLength(1);
    const [letter] = events;
    const kept = letter!.data as PayloadRefused;
    expect(letter).toMatchObject({ type: 'ingest.payload-refused', stream: `device-${sender}` });
    expect(outcome).toMatchObject({ deadLetter: letter!.id, reason: kept.reason });
    expect(kept).toMatchObject({ code, topic, contentType: 'application/json', userProperties: { site: 'north' } });
    expect(kept.reason.length).toBeGreaterThan(20);
    const bytes = hub.kept.get(kept.sha256);
    expect(bytes?.equals(message.payload)).toBe(true);
    expect(kept).toMatchObject({ sizeBytes: message.payload.length, sha256: payloadHash(message.payload) });

    expect(hub.ingest.counts(sender).refused).toEqual({ [code]: 1 });
    const { values } = await hub.metrics.messages.get();
    expect(values).toMatchObject([{ value: 1, labels: { outcome: 'refused', reason: code } }]);
  });

  test('at most the size that is taken is taken', async () => {
    const hub = createIngestHarness();
    const padded = JSON.stringify({ type: 'gate.passed' }).padEnd(payloadBytesMax, ' ');
    expect(said(await hub.send('gate-1', gateEvents, padded))).toBe('recorded 1');
    expect(said(await hub.send('gate-1', gateEvents, `${padded} `))).toBe('!payload-too-large');
  });

  test('any bytes on any topic end in one outcome and leave the hub able to go on', async () => {
    const hub = createIngestHarness({ devices: [deviceFor('gate-1'), gateway] });
    const topics = [
      'xy/v1/harbour-view/gate-1/events',
      'zigbee2mqtt/door',
      'frigate/events',
      'application/1/x',
      'ocpp/1',
    ];
    const json = fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text));
    const payload = fc.oneof(
      json,
      fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...topics), payload, async (topic, bytes) => {
        const sender = topic.startsWith('xy/') ? 'gate-1' : 'gw';
        // However many cases there are, each letter is within its sender's quota.
        hub.clock.nowMs += 10_000;
        const outcome = await hub.send(sender, topic, bytes);
        expect(['recorded', 'no-op', 'refused']).toContain(outcome.outcome);
        if (outcome.outcome === 'refused') expect(hub.kept.get(payloadHash(bytes))?.equals(bytes)).toBe(true);
      }),
    );
    expect(said(await hub.send('gate-1', gateEvents, { type: 'gate.passed' }))).toBe('recorded 1');
  });
});

describe('when the log is away', () => {
  test('a change of state is taken back, and recorded when the message is sent again', async () => {
    const hub = createIngestHarness();
    hub.failAppends(1);
    await expect(hub.send('gate-1', gateStatus, 'offline')).rejects.toThrow('the log is away');
    expect(said(await hub.send('gate-1', gateStatus, 'offline'))).toBe('recorded 1');
    expect(await hub.types()).toEqual(['device.disconnected']);
  });

  test('two changes under way, both lost, are both recorded when sent again', async () => {
    const hub = createIngestHarness();
    await hub.send('gate-1', gateStatus, 'online');
    hub.failAppends(2);
    const lost = await Promise.allSettled(['offline', 'online'].map((word) => hub.send('gate-1', gateStatus, word)));
    expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    hub.clock.nowMs += 1000;
    for (const word of ['offline', 'online'])
      expect(said(await hub.send('gate-1', gateStatus, word))).toBe('recorded 1');
    expect(await hub.types()).toEqual(['device.connected', 'device.disconnected', 'device.connected']);
  });

  test('an adoption is tried again', async () => {
    const hub = createIngestHarness({ devices: [gatewayOf('canonical')] });
    const topic = 'xy/v1/harbour-view/gate-7/events';
    hub.failAppends(1);
    await expect(hub.send('gw', topic, { type: 'gate.passed' })).rejects.toThrow();
    expect(said(await hub.send('gw', topic, { type: 'gate.passed' }))).toBe('recorded 2');
    expect(await hub.types()).toEqual(['device.registered', 'gate.passed']);
  });

  test('a refusal is not acknowledged either', async () => {
    const hub = createIngestHarness();
    hub.failAppends(1);
    await expect(hub.send('gate-1', gateEvents, '{')).rejects.toThrow('the log is away');
    expect(said(await hub.send('gate-1', gateEvents, '{'))).toBe('!broken-json');
  });

  const fault = (status: string, errorCode: string, minute: number) => [
    2,
    `call-${minute}`,
    'StatusNotification',
    { connectorId: 1, status, errorCode, timestamp: timeAt(minute) },
  ];
  test('what a dialect remembered of it is forgotten, so that the fault is told when it is sent again', async () => {
    const hub = createIngestHarness({ devices: [gatewayOf('ocpp16')] });
    const topic = 'ocpp/1.6/post-1/out';
    const found = dialects.find(({ name }) => name === 'ocpp16')!.topics;
    const sendFault = (status: string, code: string, minute: number) => {
      hub.clock.nowMs = startMs + minutes(minute);
      return hub.send('gw', topicFor(found, topic), fault(status, code, minute));
    };
    await sendFault('Available', 'NoError', 0);
    hub.failAppends(1);
    await expect(sendFault('Faulted', 'OverVoltage', 1)).rejects.toThrow('the log is away');
    expect(hub.stored.size).toBe(0);
    await sendFault('Faulted', 'OverVoltage', 1);
    await sendFault('Available', 'NoError', 2);
    const types = (await hub.types()).filter((type) => type.startsWith('device.fault'));
    expect(types).toEqual(['device.fault-raised', 'device.fault-cleared']);
    expect(hub.stored.size).toBe(0);
  });
});

/** A topic of the dialect, with the post's name where it has a wildcard. */
const topicFor = (filters: readonly string[], preferred: string): string => {
  const filter = filters.find((candidate) => candidate.includes('+'));
  return filter === undefined ? preferred : filter.replace('+', 'post-1').replace(/\+|#/g, 'in');
};

describe('a message sent again', () => {
  const again = (message: Partial<Message>): Partial<Message> => ({ ...message, duplicate: true });

  test('with an id of its own, or an instant, is stored once', async () => {
    const hub = createIngestHarness();
    for (const event of [{ id: 'own-1' }, { seq: 7 }, { time: timeAt(-1) }]) {
      const payload = { type: 'gate.passed', ...event };
      expect(said(await hub.send('gate-1', gateEvents, payload))).toBe('recorded 1');
      hub.clock.nowMs += 5000;
      expect(said(await hub.send('gate-1', gateEvents, payload))).toBe('recorded 0');
    }
  });
  test('with an id of its own, in another batch, is stored once', async () => {
    const hub = createIngestHarness();
    const [one, two, three] = ['a', 'b', 'c'].map((id) => ({ type: 'gate.passed', id, time: timeAt(-1) }));
    await hub.send('gate-1', gateEvents, [one, two]);
    expect(said(await hub.send('gate-1', gateEvents, [two, three]))).toBe('recorded 1');
    expect(await hub.types()).toHaveLength(3);
  });
  test('with neither is stored once when MQTT says that it is a duplicate', async () => {
    const hub = createIngestHarness();
    const first = { packetId: 17 };
    expect(said(await hub.send('gate-1', gateEvents, { type: 'gate.passed' }, first))).toBe('recorded 1');
    hub.clock.nowMs += 5000;
    expect(said(await hub.send('gate-1', gateEvents, { type: 'gate.passed' }, again(first)))).toBe('recorded 0');
  });
  test('with neither is stored once even when the first try was lost', async () => {
    const hub = createIngestHarness();
    hub.failAppends(1);
    await expect(hub.send('gate-1', gateEvents, { type: 'gate.passed' }, { packetId: 17 })).rejects.toThrow();
    hub.clock.nowMs += 5000;
    const duplicate = again({ packetId: 17 });
    expect(said(await hub.send('gate-1', gateEvents, { type: 'gate.passed' }, duplicate))).toBe('recorded 1');
    expect(said(await hub.send('gate-1', gateEvents, { type: 'gate.passed' }, duplicate))).toBe('recorded 0');
  });
  test('under the same packet identifier, but not as a duplicate, is said again', async () => {
    const hub = createIngestHarness();
    for (const expected of ['recorded 1', 'recorded 1']) {
      expect(said(await hub.send('gate-1', gateEvents, { type: 'gate.passed' }, { packetId: 17 }))).toBe(expected);
      hub.clock.nowMs += 5000;
    }
  });
  test('a duplicate with other content is another message', async () => {
    const hub = createIngestHarness();
    await hub.send('gate-1', gateEvents, { type: 'gate.passed' }, { packetId: 17 });
    const other = await hub.send('gate-1', gateEvents, { type: 'gate.denied' }, again({ packetId: 17 }));
    expect(said(other)).toBe('recorded 1');
  });
});

describe('a refused message sent again', () => {
  const refuse = (hub: ReturnType<typeof createIngestHarness>, message: Partial<Message>) =>
    hub.send('gate-1', gateEvents, '{', message);

  test('is one dead letter where MQTT says that it is a duplicate, also after a lost try and a restart', async () => {
    const hub = createIngestHarness();
    hub.failAppends(1);
    await expect(refuse(hub, { packetId: 17 })).rejects.toThrow();
    const outcomes: Outcome[] = [];
    // Of the second number this ingest remembers nothing, as after a restart.
    for (const packetId of [17, 18]) {
      hub.clock.nowMs += 5000;
      outcomes.push(await refuse(hub, { packetId, duplicate: true }));
    }
    const [letter, ...others] = await hub.events();
    expect(others).toEqual([]);
    expect(outcomes.map((outcome) => 'deadLetter' in outcome && outcome.deadLetter)).toEqual([letter!.id, letter!.id]);
    expect(letter!.meta.receivedAt).toBe(timeAt(0));
  });
  test('and not as a duplicate is another dead letter', async () => {
    const hub = createIngestHarness();
    await refuse(hub, { packetId: 17 });
    hub.clock.nowMs += 5000;
    await refuse(hub, { packetId: 17 });
    expect(await hub.types()).toHaveLength(2);
  });
});

describe('people', () => {
  const month = '2026-03';
  const marked = fc.string({ maxLength: 40 }).map((text) => `Ω${text}Ω`);
  const asJson = (text: string): string => JSON.stringify(text).slice(1, -1);

  test('no reference of a gate or a charging event is in the log, whatever it is made of', async () => {
    const hub = createIngestHarness();
    const types = fc.constantFrom('gate.passed', 'gate.denied', 'gate.credential-seen');
    const charging = fc.constantFrom('charging.session-started', 'charging.session-ended');
    const gate = fc.tuple(types, marked).map(([type, reference]) => ({ type, data: { credential: { reference } } }));
    const post = fc.tuple(charging, marked).map(([type, credential]) => ({ type, data: { credential } }));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(gate, post), { minLength: 1, maxLength: 5 }), async (events) => {
        expect((await hub.send('gate-1', gateEvents, events)).outcome).toBe('recorded');
      }),
      { numRuns: 50 },
    );
    const stored = await hub.events();
    expect(stored.length).toBeGreaterThan(50);
    expect(JSON.stringify(stored)).not.toContain('Ω');
    for (const { data } of stored) expect(JSON.stringify(data)).toMatch(/"p-[0-9a-f]{20}"/);
  });

  test.each(dialects.map(({ name }) => name))('no reference of an example of %s is in the log', async (name) => {
    const dialect = dialects.find((candidate) => candidate.name === name)!;
    for (const example of loadExamples(join(devicesFolder, 'dialects', `${name}.examples.yaml`))) {
      const message = exampleMessage(example);
      const decoded = decodeChecked(dialect, message, (key) => example.recall[key]);
      const credentials = decoded.outcome === 'facts' ? decoded.facts.map(({ data }) => data.credential) : [];
      const references = credentials
        .map((credential) => (typeof credential === 'string' ? credential : (credential as Reference)?.reference))
        // A shorter one also stands in some hash or number by chance.
        .filter((reference) => reference !== undefined)
        .filter((reference) => reference.length >= 4);
      if (references.length === 0) continue;
      const sender = name === 'canonical' ? message.topic.split('/')[3]! : 'gw';
      const owner = deviceFor(sender, { kind: 'gateway', dialect: name, compound: compoundOf(name, message.topic) });
      const hub = createIngestHarness({ devices: [owner] });
      hub.clock.nowMs = Date.parse('2030-01-01T00:00:00.000Z');
      await hub.send(sender, message.topic, message.payload);
      const text = JSON.stringify(await hub.events());
      expect(text).toContain('p-');
      for (const reference of references) {
        expect({ example: example.description, leaked: text.includes(asJson(reference)) }).toEqual({
          example: example.description,
          leaked: false,
        });
      }
    }
  });

  test.each([
    '{"type":"gate.passed","data":{"credential":{"reference":ΩB12345}}}',
    '"ΩB12345',
    'ΩB12345',
    '{"reference":"ΩB12345" "x":1}',
  ])('of JSON that is broken nothing is quoted in the log: %s', async (payload) => {
    const hub = createIngestHarness();
    expect(said(await hub.send('gate-1', gateEvents, payload))).toBe('!broken-json');
    expect(JSON.stringify(await hub.events())).not.toContain('B12345');
  });

  test('a message that waits for its key keeps its place before the sender’s next', async () => {
    const hub = createIngestHarness({ devices: [deviceFor('gate-1'), deviceFor('gate-2')], keysReady: false });
    const named = { type: 'gate.passed', data: { credential: { reference: '4711' } } };
    const waiting = hub.send('gate-1', gateEvents, named);
    const behind = hub.send('gate-1', gateEvents, { type: 'gate.held-open' });
    await hub.send('gate-2', 'xy/v1/harbour-view/gate-2/events', { type: 'gate.forced-open' });
    expect(await hub.types()).toEqual(['gate.forced-open']);
    hub.releaseKeys();
    await Promise.all([waiting, behind]);
    expect(await hub.types()).toEqual(['gate.forced-open', 'gate.passed', 'gate.held-open']);
  });

  test('the same card is one pseudonym within a month, and another in the next', async () => {
    const hub = createIngestHarness();
    const passed = (time: string) => ({ type: 'gate.passed', time, data: { credential: { reference: '4711' } } });
    await hub.send('gate-1', gateEvents, [passed(`${month}-01T07:00:00Z`), passed(`${month}-01T07:30:00Z`)]);
    await hub.send('gate-1', gateEvents, passed('2026-02-28T07:00:00Z'));
    const references = (await hub.events()).map(({ data }) => (data as { credential: Reference }).credential.reference);
    expect(references[0]).toBe(references[1]);
    expect(references[0]).not.toBe(references[2]);
  });
});

interface Reference {
  reference?: string;
}
const compoundOf = (dialect: string, topic: string): string =>
  dialect === 'canonical' ? topic.split('/')[2]! : 'harbour-view';

describe('the device’s own connection', () => {
  test('comes and goes as events, each once', async () => {
    const hub = createIngestHarness();
    await hub.ingest.connection('gate-1', 'online', undefined, startMs);
    await hub.ingest.connection('gate-1', 'online', undefined, startMs + 1000);
    await hub.ingest.connection('gate-1', 'offline', 'keepalive', startMs + 2000);
    await hub.ingest.connection('gate-1', 'offline', 'will', startMs + 3000);
    await hub.ingest.connection('gate-1', 'online', undefined, startMs + 4000);
    await hub.ingest.connection('gate-1', 'offline', 'goodbye', startMs + 5000);
    expect((await hub.events()).map(({ type, data }) => [type, data])).toEqual([
      ['device.connected', {}],
      ['device.disconnected', { reason: 'keepalive' }],
      ['device.connected', {}],
      ['device.disconnected', { reason: 'goodbye' }],
    ]);
  });
  test('of nobody known is nothing', async () => {
    const hub = createIngestHarness({ devices: [deviceFor('gate-2', { retiredAt: timeAt(0) })] });
    await hub.ingest.connection('gate-2', 'online', undefined, startMs);
    await hub.ingest.connection('gate-9', 'online', undefined, startMs);
    await hub.ingest.stillConnected(['gate-2', 'gate-9']);
    expect(await hub.types()).toEqual([]);
  });
  test('that stands is a sign of life, where nothing was heard for a while', async () => {
    const hub = createIngestHarness({ devices: [deviceFor('gate-1'), deviceFor('gate-2')] });
    await hub.send('gate-2', 'xy/v1/harbour-view/gate-2/events', { type: 'gate.passed' });
    await hub.ingest.stillConnected(['gate-1', 'gate-2']);
    await hub.ingest.stillConnected(['gate-1', 'gate-2']);
    hub.clock.nowMs += minutes(6);
    await hub.ingest.stillConnected(['gate-1']);
    expect((await hub.events()).map(({ type, meta }) => `${meta.device} ${type}`)).toEqual([
      'gate-2 gate.passed',
      'gate-1 device.seen',
      'gate-1 device.seen',
    ]);
  });
});
