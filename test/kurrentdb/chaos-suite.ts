import {
  type KurrentEventLog,
  type KurrentEventLogOptions,
  openKurrentEventLog,
} from '../../services/event-log/kurrentdb/kurrentdb-event-log.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { sampleEvent } from '../contract/event-log.suite.ts';
import { type Double, type DoubleOptions, startDouble } from './double.ts';
import type { Trouble } from './double-parts.ts';
import type { Scheme } from './stubs.ts';

const one = (stream = 'device-a', event = sampleEvent()) => [
  { stream, expectedRevision: 'any' as const, events: [event] },
];
const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (isDone: () => boolean): Promise<void> => {
  while (!isDone()) await soon(10);
};

const opened: { close(): Promise<void> }[] = [];
const doubles: Double[] = [];

/** For a server that says nothing. */
const hurried = { answerSeconds: 0.4 };

const open = async (
  scheme: Scheme,
  options: Partial<KurrentEventLogOptions> = {},
  double: Partial<DoubleOptions> = {},
) => {
  const server = await startDouble({ scheme, ...double });
  doubles.push(server);
  const log = await openKurrentEventLog({ url: server.url, clock: systemClock, answerSeconds: 10, ...options });
  opened.push(log);
  return { server, log };
};

/** Nothing lost, nothing twice; as a reader finds it who has time. */
const expectEachOnce = async ({ url }: Double, ids: readonly string[]): Promise<void> => {
  const log = await openKurrentEventLog({ url, clock: systemClock });
  opened.push(log);
  const stored = (await log.readAll(null, 100_000)).map(({ id }) => id);
  expect(stored).toHaveLength(ids.length);
  expect(new Set(stored)).toEqual(new Set(ids));
};

/** Appends that run into each of the troubles, in rounds, over a few streams. */
const appendsThrough = (scheme: Scheme): void => {
  const troubles: [string, Trouble][] = [
    ['no answer and nothing stored', { kind: 'mute' }],
    ['an answer after the limit', { kind: 'late', afterMs: 900 }],
    ['UNAVAILABLE before the storing', { kind: 'unavailable', stored: false }],
    ['UNAVAILABLE after the storing', { kind: 'unavailable', stored: true }],
  ];
  test.each(troubles)(
    '%s: every event is stored once, and each append says that it stored it',
    async (_name, trouble) => {
      const { server, log } = await open(scheme, hurried);
      const ids: string[] = [];
      for (let round = 0; round < 3; round += 1) {
        server.troubles.push(trouble);
        const events = Array.from({ length: 30 }, () => sampleEvent());
        ids.push(...events.map(({ id }) => id));
        const results = await Promise.all(events.map((event, index) => log.append(one(`device-${index % 4}`, event))));
        expect(results.reduce((sum, { stored }) => sum + stored, 0)).toBe(30);
      }
      await expectEachOnce(server, ids);
    },
  );

  test('a server that never answers: the append fails in time, and its repetition stores once', async () => {
    const { server, log } = await open(scheme, { ...hurried, retrySeconds: 1 });
    const event = sampleEvent();
    for (let count = 0; count < 20; count += 1) server.troubles.push({ kind: 'mute' });
    await expect(log.append(one('device-a', event))).rejects.toThrow(/did not take the append/);
    server.troubles.length = 0;
    expect((await log.append(one('device-a', event))).stored).toBe(1);
    expect((await log.append(one('device-a', event))).stored).toBe(0);
    await expectEachOnce(server, [event.id]);
  });

  test('a server that is gone and comes back on the same port: appends under way get through', async () => {
    const { server, log } = await open(scheme);
    const first = sampleEvent();
    await log.append(one('device-a', first));
    server.stop();
    const events = Array.from({ length: 20 }, () => sampleEvent());
    const appends = Promise.all(events.map((event, index) => log.append(one(`device-${index % 3}`, event))));
    await soon(300);
    server.store.forgetRecent();
    doubles.push(await startDouble({ scheme, store: server.store, port: server.port }));
    await appends;
    await expectEachOnce(server, [first.id, ...events.map(({ id }) => id)]);
  });
};

const idempotencyBeyondTheServer = (scheme: Scheme): void => {
  test('new before known in one append, which the server would store twice', async () => {
    const { server, log } = await open(scheme);
    const [known, fresh] = [sampleEvent(), sampleEvent()];
    await log.append(one('device-a', known));
    const mixed = await log.append([{ stream: 'device-a', expectedRevision: 'any', events: [fresh, known] }]);
    expect(mixed.stored).toBe(1);
    await expectEachOnce(server, [known.id, fresh.id]);
  });

  test('a repetition after the server has forgotten the id, by a log that never saw it', async () => {
    const { server, log } = await open(scheme);
    const [first, later] = [sampleEvent(), sampleEvent()];
    await log.append(one('device-a', first));
    await log.append(one('device-a', later));
    await log.close();
    server.store.forgetRecent();
    const second = await openKurrentEventLog({ url: server.url, clock: systemClock });
    opened.push(second);
    expect((await second.append(one('device-a', first))).stored).toBe(0);
    await expectEachOnce(server, [first.id, later.id]);
  });

  test('an old event is looked for as far back as it may have been received, and no further', async () => {
    const { server, log } = await open(scheme);
    const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 0, minute)).toISOString();
    const eventAt = (minute: number) => {
      const event = sampleEvent();
      return { ...event, meta: { ...event.meta, occurredAt: at(minute), receivedAt: at(minute) } };
    };
    const events = Array.from({ length: 1_200 }, (_, minute) => eventAt(minute));
    await log.append([{ stream: 'device-a', expectedRevision: 'any', events }]);
    await log.close();
    const second = await openKurrentEventLog({ url: server.url, clock: systemClock });
    opened.push(second);
    const repeated = [events[1_199]!, events[1_000]!, events[3]!];
    for (const event of repeated) expect((await second.append(one('device-a', event))).stored).toBe(0);
    expect((await second.append(one('device-a', eventAt(1_201)))).stored).toBe(1);
    expect(server.store.streamOf('device-a')).toHaveLength(1_201);
  });
};

