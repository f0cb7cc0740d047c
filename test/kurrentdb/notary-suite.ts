import { openKurrentEventLog } from '../../services/event-log/kurrentdb/kurrentdb-event-log.ts';
import { sampleEvent } from '../contract/event-log.suite.ts';
import { type Double, startDouble } from './double.ts';
import type { StoredRecord } from './server-store.ts';
import type { Scheme } from './stubs.ts';

const later = { now: () => Date.UTC(2026, 2, 1) };
const append = (log: Awaited<ReturnType<typeof openKurrentEventLog>>, count: number) =>
  log.append(
    Array.from({ length: count }, (_, index) => ({
      stream: `device-${index}`,
      expectedRevision: 'any' as const,
      events: [sampleEvent({ index })],
    })),
  );

const remove = (double: Double, one: StoredRecord): void => double.store.removeFromLog((record) => record === one);
const isHubs = ({ stream }: StoredRecord): boolean => stream.startsWith('device-');

/** Seals of three, two and two events; then whatever `change` does to the server's files. */
const tampered = async (scheme: Scheme, change: (double: Double) => void) => {
  const double = await startDouble({ scheme });
  const log = await openKurrentEventLog({ url: double.url, clock: later });
  const notary = log.startNotary({ everySeconds: 86_400 });
  for (const count of [3, 2, 2]) {
    await append(log, count);
    await notary.sealNow();
  }
  await notary.stop();
  const head = await log.head();
  change(double);
  const verdicts = { alone: await log.verify(), withHead: await log.verify(head), head };
  await log.close();
  double.stop();
  return verdicts;
};

const tampering = (scheme: Scheme): void => {
  const nth = (double: Double, index: number): StoredRecord => double.store.all().filter(isHubs)[index]!;
  const sealRecords = (double: Double): StoredRecord[] =>
    double.store.all().filter(({ stream }) => stream === 'hub-seals');

  test('nothing changed: the verdict is good, and so is the head that was kept', async () => {
    const { alone, withHead, head } = await tampered(scheme, () => {});
    expect(alone).toMatchObject({
      ok: true,
      events: 7,
      unsealed: 0,
      head: { position: head.sealedTo, hash: head.hash },
    });
    expect(withHead).toEqual(alone);
    expect(head.sealedTo).toBe(head.position);
  });

  test.each<[string, (double: Double) => void, number]>([
    ['a changed field', (double) => nth(double, 3).data.set([0x7b, 0x22, 0x78]), 3],
    ['a changed type', (double) => void Object.assign(nth(double, 6), { type: 'gate.passed' }), 5],
    ['a removed event', (double) => remove(double, nth(double, 1)), 0],
    ['a removed end', (double) => remove(double, nth(double, 6)), 5],
    ['a removed seal', (double) => remove(double, sealRecords(double)[1]!), 3],
    [
      'a changed seal',
      (double) => {
        const [, seal] = sealRecords(double);
        seal!.data = Buffer.from(
          Buffer.from(seal!.data)
            .toString()
            // Another digit than the one that stands there, which is a 0 once in sixteen times.
            .replace(/"root":"(.)/, (_whole, digit) => `"root":"${digit === '0' ? '1' : '0'}`),
        );
      },
      3,
    ],
  ])('%s', async (_name, change, events) => {
    const { alone } = await tampered(scheme, change);
    expect(alone).toMatchObject({ ok: false, events });
    expect(alone.reason).toMatch(/counted from 1/);
  });

  test('an end cut off together with its seal shows against the head that was kept, and only there', async () => {
    const { alone, withHead } = await tampered(scheme, (double) => {
      const from = nth(double, 5).position;
      double.store.removeFromLog(({ position }) => position >= from);
    });
    expect(alone).toMatchObject({ ok: true, events: 5 });
    expect(withHead).toMatchObject({ ok: false, reason: expect.stringMatching('cut off') });
  });
};

const working = (scheme: Scheme): void => {
  let double: Double;
  const opened: Awaited<ReturnType<typeof openKurrentEventLog>>[] = [];
  const open = async (clock = later) => {
    const log = await openKurrentEventLog({ url: double.url, clock });
    opened.push(log);
    return log;
  };
  beforeEach(async () => {
    double = await startDouble({ scheme });
  });
  afterEach(async () => {
    for (const log of opened.splice(0)) await log.close();
    double.stop();
  });
  const sealed = async (log: Awaited<ReturnType<typeof open>>, position: string | null): Promise<void> => {
    while ((await log.head()).sealedTo !== position) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  test('the head says what is not sealed yet', async () => {
    const log = await open();
    await append(log, 3);
    expect(await log.head()).toMatchObject({ sealedTo: null, hash: '0'.repeat(64) });
    expect(await log.verify()).toMatchObject({ ok: true, events: 0, unsealed: 3 });
  });

  test('after so many events, without being asked', async () => {
    const log = await open();
    const notary = log.startNotary({ everyEvents: 5, everySeconds: 86_400 });
    await append(log, 10);
    await sealed(log, (await log.head()).position);
    expect(await log.verify()).toMatchObject({ ok: true, events: 10, unsealed: 0 });
    expect(double.store.streamOf('hub-seals')).toHaveLength(2);
    expect(notary.trouble).toBeNull();
  });

  test('after so many seconds, and at the end', async () => {
    let nowMs = Date.UTC(2026, 2, 1);
    const log = await open({ now: () => nowMs });
    await append(log, 3);
    const notary = log.startNotary({ everySeconds: 60 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await log.head()).sealedTo).toBeNull();
    nowMs += 60_000;
    await sealed(log, (await log.head()).position);
    await append(log, 2);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await notary.stop();
    expect(await log.verify()).toMatchObject({ ok: true, events: 5, unsealed: 0 });
  });

  test('two at once do no harm, and one goes on where another ended', async () => {
    const log = await open();
    const notaries = [1, 2].map(() => log.startNotary({ everyEvents: 7, everySeconds: 86_400 }));
    await append(log, 40);
    await Promise.all(notaries.map((notary) => notary.sealNow()));
    await Promise.all(notaries.map((notary) => notary.stop()));
    await append(log, 5);
    const third = log.startNotary({ everySeconds: 86_400 });
    await third.sealNow();
    expect(await log.verify()).toMatchObject({ ok: true, events: 45, unsealed: 0 });
  });

  test('something else among the seals is seen', async () => {
    const log = await open();
    await append(log, 3);
    const bytes = new TextEncoder().encode('{}');
    double.store.append({
      stream: 'hub-seals',
      expected: 'any',
      records: [
        { id: sampleEvent().id, type: 'a.b', contentType: 'application/octet-stream', data: bytes, metadata: bytes },
      ],
    });
    expect(await log.verify()).toMatchObject({ ok: false, events: 0 });
    await expect(log.head()).rejects.toThrow('is no seal');
  });
};

/** The seals beside the log, and what they show. */
export const notarySuite = (scheme: Scheme): void => {
  describe(`${scheme}:// and its notary`, () => working(scheme));
  describe(`${scheme}:// and tampering with the server's files`, () => tampering(scheme));
};
