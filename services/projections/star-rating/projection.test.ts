import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import type { EventMeta, RecordedEvent } from '../../event-log/event.ts';
import type { Device } from '../../registry/registry.ts';
import { migrate } from '../../runtime/migrate.ts';
import { openPool, transact } from '../../runtime/postgres.ts';
import { createStory, deliver, emptyTables, type Story, tablesOf } from './events-for-tests.ts';
import type { RatingFacts } from './facts.ts';
import { lastRating, ratingFacts, ratingHistory } from './queries.ts';

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
beforeEach(async () => {
  await emptyTables(pool);
});

const at = '2026-07-01T04:00:00.000Z';
const minutesBefore = (minutes: number): string => new Date(Date.parse(at) - minutes * 60_000).toISOString();

let story: Story;
let event: Story['event'];
beforeEach(() => {
  story = createStory();
  event = story.event;
});

const said = (id: string, type: string, minutesAgo: number, data: object = {}, meta: Partial<EventMeta> = {}) =>
  story.said(id, type, minutesBefore(minutesAgo), data, meta);
const dayAgo = 1440;
const registeringAll = (...devices: (Partial<Device> & { id: string })[]): RecordedEvent[] => [
  story.registerCompound(minutesBefore(dayAgo)),
  ...devices.map((given) => story.registerDevice(minutesBefore(dayAgo), given)),
];
const registering = (): RecordedEvent[] =>
  registeringAll(
    { id: 'gate-1' },
    { id: 'cam-1', kind: 'camera' },
    { id: 'sen-1', kind: 'sensor', band: { quantity: 'pressureKPa', min: 300, max: 800 } },
  );

const factsAt = async (asOf = at): Promise<RatingFacts> =>
  (await ratingFacts(pool, { compound: 'garden', at: asOf, windowDays: 30 }))!;

/** Delivers everything twice, in batches, and looks at the facts; the second time must change nothing. */
const factsAfter = async (events: RecordedEvent[], batchSize = 3, asOf = at): Promise<RatingFacts> => {
  await deliver(pool, events, batchSize);
  const once = await tablesOf(pool);
  await deliver(pool, events, batchSize);
  await deliver(pool, [...events, ...events]);
  expect(await tablesOf(pool)).toEqual(once);
  return factsAt(asOf);
};
const of = (facts: RatingFacts, id: string) => facts.devices.find((known) => known.device.id === id)!;
const minutes = (intervals: readonly { fromMs: number; toMs: number }[]): [number, number][] =>
  intervals.map(({ fromMs, toMs }) => [(Date.parse(at) - fromMs) / 60_000, (Date.parse(at) - toMs) / 60_000]);

