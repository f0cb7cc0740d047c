import fc from 'fast-check';
import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import { deviceStream, type RecordedEvent, telemetryStream } from '../../event-log/event.ts';
import { openPool } from '../../runtime/postgres.ts';
import { silentAfterMs } from '../star-rating/kind-silence.ts';
import { healthAt, unheard } from './health.ts';
import { deviceHealthProjection } from './projection.ts';
import { downByCompound, healthOf, lastHeardByCompound } from './queries.ts';
import { silenceOf } from './silence.ts';

let server: PostgresForTests;
let pool: ReturnType<typeof openPool>;
beforeAll(async () => {
  server = await postgresForTests();
  pool = openPool(await server.newDatabase(), { maxConnections: 2 });
  await pool.query('CREATE SCHEMA IF NOT EXISTS hub');
  await pool.query(deviceHealthProjection.schema);
});
afterAll(async () => {
  await pool?.end();
  await server?.stop();
});

const startMs = Date.parse('2026-07-01T00:00:00.000Z');
const iso = (ms: number): string => new Date(ms).toISOString();

const kinds = ['access-gate', 'camera', 'charging-post', 'sensor', 'gateway'] as const;
const fleet = Array.from({ length: 12 }, (_, nth) => ({
  id: `device-${nth}`,
  kind: kinds[nth % kinds.length]!,
  compound: `compound-${nth % 3}`,
}));
type Fleet = (typeof fleet)[number];

interface Said {
  device: Fleet;
  type: string;
  atMs: number;
  data?: object;
}
const historyOf = (said: readonly Said[]): RecordedEvent[] => {
  const revisions = new Map<string, number>();
  return said.map(({ device, type, atMs, data = {} }, nth) => {
    const stream = type === 'sensor.measured' ? telemetryStream(device.id) : deviceStream(device.id);
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    return {
      ...{ id: String(nth), type, data, stream, revision, position: String(nth + 1) },
      meta: {
        ...{ schemaVersion: 1, occurredAt: iso(atMs), receivedAt: iso(atMs), clock: 'trusted' as const },
        ...{ compound: device.compound, device: device.id },
      },
    };
  });
};
const registrations: Said[] = fleet.map((device) => ({
  ...{ device, type: 'device.registered', atMs: startMs, data: { kind: device.kind, compound: device.compound } },
}));

const words = fc.record({
  device: fc.constantFrom(...fleet),
  word: fc.constantFrom(
    ...[
      { type: 'device.seen' },
      { type: 'sensor.measured' },
      { type: 'device.connected' },
      { type: 'device.disconnected', data: { reason: 'keepalive' } },
      { type: 'device.disconnected', data: { reason: 'goodbye' } },
      { type: 'device.retired' },
    ],
  ),
  // Whole minutes, so that limits are met exactly now and then.
  minute: fc.integer({ min: 0, max: 40 * 60 }),
});

/** Device by device, as a person would count them. */
const countedOneByOne = async (said: readonly Said[], nowMs: number) => {
  const health = await healthOf(
    pool,
    fleet.map(({ id }) => id),
  );
  const retired = new Set(said.filter(({ type }) => type === 'device.retired').map(({ device }) => device.id));
  const down = new Map<string, number>();
  for (const { id, kind, compound } of fleet) {
    const { state } = healthAt(health.get(id) ?? unheard, silentAfterMs(kind) / 1000, nowMs);
    if (retired.has(id) || (state !== 'offline' && state !== 'silent')) continue;
    down.set(compound, (down.get(compound) ?? 0) + 1);
  }
  return down;
};

const sorted = <Value>(map: Map<string, Value>): [string, Value][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

test('the counts of a compound are those of its devices one by one, at any time and however the log is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(words, { maxLength: 40 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 80 * 60 }),
      async (spoken, batchSize, lookMinute) => {
        await pool.query(`TRUNCATE ${deviceHealthProjection.tables.join(', ')}`);
        const said = [
          ...registrations,
          ...spoken.map(({ device, word, minute }) => ({ device, ...word, atMs: startMs + minute * 60_000 })),
        ];
        const events = historyOf(said);
        for (let from = 0; from < events.length; from += batchSize) {
          await deviceHealthProjection.apply(pool, events.slice(from, from + batchSize));
        }
        const nowMs = startMs + lookMinute * 60_000;
        const naive = await countedOneByOne(said, nowMs);
        expect(sorted(await downByCompound(pool, nowMs))).toEqual(sorted(naive));
        const two = ['compound-0', 'compound-2'];
        expect(sorted(await downByCompound(pool, nowMs, two))).toEqual(
          sorted(naive).filter(([compound]) => two.includes(compound)),
        );
        const heard = new Map<string, string>();
        for (const { device, type, atMs, data } of said) {
          const silent =
            ['device.registered', 'device.retired'].includes(type) ||
            (data as { reason?: string })?.reason === 'keepalive';
          if (!silent && iso(atMs) > (heard.get(device.compound) ?? '')) heard.set(device.compound, iso(atMs));
        }
        expect(sorted(await lastHeardByCompound(pool))).toEqual(sorted(heard));
      },
    ),
    { numRuns: 60 },
  );
});

test('a compound’s newest word is told to within five seconds', async () => {
  await pool.query(`TRUNCATE ${deviceHealthProjection.tables.join(', ')}`);
  const [device] = fleet as [Fleet];
  const seen = (seconds: number): Said => ({ device, type: 'device.seen', atMs: startMs + seconds * 1000 });
  const events = historyOf([seen(1), seen(4), seen(7)]);
  for (const [nth, expected] of [startMs, startMs, startMs + 5000].entries()) {
    await deviceHealthProjection.apply(pool, [events[nth]!]);
    expect(await lastHeardByCompound(pool)).toEqual(new Map([['compound-0', iso(expected)]]));
  }
});

test('a device that speaks all the time moves the index by half of its silence at most', () => {
  const limitMs = silentAfterMs('access-gate');
  const looks = new Set<string | null>();
  for (let atMs = startMs; atMs < startMs + 3_600_000; atMs += 1000) {
    const { silentFrom, lookFrom } = silenceOf({ ...unheard, kind: 'access-gate', lastHeardAt: iso(atMs) });
    expect(silentFrom).toBe(iso(atMs + limitMs));
    expect(Date.parse(lookFrom!)).toBeLessThanOrEqual(atMs + limitMs);
    looks.add(lookFrom);
  }
  expect(looks.size).toBe(3_600_000 / (limitMs / 2));
});
