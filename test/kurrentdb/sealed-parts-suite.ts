import { createHash } from 'node:crypto';
import { eventHash, genesisHash, merkleRoot, seal } from '../../services/event-log/chain.ts';
import { openKurrentEventLog } from '../../services/event-log/kurrentdb/kurrentdb-event-log.ts';
import { sampleEvent } from '../contract/event-log.suite.ts';
import { type Double, startDouble } from './double.ts';
import type { StoredRecord } from './server-store.ts';
import type { Scheme } from './stubs.ts';

const retentionDays = 400;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

const opened: { close(): Promise<void> }[] = [];
const doubles: Double[] = [];
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close();
  for (const double of doubles.splice(0)) double.stop();
});

type Log = Awaited<ReturnType<typeof openKurrentEventLog>>;
const open = async (double: Double, days = retentionDays): Promise<Log> => {
  const log = await openKurrentEventLog({ url: double.url, clock: { now: double.store.nowMs }, retentionDays: days });
  opened.push(log);
  return log;
};

/** `k` an event that stays, `t` one that may expire. */
const say = async (log: Log, words: string): Promise<void> => {
  for (const letter of words) {
    const stream = letter === 'k' ? 'device-a' : 'telemetry-a';
    await log.append([{ stream, expectedRevision: 'any', events: [sampleEvent({ letter })] }]);
  }
};
const sealNow = async (log: Log): Promise<void> => {
  const notary = log.startNotary({ everySeconds: 86_400 });
  await notary.sealNow();
  await notary.stop();
};

/** Two seals of four and three events, then `days` go by, and whatever `change` does to the server's files. */
const history = async (scheme: Scheme, days: number, change: (double: Double) => void = () => {}) => {
  const double = await startDouble({ scheme });
  doubles.push(double);
  const log = await open(double);
  await say(log, 'ktkt');
  await sealNow(log);
  await say(log, 'ttk');
  await sealNow(log);
  const head = await log.head();
  double.store.pass(days);
  change(double);
  return { double, log, head };
};

const nth = (double: Double, stream: string, index: number): StoredRecord =>
  double.store.all().filter((record) => record.stream === stream)[index]!;
const takeOut = (double: Double, ...gone: StoredRecord[]): void =>
  double.store.removeFromLog((record) => gone.includes(record));
const swap = (a: StoredRecord, b: StoredRecord): void => {
  const { position: _a, ...was } = { ...a };
  const { position: _b, ...other } = { ...b };
  Object.assign(a, other);
  Object.assign(b, was);
};
const young = 10;
const old = retentionDays + 1;

const verifying = (scheme: Scheme): void => {
  test('young, all of it is checked', async () => {
    const { log, head } = await history(scheme, young);
    expect(await log.verify(head)).toMatchObject({ ok: true, events: 7, expired: 0, unsealed: 0 });
  });

  test('old and scavenged, what stays is checked and what has gone is counted', async () => {
    const { log, head } = await history(scheme, old, (double) => double.store.scavenge());
    // The newest of the telemetry is never scavenged, and alone it can't be checked.
    expect(await log.verify(head)).toMatchObject({
      ok: true,
      events: 3,
      expired: 4,
      unsealed: 0,
      head: { hash: head.hash },
    });
    await say(log, 'tk');
    await sealNow(log);
    expect(await log.verify(head)).toMatchObject({ ok: true, events: 5, expired: 4 });
  });

  test('old and not scavenged yet, all of it is checked', async () => {
    const changes = [() => {}, (double: Double) => nth(double, 'telemetry-a', 1).data.set([0x7b, 0x22, 0x78])];
    const [whole, changed] = await Promise.all(changes.map((change) => history(scheme, old, change)));
    expect(await whole!.log.verify()).toMatchObject({ ok: true, events: 7, expired: 0 });
    expect(await changed!.log.verify()).toMatchObject({ ok: false, events: 0 });
  });
};

