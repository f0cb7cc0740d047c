import { randomUUID } from 'node:crypto';
import type { NewEvent, RecordedEvent } from '../../services/event-log/event.ts';
import { type EventLog, WrongExpectedRevision } from '../../services/event-log/event-log.ts';
import type { Verdict } from '../../services/event-log/verify-chain.ts';

/** One backend with a log of its own, empty at first. */
export interface LogUnderTest {
  log: EventLog;
  verify(): Promise<Verdict>;
  /** Brings the chain up to the newest event, where a backend's commits don't do so themselves. */
  seal?(): Promise<void>;
  /** Closes the log and opens what was stored again; a backend without a disk returns the same log. */
  reopen(): Promise<LogUnderTest>;
  destroy(): Promise<void>;
}

export const sampleEvent = (data: unknown = {}, type = 'sensor.measured'): NewEvent => ({
  id: randomUUID(),
  type,
  data,
  meta: {
    schemaVersion: 1,
    occurredAt: '2026-03-01T00:00:00.000Z',
    receivedAt: '2026-03-01T00:00:00.100Z',
    clock: 'trusted',
  },
});

const sampleEvents = (count: number): NewEvent[] => Array.from({ length: count }, (_, index) => sampleEvent({ index }));
const inStream = (stream: string, events: NewEvent[]) => ({ stream, expectedRevision: 'any' as const, events });
const ids = (events: { id: string }[]): string[] => events.map(({ id }) => id);

const everything = async (log: EventLog, pageSize = 1000): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for (;;) {
    const page = await log.readAll(events.at(-1)?.position ?? null, pageSize);
    if (page.length === 0) return events;
    events.push(...page);
  }
};

/** Reads a subscription until `count` events have come. */
const take = async (log: EventLog, from: string | null, count: number, maxCount?: number): Promise<RecordedEvent[]> => {
  const stop = new AbortController();
  const events: RecordedEvent[] = [];
  for await (const batch of log.subscribe(from, { signal: stop.signal, maxCount })) {
    events.push(...batch);
    if (events.length >= count) stop.abort();
  }
  return events;
};

/** Revisions of each stream run 0, 1, 2 … and nothing comes twice. */
const expectWholeStreams = (events: RecordedEvent[]): void => {
  const next = new Map<string, number>();
  for (const { stream, revision } of events) {
    expect(revision).toBe(next.get(stream) ?? 0);
    next.set(stream, revision + 1);
  }
  expect(new Set(ids(events)).size).toBe(events.length);
  expect(new Set(events.map(({ position }) => position)).size).toBe(events.length);
};

/** What a section of the contract works on: the backend of the running test. */
type Current = () => LogUnderTest;