const sizes = (scheme: Scheme): void => {
  test('an append larger than the server takes is cut into several', async () => {
    const { server, log } = await open(scheme);
    const events = Array.from({ length: 30 }, () => sampleEvent({ text: 'x'.repeat(100_000) }));
    const { stored } = await log.append([{ stream: 'device-a', expectedRevision: 'no-stream', events }]);
    expect(stored).toBe(30);
    expect(server.callsOf('batchAppend')).toBe(4);
    await expectEachOnce(
      server,
      events.map(({ id }) => id),
    );
  });

  test('one event larger than the server takes is refused by name and hurts no other', async () => {
    const { log } = await open(scheme);
    const large = log.append(one('device-a', sampleEvent({ text: 'x'.repeat(1_100_000) })));
    const small = log.append(one('device-b'));
    await expect(large).rejects.toThrow(/event for device-a is larger/);
    expect((await small).stored).toBe(1);
  });
};

const otherWriters = (scheme: Scheme): void => {
  test('two logs that write to one stream at once: nothing is lost and nothing comes twice', async () => {
    const { server, log } = await open(scheme);
    const appends = Array.from({ length: 20 }, () => log.append(one()));
    // Somebody else writes between, as a second hub does, and less often than an append tries.
    let foreignWrites = 0;
    const foreign = setInterval(() => {
      foreignWrites += 1;
      if (foreignWrites > 30) return;
      const revision = server.store.streamOf('device-a').length - 1;
      const { id } = sampleEvent();
      const bytes = new TextEncoder().encode('{}');
      const record = { id, type: 'a.b', contentType: 'application/octet-stream', data: bytes, metadata: bytes };
      server.store.append({ stream: 'device-a', expected: revision < 0 ? 'no-stream' : revision, records: [record] });
    }, 10);
    await Promise.all(appends).finally(() => clearInterval(foreign));
    await expectEachOnce(
      server,
      (await log.readStream('device-a')).map(({ id }) => id),
    );
    expect(await log.readStream('device-a')).toHaveLength(20);
  });
};

const following = (log: KurrentEventLog, maxCount?: number) => {
  const stop = new AbortController();
  const seen: string[] = [];
  const done = (async () => {
    for await (const batch of log.subscribe(null, { signal: stop.signal, maxCount }))
      seen.push(...batch.map(({ id }) => id));
  })();
  return {
    seen,
    async end() {
      stop.abort();
      await done;
    },
  };
};

const subscriptionsThrough = (scheme: Scheme): void => {
  test('whoever leaves while the server says nothing leaves at once', async () => {
    const { server, log } = await open(scheme, { answerSeconds: 60 });
    server.muteReads.now = true;
    const { end } = following(log);
    await soon(100);
    const left = await Promise.race([end().then(() => 'left'), soon(5_000).then(() => 'still waiting')]);
    expect(left).toBe('left');
  });

  test('dropped as too slow, again and again: each event comes once, in order', async () => {
    const { server, log } = await open(scheme);
    const { seen, end } = following(log, 10);
    for (let round = 0; round < 4; round += 1) {
      await until(() => server.subscribers() > 0);
      await Promise.all(Array.from({ length: 25 }, (_, index) => log.append(one(`device-${index % 5}`))));
      server.dropSubscriptions();
      server.store.addSystemRecord();
    }
    await until(() => seen.length >= 100);
    await end();
    expect(seen).toEqual((await log.readAll(null, 1_000)).map(({ id }) => id));
  });

  test('a server that is gone for a while: the subscription comes back by itself', async () => {
    const { server, log } = await open(scheme);
    const { seen, end } = following(log);
    const [before, after] = [sampleEvent(), sampleEvent()];
    await log.append(one('device-a', before));
    await until(() => seen.length === 1);
    server.stop();
    await soon(200);
    doubles.push(await startDouble({ scheme, store: server.store, port: server.port }));
    await log.append(one('device-a', after));
    await until(() => seen.length === 2);
    await end();
    expect(seen).toEqual([before.id, after.id]);
  });

  test('reads that get no answer are given up, and go on once there is one', async () => {
    const { server, log } = await open(scheme, hurried);
    await log.append(one());
    server.muteReads.now = true;
    await expect(log.readAll(null, 10)).rejects.toThrow(/has not answered/);
    const { seen, end } = following(log);
    await soon(500);
    server.muteReads.now = false;
    await until(() => seen.length === 1);
    await end();
  });

  test('the server’s own records, links and other programs’ events are passed over', async () => {
    const { server, log } = await open(scheme);
    const { seen, end } = following(log, 3);
    const bytes = new TextEncoder().encode('{"a":1}');
    for (let round = 0; round < 5; round += 1) {
      await log.append(one());
      for (let count = 0; count < 150; count += 1) server.store.addSystemRecord();
      server.store.append({
        stream: 'orders-of-another-program',
        expected: 'any',
        records: [
          { id: sampleEvent().id, type: 'ordered', contentType: 'application/json', data: bytes, metadata: bytes },
        ],
      });
    }
    await until(() => seen.length === 5);
    await end();
    const all = await log.readAll(null, 5);
    expect(all.map(({ id }) => id)).toEqual(seen);
    expect(await log.readAll(all[3]!.position, 10)).toHaveLength(1);
    expect((await log.head()).position).toBe(all[4]!.position);
    expect(await log.readStream('orders-of-another-program')).toEqual([]);
  });
};