const refusing = (scheme: Scheme): void => {
  test.each<[string, number, (double: Double) => void, number, RegExp]>([
    [
      'a young reading that is missing',
      young,
      (double) => takeOut(double, nth(double, 'telemetry-a', 0)),
      0,
      /1 is missing/,
    ],
    [
      'a young reading that was changed',
      young,
      (double) => void Object.assign(nth(double, 'telemetry-a', 3), { type: 'a.b' }),
      4,
      /changed or moved/,
    ],
    [
      'a young reading and an event that stays, exchanged',
      young,
      (double) => swap(nth(double, 'telemetry-a', 0), nth(double, 'device-a', 1)),
      0,
      /changed or moved/,
    ],
    [
      'an old event that stays and is missing',
      old,
      (double) => takeOut(double, nth(double, 'device-a', 2)),
      4,
      /1 is missing/,
    ],
    [
      'an old event that stays and was changed',
      old,
      (double) => nth(double, 'device-a', 0).data.set([0x7b, 0x22, 0x78]),
      0,
      /changed or moved/,
    ],
    [
      'a young stretch whose seal was made to look old',
      young,
      (double) => {
        const [record] = double.store.streamOf('hub-seals');
        record!.data = encoder.encode(decoder.decode(record!.data).replace(/"newest":"20\d\d/, '"newest":"2001'));
        takeOut(double, nth(double, 'telemetry-a', 0));
      },
      0,
      /the seal of event 1 is missing or was changed/,
    ],
  ])('%s', async (_name, days, change, events, reason) => {
    const { log } = await history(scheme, days, (double) => {
      change(double);
      if (days === old) double.store.scavenge();
    });
    const verdict = await log.verify();
    expect(verdict).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
    expect(verdict.events + verdict.expired).toBe(events);
  });

  test('where nothing expires, old telemetry that is missing is a fault', async () => {
    const { double, log } = await history(scheme, old, (double) => double.store.scavenge());
    await log.close();
    const forEver = await open(double, 0);
    expect(await forEver.verify()).toMatchObject({ ok: false, events: 0, expired: 0 });
  });

  test('something put in shows, also among what has expired', async () => {
    const { double, log } = await history(scheme, old, (double) => double.store.scavenge());
    const last = double.store.all().at(-1)!;
    const put = { ...nth(double, 'device-a', 0), id: sampleEvent().id };
    double.store.insertAfter(nth(double, 'device-a', 0), put);
    expect(last.stream).toBe('hub-seals');
    expect(await log.verify()).toMatchObject({ ok: false, events: 0, reason: expect.stringMatching(/put in/) });
  });
};

const sealing = (scheme: Scheme): void => {
  test('a seal from before, with one root over all of its events, still counts', async () => {
    const double = await startDouble({ scheme });
    doubles.push(double);
    const log = await open(double);
    await say(log, 'ktk');
    const records = double.store.all().filter(({ stream }) => !stream.startsWith('$'));
    const root = merkleRoot(
      records.map(({ id, type, stream, revision, data, metadata }) => {
        const { meta } = JSON.parse(decoder.decode(metadata)) as { meta: string };
        return eventHash({ id, type, stream, revision, data: decoder.decode(data), meta });
      }),
    );
    const stretch = { firstPosition: 1, lastPosition: 3, root };
    const positions = records.map(({ position }) => `${position}/${position}`);
    const before = {
      ...{ firstEvent: 1, lastEvent: 3, firstPosition: positions[0], lastPosition: positions.at(-1), root },
      ...{ hash: seal(genesisHash, stretch), sealedAt: '2026-03-01T00:00:00.000Z' },
    };
    const record = { id: sampleEvent().id, type: 'hub.sealed', contentType: 'application/octet-stream' };
    double.store.append({
      stream: 'hub-seals',
      expected: 'no-stream',
      records: [{ ...record, data: encoder.encode(JSON.stringify(before)), metadata: encoder.encode('{"meta":"{}"}') }],
    });
    await say(log, 'tk');
    await sealNow(log);
    expect(await log.verify()).toMatchObject({ ok: true, events: 5, expired: 0, unsealed: 0 });
    nth(double, 'telemetry-a', 0).data.set([0x7b, 0x22, 0x78]);
    expect(await log.verify()).toMatchObject({ ok: false, events: 0 });
  });

  test('telemetry of more than an hour is not under one seal, or half of it might go by right', async () => {
    const double = await startDouble({ scheme });
    doubles.push(double);
    const log = await open(double);
    for (let count = 0; count < 8; count += 1) {
      await say(log, 'kt');
      double.store.pass(25 / 1440);
    }
    await sealNow(log);
    const sealed = double.store.streamOf('hub-seals').map(({ data }) => JSON.parse(decoder.decode(data)));
    expect(sealed.map(({ firstEvent, lastEvent }) => [firstEvent, lastEvent])).toEqual([
      [1, 7],
      [8, 13],
      [14, 16],
    ]);
    expect(await log.verify()).toMatchObject({ ok: true, events: 16 });
  });

  test('the hash of a seal tells of its parts', async () => {
    const { double } = await history(scheme, young);
    const [record] = double.store.streamOf('hub-seals');
    const { parts, root } = JSON.parse(decoder.decode(record!.data));
    const text = `\u0003${parts.kept}\n${parts.expiring}\n${parts.places}\n${parts.newest}`;
    expect(root).toBe(createHash('sha256').update(text).digest('hex'));
    expect(Buffer.from(parts.places, 'base64')).toEqual(Buffer.from([0b1010]));
  });
};

/** Seals with a part for what may expire, and what they show once it has gone. */
export const sealedPartsSuite = (scheme: Scheme): void => {
  describe(`${scheme}:// verifies sealed telemetry`, () => verifying(scheme));
  describe(`${scheme}:// finds a fault in`, () => refusing(scheme));
  describe(`${scheme}:// seals telemetry`, () => sealing(scheme));
};