const appendAndRead = (current: Current): void => {
  test('what was appended is read back in order, data and meta as they were', async () => {
    const { log } = current();
    const events = [
      sampleEvent({ text: '北门 "1"\\ \n\t \ud83d\ude80', nested: { list: [1, null, true, 1.5e-7] } }, 'gate.passed'),
      sampleEvent(null, 'device.seen'),
      sampleEvent({}, 'device.connected'),
    ];
    await log.append([inStream('device-北门-1', events)]);
    const stored = await log.readStream('device-北门-1');
    expect(stored.map(({ position: _position, stream: _stream, revision: _revision, ...event }) => event)).toEqual(
      events,
    );
    expect(stored.map(({ revision }) => revision)).toEqual([0, 1, 2]);
    expect(await everything(log)).toEqual(stored);
  });

  test('what no database can hold in a text comes back as the replacement character', async () => {
    const { log } = current();
    await log.append([inStream('device-a', [sampleEvent({ text: 'a\u0000b\ud83dc', backslash: '\\u0000' })])]);
    const [stored] = await log.readStream('device-a');
    expect(stored!.data).toEqual({ text: 'a\ufffdb\ufffdc', backslash: '\\u0000' });
  });

  test('a stream that does not exist is empty, and so is a new log', async () => {
    const { log } = current();
    expect(await log.readStream('device-none')).toEqual([]);
    expect(await log.readAll(null, 10)).toEqual([]);
    expect((await log.head()).position).toBeNull();
  });

  test('readStream takes a first revision and a limit, readAll a limit and any position', async () => {
    const { log } = current();
    await log.append([inStream('device-a', sampleEvents(10))]);
    const all = await everything(log, 3);
    expect(all).toHaveLength(10);
    expect(ids(await log.readStream('device-a', { fromRevision: 4, maxCount: 3 }))).toEqual(ids(all.slice(4, 7)));
    const newestFirst = ids(all).reverse();
    expect(ids(await log.readStream('device-a', { backwards: true, maxCount: 3 }))).toEqual(newestFirst.slice(0, 3));
    expect(ids(await log.readStream('device-a', { backwards: true, fromRevision: 4 }))).toEqual(
      ids(all.slice(0, 5)).reverse(),
    );
    expect(ids(await log.readAll(all[6]!.position, 2))).toEqual(ids(all.slice(7, 9)));
    expect(await log.readAll(all[9]!.position, 2)).toEqual([]);
  });

  test('one call writes to several streams, and the result names the newest position', async () => {
    const { log } = current();
    const [a, b] = [sampleEvents(2), sampleEvents(3)];
    const result = await log.append([inStream('device-a', a), inStream('device-b', b)]);
    expect(result.stored).toBe(5);
    expect(ids(await log.readStream('device-a'))).toEqual(ids(a));
    expect(ids(await log.readStream('device-b'))).toEqual(ids(b));
    const all = await everything(log);
    expect(all.at(-1)!.position).toBe(result.position);
    expect((await log.head()).position).toBe(result.position);
  });

  test('what is read is the reader’s own: changing it changes nobody else’s', async () => {
    const { log } = current();
    await log.append([inStream('device-a', [sampleEvent({ list: [1] })])]);
    const [mine] = (await log.readStream('device-a')) as RecordedEvent<string, { list: number[] }>[];
    mine!.data.list.push(2);
    expect((await log.readStream('device-a'))[0]!.data).toEqual({ list: [1] });
  });

  test('what can’t be stored is refused and leaves the log as it was', async () => {
    const { log } = current();
    const wrong = { ...sampleEvent(), id: 'not-a-uuid' };
    await expect(log.append([inStream('device-a', [wrong])])).rejects.toThrow('not-a-uuid');
    await expect(log.append([inStream('device-\u0000', [sampleEvent()])])).rejects.toThrow('stream name');
    await expect(log.append([])).rejects.toThrow('nothing to append');
    await expect(log.readAll('no-position', 1)).rejects.toThrow('no-position');
    expect(await everything(log)).toEqual([]);
    expect((await log.append([inStream('device-a', [sampleEvent()])])).stored).toBe(1);
  });
};

const expectedRevisions = (current: Current): void => {
  test('a number and no-stream are held to, and the refusal says where the stream stands', async () => {
    const { log } = current();
    await log.append([{ stream: 'work-order-1', expectedRevision: 'no-stream', events: sampleEvents(2) }]);
    await log.append([{ stream: 'work-order-1', expectedRevision: 1, events: sampleEvents(1) }]);
    for (const expectedRevision of [0, 1, 3, 'no-stream'] as const) {
      const refusal = await log
        .append([{ stream: 'work-order-1', expectedRevision, events: sampleEvents(1) }])
        .catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(WrongExpectedRevision);
      expect(refusal).toMatchObject({ stream: 'work-order-1', expected: expectedRevision, actual: 2 });
    }
    const refusal = await log
      .append([{ stream: 'work-order-2', expectedRevision: 0, events: sampleEvents(1) }])
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({ stream: 'work-order-2', actual: -1 });
    expect(await everything(log)).toHaveLength(3);
  });

  test('of many that expect the same revision at once exactly one wins, and the others hurt nobody', async () => {
    const { log } = current();
    await log.append([inStream('work-order-1', sampleEvents(1))]);
    const rivals = Array.from({ length: 20 }, () =>
      log.append([{ stream: 'work-order-1', expectedRevision: 0, events: sampleEvents(1) }]),
    );
    const bystanders = Array.from({ length: 20 }, (_, index) =>
      log.append([inStream(`device-${index}`, sampleEvents(2))]),
    );
    const outcomes = await Promise.allSettled(rivals);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await Promise.all(bystanders);
    const all = await everything(log);
    expect(all).toHaveLength(1 + 1 + 40);
    expectWholeStreams(all);
  });

  test('events of one entry that fails are not stored', async () => {
    const { log } = current();
    await log.append([inStream('work-order-1', sampleEvents(1))]);
    const entry = { stream: 'work-order-1', expectedRevision: 7, events: sampleEvents(3) };
    await expect(log.append([entry])).rejects.toBeInstanceOf(WrongExpectedRevision);
    expect(await log.readStream('work-order-1')).toHaveLength(1);
  });
};