describe('up and down', () => {
  test('heard, silent, gone and back', async () => {
    const facts = await factsAfter([
      ...registering(),
      said('gate-1', 'device.connected', 1400),
      said('gate-1', 'device.seen', 1390),
      said('gate-1', 'gate.passed', 1300),
      said('gate-1', 'device.disconnected', 1295, { reason: 'will' }),
      said('gate-1', 'device.connected', 1290),
    ]);
    expect(minutes(of(facts, 'gate-1').up)).toEqual([
      [1400, 1375],
      [1300, 1295],
      [1290, 1275],
    ]);
    expect(of(facts, 'gate-1').firstHeardAtMs).toBe(Date.parse(minutesBefore(1400)));
    expect(of(facts, 'cam-1')).toMatchObject({ up: [], firstHeardAtMs: null });
  });

  test('a long day of words is one run, whatever the batches', async () => {
    const events = registering();
    for (let index = 0; index < 100; index += 1) events.push(said('gate-1', 'device.seen', 500 - 5 * index));
    const facts = await factsAfter(events, 7);
    expect(minutes(of(facts, 'gate-1').up)).toEqual([[500, 0]]);
    expect((await pool.query('SELECT * FROM hub.rating_heard')).rows).toHaveLength(1);
  });

  test('a message kept back on the way fills the past, one sent again on purpose is no sign of life now', async () => {
    const facts = await factsAfter([
      ...registering(),
      said('gate-1', 'device.connected', 1400),
      said('gate-1', 'gate.passed', 1000, {}, { receivedAt: minutesBefore(500) }),
      said('gate-1', 'gate.passed', 990, {}, { receivedAt: minutesBefore(400), replayed: true }),
      said('gate-1', 'gate.passed', 300, {}, { receivedAt: minutesBefore(300), clock: 'untrusted' }),
    ]);
    expect(minutes(of(facts, 'gate-1').up)).toEqual([
      [1400, 1385],
      [1000, 975],
      [500, 485],
      [300, 285],
    ]);
  });

  test('a clean goodbye is no outage, and the hub’s own words are no sign of life', async () => {
    const facts = await factsAfter([
      ...registering(),
      said('gate-1', 'device.connected', 1400),
      said('gate-1', 'device.disconnected', 1395, { reason: 'goodbye' }),
      said('cam-1', 'device.command-sent', 1000, { command: 'probe' }),
      said('cam-1', 'device.credential-issued', 999),
    ]);
    expect(minutes(of(facts, 'gate-1').up)).toEqual([[1400, 1380]]);
    expect(of(facts, 'cam-1').firstHeardAtMs).toBeNull();
  });

  test('an outage of the hub', async () => {
    const facts = await factsAfter([
      ...registering(),
      said('gate-1', 'device.connected', 1000),
      event('compound-garden', 'compound.gap-recorded', minutesBefore(600), {
        from: minutesBefore(990),
        to: minutesBefore(600),
      }),
      said('gate-1', 'device.connected', 598),
    ]);
    expect(minutes(facts.gaps)).toEqual([[990, 600]]);
    expect(minutes(of(facts, 'gate-1').up)).toEqual([[1000, 583]]);
  });

  test('beneath a gateway that is gone', async () => {
    const facts = await factsAfter([
      ...registeringAll({ id: 'child', kind: 'sensor', gateway: 'gateway-1' }, { id: 'gateway-1', kind: 'gateway' }),
      said('gateway-1', 'device.connected', 1400),
      said('child', 'sensor.measured', 1300, { values: { temperatureC: 20 } }),
      said('gateway-1', 'device.disconnected', 1000, { reason: 'keepalive' }),
      said('gateway-1', 'device.connected', 900),
    ]);
    expect(minutes(of(facts, 'child').up)).toEqual([
      [1300, 1000],
      [900, 0],
    ]);
    expect(minutes(of(facts, 'child').gatewayDown)).toEqual([[1000, 900]]);
  });

  test('a past day is seen as it was', async () => {
    const events = [
      ...registering(),
      said('gate-1', 'device.connected', 1000),
      said('gate-1', 'device.seen', 990),
      said('cam-1', 'device.connected', 10),
    ];
    const facts = await factsAfter(events, 2, minutesBefore(985));
    expect(minutes(of(facts, 'gate-1').up)).toEqual([[1000, 985]]);
    expect(of(facts, 'cam-1').firstHeardAtMs).toBeNull();
    const before = await factsAfter(events, 2, minutesBefore(2000));
    expect(before.devices).toEqual([]);
  });
});

describe('counters', () => {
  test('deliveries, pictures and retention', async () => {
    const facts = await factsAfter([
      ...registering(),
      said('gate-1', 'gate.passed', 100),
      said('gate-1', 'gate.passed', 99, {}, { receivedAt: minutesBefore(98) }),
      said('gate-1', 'gate.passed', 97, {}, { receivedAt: minutesBefore(7) }),
      said('gate-1', 'gate.passed', 96, {}, { receivedAt: minutesBefore(6), clock: 'assumed-zone' }),
      said('cam-1', 'camera.picture-probed', 90, { ok: true }),
      said('cam-1', 'camera.picture-probed', 80, { ok: false }),
      said('cam-1', 'camera.retention-reported', 70, { retainedDays: 31 }),
      said('cam-1', 'camera.retention-reported', 60, { retainedDays: 29.5 }),
      said('cam-1', 'camera.retention-reported', 65, { retainedDays: 12 }),
    ]);
    expect(of(facts, 'gate-1').counts).toEqual({
      'gate.passed by 10': 1,
      'gate.passed by 60': 1,
      'gate.passed by later': 1,
    });
    expect(of(facts, 'cam-1')).toMatchObject({ counts: { 'picture ok': 1, 'picture failed': 1 }, retainedDays: 29.5 });
    const past = await factsAt(minutesBefore(66));
    expect(of(past, 'cam-1').retainedDays).toBe(31);
  });

  test('a device that moved in brings nothing along of what it counted elsewhere', async () => {
    const moved = { id: 'gate-1', compound: 'meadow' };
    const facts = await factsAfter([
      story.registerCompound(minutesBefore(40 * dayAgo)),
      story.registerDevice(minutesBefore(40 * dayAgo), moved),
      ...[20, 12].map((days) => said('gate-1', 'gate.passed', days * dayAgo, {}, { compound: 'meadow' })),
      said('gate-1', 'device.changed', 10 * dayAgo, { compound: 'garden' }),
      ...[8, 4].map((days) => said('gate-1', 'gate.passed', days * dayAgo)),
    ]);
    expect(of(facts, 'gate-1').counts).toEqual({ 'gate.passed by 10': 2 });
  });

  test('hours in which the compound spoke', async () => {
    const facts = await factsAfter([
      ...registering(),
      said('gate-1', 'device.connected', 200),
      said('cam-1', 'device.connected', 190),
      said('cam-1', 'device.disconnected', 100),
    ]);
    expect(facts.heardHoursMs).toEqual([Date.parse('2026-07-01T00:00:00.000Z')]);
  });
});

