import type { RecordedEvent } from '../../services/event-log/event.ts';
import { WrongExpectedRevision } from '../../services/event-log/event-log.ts';
import { openKurrentEventLog } from '../../services/event-log/kurrentdb/kurrentdb-event-log.ts';
import { sampleEvent } from '../contract/event-log.suite.ts';
import { type Double, startDouble } from './double.ts';
import type { Scheme } from './stubs.ts';

const retentionDays = 400;
const daySeconds = 86_400;
const maxAge = retentionDays * daySeconds;
const to = (stream: string, count = 1) => ({
  stream,
  expectedRevision: 'any' as const,
  events: Array.from({ length: count }, () => sampleEvent()),
});
const revisions = (events: readonly RecordedEvent[]): number[] => events.map(({ revision }) => revision);
const until = async (isDone: () => boolean): Promise<void> => {
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 10));
};

const opened: { close(): Promise<void> }[] = [];
const doubles: Double[] = [];
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close();
  for (const double of doubles.splice(0)) double.stop();
});
const start = async (scheme: Scheme, version = '23.10.8'): Promise<Double> => {
  const double = await startDouble({ scheme, version });
  doubles.push(double);
  return double;
};
const open = async (double: Double, days = retentionDays) => {
  const clock = { now: double.store.nowMs };
  const log = await openKurrentEventLog({ url: double.url, clock, retentionDays: days });
  opened.push(log);
  return log;
};
const metadata = ({ store }: Double, stream: string): unknown[] =>
  store.streamOf(`$$${stream}`).map(({ data }) => JSON.parse(new TextDecoder().decode(data)));

const settingMaxAge = (scheme: Scheme): void => {
  test('once for a stream that may expire, not for others, and no append asks again', async () => {
    const double = await start(scheme);
    const log = await open(double);
    for (let round = 0; round < 5; round += 1) await log.append([to('telemetry-a'), to('device-a'), to('telemetry-b')]);
    await log.close();
    expect(metadata(double, 'telemetry-a')).toEqual([{ $maxAge: maxAge }]);
    expect(metadata(double, 'telemetry-b')).toEqual([{ $maxAge: maxAge }]);
    expect(metadata(double, 'device-a')).toEqual([]);
    expect(double.callsOf('read $$telemetry-a')).toBe(1);
    expect(double.callsOf('read $$device-a')).toBe(0);
  });

  test('the next process leaves what is right, changes what is not, and takes away what is not wanted', async () => {
    const double = await start(scheme);
    for (const [days, found] of [
      [400, [400]],
      [400, [400]],
      [30, [400, 30]],
      [0, [400, 30, undefined]],
      [0, [400, 30, undefined]],
    ] as const) {
      const log = await open(double, days);
      await log.append([to('telemetry-a')]);
      await log.close();
      const wanted = found.map((each) => (each === undefined ? {} : { $maxAge: each * daySeconds }));
      expect(metadata(double, 'telemetry-a')).toEqual(wanted);
    }
  });

  test('what somebody else has set for the stream stays', async () => {
    const double = await start(scheme);
    const data = new TextEncoder().encode(JSON.stringify({ $maxCount: 9, owner: 'bureau' }));
    const { id } = sampleEvent();
    const record = { id, type: '$metadata', contentType: 'application/json', data, metadata: new Uint8Array() };
    double.store.append({ stream: '$$telemetry-a', expected: 'any', records: [record] });
    const log = await open(double);
    await log.append([to('telemetry-a')]);
    await log.close();
    expect(metadata(double, 'telemetry-a').at(-1)).toEqual({ $maxCount: 9, owner: 'bureau', $maxAge: maxAge });
  });

  test('refused, it says so and holds up no append', async () => {
    const double = await start(scheme);
    double.store.metadataRefused.now = true;
    const log = await open(double);
    expect((await log.append([to('telemetry-a', 3)])).stored).toBe(3);
    await until(() => log.expiryTrouble() !== null);
    expect(log.expiryTrouble()).toMatch(/may not write the metadata of telemetry-a, so its events do not expire/);
    expect((await log.append([to('telemetry-b', 3)])).stored).toBe(3);
  });
};

