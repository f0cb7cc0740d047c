import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import type { EventMeta, RecordedEvent } from '../../event-log/event.ts';
import { createMemoryEventLog } from '../../event-log/memory/memory-event-log.ts';
import type { Device } from '../../registry/registry.ts';
import { isoTime } from '../../runtime/clock.ts';
import { migrate } from '../../runtime/migrate.ts';
import { openPool, transact } from '../../runtime/postgres.ts';
import { cutterOf } from './cut.ts';
import { createStory, deliver, emptyTables, type Story } from './events-for-tests.ts';
import type { RatingFacts } from './facts.ts';
import { lengthMs } from './intervals.ts';
import { loadKnownPast } from './known-past.ts';
import { type MeasureParameters, measure } from './measures/measures.ts';
import { ratingFacts } from './queries.ts';

interface Words {
  device: string;
  from: string;
  to: string;
  everyMinutes: number;
  receivedAt?: string;
  values?: Record<string, number>;
}
interface Said {
  device?: string;
  type: string;
  at: string;
  receivedAt?: string;
  data?: object;
}
interface Expected {
  at: string;
  known?: string;
  measure: string;
  value: number;
  gatewayDownHours?: number;
}
interface Case {
  name: string;
  devices: (Partial<Device> & { id: string })[];
  words?: Words[];
  events?: Said[];
  expect: Expected[];
}

const cases = parse(readFileSync(new URL('./golden-time.yaml', import.meta.url), 'utf8')) as Case[];
const timed = { whenNone: 'no-evidence', commissioningSeconds: 0 } as const;
const covered = (positions: ('entrance' | 'fire-lane')[]): MeasureParameters => ({
  ...{ name: 'position-coverage', deviceKinds: ['camera'], heard: true, whenNone: 'no-evidence', positions },
});
const measures: Record<string, MeasureParameters> = {
  'posts-online': { name: 'online-rate', deviceKinds: ['charging-post'], ...timed },
  'gates-online': { name: 'online-rate', deviceKinds: ['access-gate'], ...timed },
  'sensors-online': { name: 'online-rate', deviceKinds: ['sensor'], ...timed },
  'water-in-band': { name: 'in-band-share', deviceKinds: ['sensor'], ...timed },
  'entrances-covered': covered(['entrance']),
  'lanes-covered': covered(['fire-lane']),
  'platform-days': { name: 'platform-days' },
  'ev-ready': {
    ...{ name: 'figure-ratio', numerator: { figure: 'evReadySpaces' } },
    ...{ denominator: 'parkingSpaces', percent: true },
  },
};
const windowDays = 10;
const utc = (local: string): string => isoTime(Date.parse(`${local}${local.length === 16 ? ':00' : ''}+08:00`));

const wordsOf = (story: Story, { device, from, to, everyMinutes, receivedAt, values }: Words): RecordedEvent[] => {
  const events: RecordedEvent[] = [];
  const stream = values === undefined ? `device-${device}` : `telemetry-${device}`;
  const type = values === undefined ? 'device.seen' : 'sensor.measured';
  for (let ms = Date.parse(utc(from)); ms <= Date.parse(utc(to)); ms += everyMinutes * 60_000) {
    const meta = receivedAt === undefined ? {} : { receivedAt: utc(receivedAt) };
    events.push(story.event(stream, type, isoTime(ms), values === undefined ? {} : { values }, meta));
  }
  return events;
};

const eventOf = (story: Story, { device, type, at, receivedAt, data }: Said): RecordedEvent => {
  const meta: Partial<EventMeta> = receivedAt === undefined ? {} : { receivedAt: utc(receivedAt) };
  return story.event(device === undefined ? 'compound-garden' : `device-${device}`, type, utc(at), data ?? {}, meta);
};

/** The case's events in the order in which they were told. */
const historyOf = ({ devices, words = [], events = [] }: Case): RecordedEvent[] => {
  const story = createStory();
  const since = utc('2026-06-01T00:00');
  const positions = [
    { id: 'entrance-1', kind: 'entrance' as const, name: '北门' },
    { id: 'lane-1', kind: 'fire-lane' as const, name: '消防通道' },
  ];
  const registered = [
    story.registerCompound(since, { positions, figures: { parkingSpaces: 100, evReadySpaces: 50 } }),
    ...devices.map((given) => story.registerDevice(since, given)),
  ];
  const said = [...words.flatMap((given) => wordsOf(story, given)), ...events.map((given) => eventOf(story, given))];
  const told = said.sort((a, b) => (a.meta.receivedAt < b.meta.receivedAt ? -1 : 1));
  const revisions = new Map<string, number>();
  return [...registered, ...told].map((event) => {
    const revision = revisions.get(event.stream) ?? 0;
    revisions.set(event.stream, revision + 1);
    return { ...event, revision };
  });
};

const logOf = async (events: readonly RecordedEvent[]) => {
  const log = createMemoryEventLog();
  const streams = new Map<string, RecordedEvent[]>();
  for (const event of events) streams.set(event.stream, [...(streams.get(event.stream) ?? []), event]);
  await log.append([...streams].map(([stream, own]) => ({ stream, expectedRevision: 'any' as const, events: own })));
  return log;
};

const endOfTime = '2026-12-31T00:00:00.000Z';
let server: PostgresForTests;
let pool: ReturnType<typeof openPool>;
beforeAll(async () => {
  server = await postgresForTests();
  pool = openPool(await server.newDatabase(), { maxConnections: 2 });
  await migrate(transact(pool));
});
afterAll(async () => {
  await pool?.end();
  await server?.stop();
});

const checked = (facts: RatingFacts, { measure: name, value, gatewayDownHours }: Expected): void => {
  expect(measure(facts, measures[name]!).value).toBeCloseTo(value, 6);
  if (gatewayDownHours === undefined) return;
  const downMs = facts.devices.reduce((sum, { gatewayDown }) => sum + lengthMs(gatewayDown), 0);
  expect(downMs / 3_600_000).toBe(gatewayDownHours);
};

test.each(cases.map((given) => [given.name, given] as const))('%s', async (_, given) => {
  const events = historyOf(given);
  await emptyTables(pool);
  await deliver(pool, events, 500);
  const log = await logOf(events);
  for (const expected of given.expect) {
    const at = utc(expected.at);
    const knownPast = await loadKnownPast(
      { sql: pool, log },
      { ...{ compound: 'garden', at, windowDays }, knownAt: expected.known ? utc(expected.known) : endOfTime },
    );
    const known = cutterOf(knownPast)!({ at, windowDays });
    checked(known, expected);
    if (expected.known !== undefined) continue;
    const facts = await ratingFacts(pool, { compound: 'garden', at, windowDays });
    // All that is known is what the tables hold, read again from the log.
    expect(known).toEqual(facts);
    checked(facts!, expected);
  }
});

test('what devices told without end is not read for one answer', async () => {
  await emptyTables(pool);
  const story = createStory();
  const at = '2026-07-01T04:00:00.000Z';
  const registered = story.registerDevice(at, { id: 'gate-1' });
  await deliver(pool, [story.registerCompound(at), registered]);
  const endless = { readStream: async () => Array<RecordedEvent>(1_600_000).fill(registered) };
  const request = { compound: 'garden', at, windowDays, knownAt: at };
  await expect(loadKnownPast({ sql: pool, log: endless }, request)).rejects.toThrow('more than 3000000 events');
});