describe('readings in band', () => {
  const measured = (minutesAgo: number, pressureKPa: number) =>
    said('sen-1', 'sensor.measured', minutesAgo, { values: { pressureKPa, temperatureC: 5 } });

  test('by each device’s own band, a late reading in its place', async () => {
    const facts = await factsAfter([
      ...registering(),
      measured(1000, 300),
      measured(800, 299),
      measured(600, 800),
      measured(900, 900),
    ]);
    expect(minutes(of(facts, 'sen-1').inBand)).toEqual([
      [1000, 900],
      [600, 0],
    ]);
  });

  test('a changed band holds from then on', async () => {
    const facts = await factsAfter([
      ...registering(),
      measured(1000, 200),
      said('sen-1', 'device.changed', 950, { band: { quantity: 'pressureKPa', min: 100, max: 800 } }),
      measured(900, 200),
    ]);
    expect(minutes(of(facts, 'sen-1').inBand)).toEqual([[900, 0]]);
  });

  test('a day that was in its one band all along needs no minutes, any other day does', async () => {
    const told = [...registering(), measured(1000, 300), measured(900, 800), measured(800, 500)];
    expect(minutes(of(await factsAfter(told), 'sen-1').inBand)).toEqual([[1000, 0]]);
    await pool.query(`UPDATE hub.rating_reading SET minutes = '[]'`);
    expect(minutes(of(await factsAt(), 'sen-1').inBand)).toEqual([[1000, 0]]);
    await pool.query('UPDATE hub.rating_reading_day SET high = 801');
    expect(of(await factsAt(), 'sen-1').inBand).toEqual([]);
  });

  test('another quantity and a device without a band say nothing', async () => {
    const facts = await factsAfter([
      ...registering(),
      said('sen-1', 'sensor.measured', 1000, { values: { temperatureC: 5 } }),
      said('sen-2', 'sensor.measured', 1000, { values: { pressureKPa: 400 } }),
    ]);
    expect(of(facts, 'sen-1').inBand).toEqual([]);
    expect((await pool.query('SELECT * FROM hub.rating_reading')).rows).toEqual([]);
  });
});

