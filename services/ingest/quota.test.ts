import { createIngestHarness, deviceFor, startMs } from './ingest-harness.ts';
import { createQuotas, quotaExceeded } from './quota.ts';

const gateway = deviceFor('bees', { kind: 'gateway' });
const create = (messagesPerSecond = 10) => {
  const hub = createIngestHarness({ devices: [] });
  const { quotaOf } = createQuotas({
    ...{ messagesPerSecond, log: hub.log, metrics: hub.metrics },
    failed: (error) => {
      throw error;
    },
  });
  /** How many of a burst are taken at once. */
  const taken = (device: ReturnType<typeof deviceFor>, atMs: number): number => {
    const quota = quotaOf(device)!;
    for (let count = 0; ; count += 1) if (quota.take(atMs) > 0) return count;
  };
  return { ...hub, quotaOf, taken };
};

describe('a quota', () => {
  test('lets a minute’s worth come at once, then the rate', () => {
    const { taken } = create();
    const gate = deviceFor('gate-1');
    expect(taken(gate, startMs)).toBe(600);
    expect(taken(gate, startMs)).toBe(0);
    expect(taken(gate, startMs + 1_000)).toBe(10);
    expect(taken(gate, startMs + 3_600_000)).toBe(600);
  });
  test('contains a device of 600 messages/s, and never meets one of half its rate', () => {
    const { quotaOf } = create(100);
    const passedIn = (device: string, perSecond: number): number => {
      const quota = quotaOf(deviceFor(device))!;
      let passed = 0;
      for (let ms = 0; ms < 300_000; ms += 1_000 / perSecond) if (quota.take(startMs + ms) === 0) passed += 1;
      return passed;
    };
    expect(passedIn('noisy', 600)).toBeLessThan(100 * 300 + 6_001);
    expect(passedIn('calm', 50)).toBe(50 * 300);
  });
  test('says how long to wait', () => {
    const { quotaOf, taken } = create();
    taken(deviceFor('gate-1'), startMs);
    expect(quotaOf(deviceFor('gate-1'))!.take(startMs)).toBe(100);
  });
  test('is five times as large for a gateway, and twenty times for a compound', () => {
    const { taken } = create();
    expect(taken(gateway, startMs)).toBe(3_000);
    const others = Array.from({ length: 20 }, (_, index) => taken(deviceFor(`gate-${index}`), startMs));
    expect(others.reduce((sum, count) => sum + count, 3_000)).toBe(12_000);
    expect(taken(deviceFor('elsewhere', { compound: 'next-door' }), startMs)).toBe(600);
  });
  test('is not filled by a new connection', () => {
    const { taken } = create();
    expect([taken(deviceFor('gate-1'), startMs), taken(deviceFor('gate-1'), startMs)]).toEqual([600, 0]);
  });
  test('is none where the setting is 0', () => {
    expect(create(0).quotaOf(deviceFor('gate-1'))).toBeUndefined();
  });
});

describe('what is over quota', () => {
  test('is an event once in ten minutes, with the number of those in between, and counted', async () => {
    const { quotaOf, taken, events, metrics } = create();
    const gate = deviceFor('gate-1');
    taken(gate, startMs);
    const quota = quotaOf(gate)!;
    for (const minutes of [0, 1, 2, 10, 11]) {
      expect(quota.exceeded(startMs + minutes * 60_000, 'refused')).toMatch(
        /device gate-1 sends more than 10 messages/,
      );
    }
    const told = await events();
    expect(told).toMatchObject([
      { type: 'ingest.quota-exceeded', stream: 'device-gate-1', data: { scope: 'device', messages: 1 } },
      { type: 'ingest.quota-exceeded', stream: 'device-gate-1', data: { messagesPerSecond: 10, messages: 3 } },
    ]);
    for (const { data } of told) expect(quotaExceeded.parse(data)).toEqual(data);
    expect((await metrics.overQuota.get()).values).toMatchObject([
      { labels: { scope: 'device', answer: 'refused' }, value: 5 },
    ]);
  });
  test('of a compound stands on the compound’s stream', async () => {
    const { quotaOf, taken, events } = create();
    for (let index = 0; index < 20; index += 1) taken(deviceFor(`gate-${index}`), startMs);
    const quota = quotaOf(deviceFor('late-1'))!;
    expect(quota.take(startMs)).toBeGreaterThan(0);
    quota.exceeded(startMs, 'delayed');
    expect(await events()).toMatchObject([
      { stream: 'compound-harbour-view', data: { scope: 'compound', answer: 'delayed' } },
    ]);
  });
});