const readsGivenUp = (scheme: Scheme): void => {
  test('a read that is cut because another call was given up is no answer', async () => {
    const { server, log } = await open(scheme, hurried);
    await log.append(one());
    server.muteReads.now = true;
    server.troubles.push({ kind: 'mute' });
    const append = log.append(one());
    await soon(200);
    await expect(log.readStream('device-a')).rejects.toThrow();
    expect((await append).stored).toBe(1);
  });
};

/** What the contract does not ask: how the log behaves when the server or the network misbehaves. */
export const chaosSuite = (scheme: Scheme): void => {
  describe(`${scheme}:// and a server that misbehaves`, () => {
    afterEach(async () => {
      for (const log of opened.splice(0)) await log.close();
      for (const double of doubles.splice(0)) double.stop();
    });
    describe('appends', () => appendsThrough(scheme));
    describe('idempotency', () => idempotencyBeyondTheServer(scheme));
    describe('sizes', () => sizes(scheme));
    describe('other writers', () => otherWriters(scheme));
    describe('subscriptions and reads', () => subscriptionsThrough(scheme));
    describe('reads that are given up', () => readsGivenUp(scheme));
  });
};

/** Appends to many streams in one call, where client and server can. */
export const manyStreamsSuite = (scheme: Scheme): void => {
  describe(`${scheme}:// and appends to many streams`, () => {
    afterEach(async () => {
      for (const log of opened.splice(0)) await log.close();
      for (const double of doubles.splice(0)) double.stop();
    });
    const batch = () => Array.from({ length: 50 }, (_, index) => one(`device-${index}`)[0]!);
    const idsOf = (appends: ReturnType<typeof batch>) => appends.flatMap(({ events }) => events.map(({ id }) => id));

    test.each([
      ['26.1.0', 'appendRecords'],
      ['25.1.0', 'appendSession'],
      ['23.10.8', 'batchAppend'],
    ])('a server %s is asked by %s', async (version, method) => {
      const { server, log } = await open(scheme, {}, { version });
      const appends = batch();
      expect((await log.append(appends)).stored).toBe(50);
      // Streams whose end is known sooner go first: a few calls, not one for each stream.
      expect(server.callsOf(method)).toBeGreaterThan(0);
      expect(method === 'batchAppend' || server.callsOf('batchAppend') < 10).toBe(true);
      await expectEachOnce(server, idsOf(appends));
      expect((await log.append(appends)).stored).toBe(0);
    });

    test('one stream that has moved does not hold up the others', async () => {
      const { server, log } = await open(scheme, {}, { version: '26.1.0' });
      await log.append(batch());
      const bytes = new TextEncoder().encode('{}');
      const record = {
        id: sampleEvent().id,
        type: 'a.b',
        contentType: 'application/octet-stream',
        data: bytes,
        metadata: bytes,
      };
      server.store.append({ stream: 'device-7', expected: 'any', records: [record] });
      const appends = batch();
      expect((await log.append(appends)).stored).toBe(50);
    });

    test.each<[string, Trouble]>([
      ['no answer', { kind: 'mute' }],
      ['UNAVAILABLE after the storing', { kind: 'unavailable', stored: true }],
    ])('%s: each stream goes by itself and nothing is stored twice', async (_name, trouble) => {
      const { server, log } = await open(scheme, hurried, { version: '26.1.0' });
      const appends = batch();
      server.troubles.push(trouble);
      expect((await log.append(appends)).stored).toBe(50);
      await expectEachOnce(server, idsOf(appends));
    });

    test('streams whose names differ by case only stay apart', async () => {
      const { log } = await open(scheme, {}, { version: '26.1.0' });
      await log.append([...one('device-a'), ...one('device-A'), ...one('device-b')]);
      expect(await log.readStream('device-a')).toHaveLength(1);
      expect(await log.readStream('device-A')).toHaveLength(1);
    });
  });
};