const idempotency = (current: Current): void => {
  test('the whole batch again stores nothing and answers the first position, whatever revision it expects', async () => {
    const { log } = current();
    const events = sampleEvents(3);
    const first = await log.append([{ stream: 'device-a', expectedRevision: 'no-stream', events }]);
    await log.append([inStream('device-a', sampleEvents(1))]);
    for (const expectedRevision of ['any', 'no-stream', 0, 99] as const) {
      const again = await log.append([{ stream: 'device-a', expectedRevision, events }]);
      expect(again).toEqual({ position: first.position, stored: 0 });
    }
    expect(await log.readStream('device-a')).toHaveLength(4);
  });

  test('a prefix of a batch is known too', async () => {
    const { log } = current();
    const events = sampleEvents(3);
    await log.append([inStream('device-a', events)]);
    expect((await log.append([inStream('device-a', events.slice(0, 2))])).stored).toBe(0);
    expect(await log.readStream('device-a')).toHaveLength(3);
  });

  test('known and new mixed: only the new are stored', async () => {
    const { log } = current();
    const [a, b, c, d] = sampleEvents(4);
    await log.append([inStream('device-a', [a!, b!])]);
    const mixed = await log.append([inStream('device-a', [a!, c!, b!, d!]), inStream('device-b', sampleEvents(1))]);
    expect(mixed.stored).toBe(3);
    expect(ids(await log.readStream('device-a'))).toEqual(ids([a!, b!, c!, d!]));
    expectWholeStreams(await everything(log));
  });

  test('twice within one call is once', async () => {
    const { log } = current();
    const event = sampleEvent();
    expect((await log.append([inStream('device-a', [event, event]), inStream('device-a', [event])])).stored).toBe(1);
    expect(await everything(log)).toHaveLength(1);
  });

  test('sent many times at once is stored once, and every sender gets its position', async () => {
    const { log } = current();
    const events = sampleEvents(5);
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) => log.append([inStream('device-a', [events[index % 5]!])])),
    );
    expect(results.reduce((sum, { stored }) => sum + stored, 0)).toBe(5);
    const positions = new Map((await everything(log)).map(({ id, position }) => [id, position]));
    for (const [index, result] of results.entries()) expect(result.position).toBe(positions.get(events[index % 5]!.id));
  });
};

const readingWhileWriting = (current: Current): void => {
  test('a subscriber beside hundreds of parallel appends sees each event once, in order, without a gap', async () => {
    const { log } = current();
    const calls = 300;
    const reader = take(log, null, calls * 2);
    await Promise.all(
      Array.from({ length: calls }, (_, index) => log.append([inStream(`device-${index % 7}`, sampleEvents(2))])),
    );
    const seen = await reader;
    expect(seen).toHaveLength(calls * 2);
    expectWholeStreams(seen);
    expect(ids(seen)).toEqual(ids(await everything(log)));
  });

  test('pages read during the writing join without a gap', async () => {
    const { log } = current();
    const target = 400;
    const pages: RecordedEvent[] = [];
    const reading = (async () => {
      while (pages.length < target) pages.push(...(await log.readAll(pages.at(-1)?.position ?? null, 17)));
    })();
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => log.append([inStream(`device-${index}`, [sampleEvent()])])),
      );
    }
    await reading;
    expect(ids(pages)).toEqual(ids(await everything(log)));
  });

  test('a subscription catches up in pages, then goes live, from any position', async () => {
    const { log } = current();
    await log.append([inStream('device-a', sampleEvents(25))]);
    const start = (await log.readAll(null, 5)).at(-1)!.position;
    const batches: number[] = [];
    const seen: RecordedEvent[] = [];
    const stop = new AbortController();
    for await (const batch of log.subscribe(start, { signal: stop.signal, maxCount: 8 })) {
      batches.push(batch.length);
      seen.push(...batch);
      if (seen.length === 20) await log.append([inStream('device-a', sampleEvents(3))]);
      if (seen.length === 23) stop.abort();
    }
    expect(Math.max(...batches)).toBeLessThanOrEqual(8);
    expect(seen.map(({ revision }) => revision)).toEqual(Array.from({ length: 23 }, (_, index) => index + 5));
  });

  test('a live subscription hears of an append soon', async () => {
    const { log } = current();
    const waiting = take(log, null, 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await log.append([inStream('device-a', sampleEvents(1))]);
    expect(await waiting).toHaveLength(1);
  });

  test('an aborted signal ends a subscription that waits, and one that never began', async () => {
    const { log } = current();
    const stop = new AbortController();
    const waiting = (async () => {
      let batches = 0;
      for await (const _batch of log.subscribe(null, { signal: stop.signal })) batches += 1;
      return batches;
    })();
    setTimeout(() => stop.abort(), 30);
    expect(await waiting).toBe(0);
    await log.append([inStream('device-a', sampleEvents(1))]);
    for await (const _batch of log.subscribe(null, { signal: stop.signal })) throw new Error('nothing was due');
  });
};