const expiring = (scheme: Scheme): void => {
  /** Three old events of telemetry and of the device, then two young ones of each. */
  const aged = async (version?: string) => {
    const double = await start(scheme, version);
    const log = await open(double);
    await log.append([to('telemetry-a', 3), to('device-a', 3)]);
    await until(() => double.store.maxAgeSecondsOf('telemetry-a') !== undefined);
    double.store.pass(retentionDays + 1);
    return { double, log };
  };

  test('what is old is hidden from the stream, and from the log once the server has scavenged', async () => {
    const { double, log } = await aged();
    await log.append([to('telemetry-a', 2), to('device-a', 2)]);
    expect(revisions(await log.readStream('telemetry-a'))).toEqual([3, 4]);
    expect(revisions(await log.readStream('telemetry-a', { backwards: true, maxCount: 9 }))).toEqual([4, 3]);
    expect(await log.readStream('telemetry-a', { backwards: true, fromRevision: 2 })).toEqual([]);
    expect(revisions(await log.readStream('device-a'))).toEqual([0, 1, 2, 3, 4]);
    expect(await log.readAll(null, 100)).toHaveLength(10);
    double.store.scavenge();
    const all = await log.readAll(null, 100);
    expect(all).toHaveLength(7);
    expect((await log.readAll(all[2]!.position, 3)).map(({ id }) => id)).toEqual(all.slice(3, 6).map(({ id }) => id));
    expect((await log.head()).position).toBe(all.at(-1)!.position);
  });

  test('subscriptions go on, the running one and one from a place that has gone', async () => {
    const { double, log } = await aged();
    const before = await log.readAll(null, 100);
    const stop = new AbortController();
    const follow = (from: string | null) => {
      const seen: string[] = [];
      const done = (async () => {
        for await (const batch of log.subscribe(from, { signal: stop.signal })) seen.push(...batch.map(({ id }) => id));
      })();
      return { seen, done };
    };
    const running = follow(null);
    await until(() => running.seen.length === before.length);
    const goneFrom = before.find(({ stream }) => stream === 'telemetry-a')!.position;
    await log.append([to('telemetry-a')]);
    double.store.scavenge();
    double.dropSubscriptions();
    const resumed = follow(goneFrom);
    await log.append([to('telemetry-a', 2), to('device-a')]);
    const newest = (await log.readAll(null, 100)).slice(-4).map(({ id }) => id);
    for (const { seen } of [running, resumed]) await until(() => seen.includes(newest.at(-1)!));
    stop.abort();
    await Promise.all([running.done, resumed.done]);
    expect(running.seen.slice(-4)).toEqual(newest);
    expect(new Set(running.seen).size).toBe(running.seen.length);
    expect(resumed.seen.slice(-4)).toEqual(newest);
  });

  test.each(['23.10.8', '26.1.0'])('revisions go on where all is hidden, on a server %s', async (version) => {
    const { double, log } = await aged(version);
    expect((await log.append([to('telemetry-a')])).stored).toBe(1);
    await log.close();
    double.store.pass(retentionDays + 1);
    double.store.scavenge();
    double.store.forgetRecent();
    const next = await open(double);
    const event = sampleEvent();
    const again = { stream: 'telemetry-a', expectedRevision: 'any' as const, events: [event] };
    expect((await next.append([again, to('telemetry-b')])).stored).toBe(2);
    expect((await next.append([again])).stored).toBe(0);
    expect(revisions(await next.readStream('telemetry-a'))).toEqual([4]);
    expect(double.store.streamOf('telemetry-a')).toHaveLength(5);
  });

  test('a stream whose events are all hidden exists nevertheless', async () => {
    const { log } = await aged();
    await log.close();
    const next = await open(doubles.at(-1)!);
    const fresh = { ...to('telemetry-a'), expectedRevision: 'no-stream' as const };
    await expect(next.append([fresh])).rejects.toThrow(new WrongExpectedRevision('telemetry-a', 'no-stream', 2));
  });
};

/** Telemetry that goes when it is old. */
export const expirySuite = (scheme: Scheme): void => {
  describe(`${scheme}:// sets $maxAge`, () => settingMaxAge(scheme));
  describe(`${scheme}:// and events that have expired`, () => expiring(scheme));
};