describe('orders, meetings, whistles', () => {
  const raised = (minutesAgo: number, more: object = {}) => ({
    code: 'offline',
    kind: 'access-gate',
    priority: 'P1',
    late: false,
    title: { zh: '离线', en: 'Offline' },
    deadlines: { acknowledge: null, onSite: minutesBefore(minutesAgo - 15), resolve: minutesBefore(minutesAgo - 120) },
    ...more,
  });
  const step = (order: string, type: string, minutesAgo: number, data: object = {}) =>
    event(`work-order-${order}`, `work-order.${type}`, minutesBefore(minutesAgo), data);
  const ms = (minutesAgo: number): number => Date.parse(minutesBefore(minutesAgo));

  test('an order’s life, and only what a measure reads is kept of it', async () => {
    const events = [
      ...registering(),
      step('1', 'raised', 1000, raised(1000)),
      step('1', 'acknowledged', 995),
      step('1', 'dispatched', 994, { assignee: '王师傅' }),
      step('1', 'arrived', 980),
      step('1', 'resolved', 970),
      step('1', 'reopened', 960, { reason: 'x' }),
      step('1', 'resolved', 950),
      step('1', 'closed', 940, { outcome: 'repaired' }),
    ];
    const facts = await factsAfter(events);
    expect(facts.workOrders).toEqual([
      {
        id: 'work-order-1',
        device: null,
        deviceName: null,
        kind: 'access-gate',
        code: 'offline',
        priority: 'P1',
        raisedAtMs: ms(1000),
        late: false,
        dueOnSiteMs: ms(985),
        dueResolveMs: ms(880),
        acknowledgedAtMs: ms(995),
        arrivedAtMs: ms(980),
        resolvedAtMs: ms(950),
        closedAtMs: ms(940),
        cancelledAtMs: null,
      },
    ]);
    const past = await factsAt(minutesBefore(955));
    expect(past.workOrders[0]).toMatchObject({ resolvedAtMs: null, closedAtMs: null, arrivedAtMs: ms(980) });
    expect(JSON.stringify(await tablesOf(pool))).not.toContain('王师傅');
  });

  test('an order from before the window is left out, though it was closed within', async () => {
    const old = 31 * 1440;
    const facts = await factsAfter([...registering(), step('1', 'raised', old, raised(old)), step('1', 'closed', 10)]);
    expect(facts.workOrders).toEqual([]);
  });

  test('scores, meetings of the last year, whistles and the city platform', async () => {
    const facts = await factsAfter([
      ...registering(),
      step('1', 'rated', 10, { score: 5 }),
      event('meeting-1', 'meeting.planned', minutesBefore(100 * 1440), { plannedFor: minutesBefore(90 * 1440) }),
      event('meeting-1', 'meeting.held', minutesBefore(90 * 1440)),
      event('whistle-1', 'whistle.blown', minutesBefore(60), { dueAt: minutesBefore(30) }),
      event('whistle-1', 'whistle.answered', minutesBefore(40)),
      event('compound-garden', 'platform.reported', minutesBefore(1440)),
    ]);
    expect(facts).toMatchObject({
      residentRatings: [{ score: 5 }],
      meetings: [{ plannedForMs: ms(90 * 1440), heldAtMs: ms(90 * 1440) }],
      whistles: [{ blownAtMs: ms(60), dueAtMs: ms(30), answeredAtMs: ms(40) }],
      platformReportsMs: [ms(1440)],
    });
  });
});

describe('history', () => {
  const change = (from: number | null, to: number) => ({
    from,
    to,
    total: 10 * to,
    standard: 'example@1',
    causes: from === null ? [] : ['AAA-1'],
    criteria: { 'AAA-1': { standing: '3', points: 5 } },
  });

  test('newest first, and what the last one left behind', async () => {
    await factsAfter([
      event('compound-garden', 'rating.changed', minutesBefore(100), change(null, 2)),
      event('compound-garden', 'rating.changed', minutesBefore(50), change(2, 3)),
      event('compound-park', 'rating.changed', minutesBefore(70), change(null, 1), { compound: 'park' }),
    ]);
    expect(await ratingHistory(pool, 'garden', 10)).toEqual([
      { at: minutesBefore(50), from: 2, to: 3, total: 30, standard: 'example@1', causes: ['AAA-1'] },
      { at: minutesBefore(100), from: null, to: 2, total: 20, standard: 'example@1', causes: [] },
    ]);
    expect(await ratingHistory(pool, 'garden', 1)).toHaveLength(1);
    expect(await lastRating(pool, 'garden')).toEqual(change(2, 3));
    expect(await lastRating(pool, 'meadow')).toBeNull();
  });
});

test('the size of the batches makes no difference', async () => {
  const events = registering();
  for (let index = 0; index < 40; index += 1) {
    const type = index % 7 === 0 ? 'device.disconnected' : 'device.seen';
    events.push(said(index % 3 === 0 ? 'cam-1' : 'gate-1', type, 900 - index * 11));
  }
  await factsAfter(events, 1);
  const oneByOne = await tablesOf(pool);
  expect(oneByOne['hub.rating_heard']).not.toHaveLength(0);
  await emptyTables(pool);
  await deliver(pool, events);
  expect(await tablesOf(pool)).toEqual(oneByOne);
});