const restartAndClose = (current: Current): void => {
  test('after a restart everything is there, and revisions, positions and chain go on', async () => {
    const before = current().log;
    const events = sampleEvents(3);
    await before.append([inStream('device-a', events)]);
    const headBefore = await before.head();
    const reopened = await current().reopen();
    const { log } = reopened;
    expect(await log.head()).toEqual(headBefore);
    await log.append([{ stream: 'device-a', expectedRevision: 2, events: sampleEvents(1) }]);
    expect((await log.append([inStream('device-a', events)])).stored).toBe(0);
    const all = await everything(log);
    expect(all).toHaveLength(4);
    expectWholeStreams(all);
    expect(await reopened.verify()).toMatchObject({ ok: true, events: 4 });
    await reopened.destroy();
  });

  test('close waits for appends under way, ends subscriptions and may be repeated', async () => {
    const { log } = current();
    const subscription = take(log, null, 1_000_000);
    const appends = Array.from({ length: 50 }, () => log.append([inStream('device-a', sampleEvents(1))]));
    await log.close();
    await log.close();
    expect((await Promise.all(appends)).every(({ stored }) => stored === 1)).toBe(true);
    await subscription;
    await expect(log.append([inStream('device-a', sampleEvents(1))])).rejects.toThrow('closed');
  });
};

const hashChain = (current: Current): void => {
  test('the head changes with every commit and not without one', async () => {
    const { log, seal } = current();
    const headHash = async () => {
      await seal?.();
      return (await log.head()).hash;
    };
    const heads = [await headHash()];
    const event = sampleEvent();
    await log.append([inStream('device-a', [event])]);
    heads.push(await headHash());
    await log.append([inStream('device-a', [event])]);
    expect(await headHash()).toBe(heads[1]);
    await log.append([inStream('device-a', [sampleEvent()])]);
    heads.push(await headHash());
    expect(new Set(heads).size).toBe(3);
    for (const hash of heads) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('an untouched log verifies, empty and after many appends', async () => {
    const { log } = current();
    expect(await current().verify()).toMatchObject({ ok: true, events: 0, brokenAt: null, reason: null });
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        log.append([inStream(`device-${index % 9}`, sampleEvents(1 + (index % 3)))]),
      ),
    );
    const verdict = await current().verify();
    expect(verdict).toMatchObject({ ok: true, events: (await everything(log)).length, reason: null });
    expect(await log.head()).toMatchObject(verdict.head);
  });
};

/** The contract of `EventLog`: every backend's runner calls it. */
export const eventLogSuite = (name: string, open: () => Promise<LogUnderTest>): void => {
  describe(`the event log contract: ${name}`, () => {
    let under: LogUnderTest;
    beforeEach(async () => {
      under = await open();
    });
    afterEach(async () => {
      await under.destroy();
    });
    const current = () => under;
    describe('append and read', () => appendAndRead(current));
    describe('expected revision', () => expectedRevisions(current));
    describe('idempotency by event id', () => idempotency(current));
    describe('reading while writing', () => readingWhileWriting(current));
    describe('restart and close', () => restartAndClose(current));
    describe('hash chain', () => hashChain(current));
  });
};
