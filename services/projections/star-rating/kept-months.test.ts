import fc from 'fast-check';
import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import type { RecordedEvent } from '../../event-log/event.ts';
import { isoTime } from '../../runtime/clock.ts';
import { migrate } from '../../runtime/migrate.ts';
import { openPool, transact } from '../../runtime/postgres.ts';
import type { Sql } from '../../runtime/sql.ts';
import { daysOf } from '../rating-replay/days.ts';
import { cutterOf } from './cut.ts';
import { createStory, deliver, emptyTables } from './events-for-tests.ts';
import type { RatingFacts } from './facts.ts';
import { keepMonth, keptMonths, monthsToKeep } from './kept-months.ts';
import { loadLongPast, loadPast } from './load-past.ts';
import type { CompoundPast, Stretch } from './past.ts';
import { starRatingProjection } from './projection.ts';

let server: PostgresForTests;
let pool: ReturnType<typeof openPool>;
beforeAll(async () => {
  server = await postgresForTests();
  pool = openPool(await server.newDatabase(), { maxConnections: 4 });
  await migrate(transact(pool));
});
afterAll(async () => {
  await pool?.end();
  await server?.stop();
});

const minuteMs = 60_000;
const startMs = Date.parse('2026-02-10T00:00:00.000Z');
const storyDays = 110;
const nowMs = Date.parse('2026-06-02T00:00:00.000Z');
const windowDays = 10;
/** March and April lie before the last month of the stretch. */
const monthsRead = 2;

const stretchOver = (timeZone: string): { days: string[]; stretch: Stretch } => {
  const days = daysOf('2026-03-20', '2026-05-25', timeZone).map(({ at }) => at);
  const hours = days.map((at) => Date.parse(at) / 3_600_000).flatMap((hour) => [Math.floor(hour), Math.ceil(hour)]);
  const stretch = { fromMs: Date.parse(days[0]!), toMs: Date.parse(days.at(-1)!), windowDays };
  return { days, stretch: { ...stretch, summedAlike: true, cutHours: [...new Set(hours.map((hour) => hour % 24))] } };
};

const monthsOver = (atMs: number, timeZone = 'Asia/Shanghai') => {
  const compounds = ['garden', 'elsewhere'].map((id) => ({ id, timeZone }));
  return monthsToKeep(pool, compounds, { nowMs: atMs, limit: 1000 });
};
const keepAll = async (timeZone = 'Asia/Shanghai'): Promise<number> => {
  const months = await monthsOver(nowMs, timeZone);
  for (const month of months) await transact(pool)((sql) => keepMonth(sql, month));
  return months.length;
};
const monthsThere = async (compound = 'garden'): Promise<string[]> => {
  const { rows } = await pool.query<{ month: Date }>(
    'SELECT month FROM hub.rating_month WHERE compound = $1 ORDER BY month',
    [compound],
  );
  return rows.map(({ month }) => isoTime(month.getTime()).slice(0, 7));
};

/** What a rating sees each day; devices that are alike tell their counts as one, in whosever name. */
const seen = (past: CompoundPast, days: readonly string[]) => {
  const cut = cutterOf(past)!;
  return days.map((at) => {
    const { devices, ...facts }: RatingFacts = cut({ at, windowDays });
    const counted = new Map<string, number>();
    for (const { device, counts } of devices) {
      for (const [counter, count] of Object.entries(counts)) {
        const key = `${device.kind} ${device.features} ${counter}`;
        counted.set(key, (counted.get(key) ?? 0) + count);
      }
    }
    return { ...facts, devices: devices.map(({ counts: _, ...rest }) => rest), counted: [...counted].sort() };
  });
};

const expectSame = async (timeZone = 'Asia/Shanghai'): Promise<void> => {
  const { days: all, stretch } = stretchOver(timeZone);
  const days = all.filter((_, day) => day % 3 === 0);
  const whole = await loadPast(pool, 'garden', stretch);
  expect(seen(await loadLongPast(pool, 'garden', stretch), days)).toEqual(seen(whole, days));
};

const fleet = [
  { id: 'gateway-1', kind: 'gateway' },
  { id: 'water-1', kind: 'sensor', gateway: 'gateway-1', features: ['fire-water'], bandMax: 800 },
  { id: 'water-2', kind: 'sensor', features: ['fire-water'], bandMax: 500 },
  { id: 'gate-1', kind: 'access-gate' },
  { id: 'gate-2', kind: 'access-gate' },
  { id: 'camera-1', kind: 'camera' },
  { id: 'mover-1', kind: 'access-gate' },
] as const;

const said = (id: string, what: number): [type: string, data: object] => {
  if (what % 7 === 0) return ['device.disconnected', { reason: 'keepalive' }];
  if (what % 7 === 1) return ['device.connected', {}];
  if (id.startsWith('water')) return ['sensor.measured', { values: { pressureKPa: 250 + 10 * what } }];
  if (id.startsWith('camera')) {
    return what % 2 === 0
      ? ['camera.picture-probed', { ok: what % 3 > 0 }]
      : ['camera.retention-reported', { retainedDays: what }];
  }
  return id.startsWith('gateway') ? ['device.seen', {}] : ['gate.passed', {}];
};

const turns = ['2026-04-01T00:00:00.000Z', '2026-05-01T00:00:00.000Z'].map(
  (at) => (Date.parse(at) - startMs) / minuteMs,
);
const aroundTurnOfMonth = fc
  .tuple(fc.constantFrom(...turns), fc.integer({ min: -150, max: 150 }))
  .map(([turn, minutes]) => turn + minutes);
const word = fc.record({
  kind: fc.constant('word' as const),
  of: fc.constantFrom(...fleet.map(({ id }) => id)),
  minute: fc.oneof(fc.nat(storyDays * 1440 - 1), aroundTurnOfMonth),
  lateMinutes: fc.constantFrom(0, 1, 600, 40 * 1440),
  clock: fc.constantFrom('trusted' as const, 'untrusted' as const),
  what: fc.nat(99),
  times: fc.integer({ min: 1, max: 5 }),
});
const order = fc.record({
  kind: fc.constant('order' as const),
  minute: fc.nat(storyDays * 1440 - 1),
  tookMinutes: fc.constantFrom(10, 1440, 30 * 1440),
});
const change = fc.record({
  kind: fc.constant('change' as const),
  of: fc.constantFrom('water-1', 'gate-1', 'mover-1'),
  minute: fc.nat(storyDays * 1440 - 1),
});
const keeping = fc.constant({ kind: 'keep' as const });
const steps = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: word },
    { weight: 3, arbitrary: order },
    { weight: 1, arbitrary: change },
    { weight: 4, arbitrary: keeping },
  ),
  { minLength: 20, maxLength: 60 },
);

const changes = {
  'water-1': { band: { quantity: 'pressureKPa', min: 100, max: 600 } },
  'gate-1': { features: ['plate-recognition'] },
  'mover-1': { compound: 'garden' },
};

type Step = typeof steps extends fc.Arbitrary<(infer Each)[]> ? Each : never;

const registered = (story: ReturnType<typeof createStory>, timeZone: string): RecordedEvent[] => {
  const since = isoTime(startMs);
  return [
    story.registerCompound(since, { timeZone }),
    story.registerCompound(since, { id: 'elsewhere', timeZone }),
    ...fleet.map(({ id, kind, ...more }) =>
      story.registerDevice(since, {
        ...{ id, kind, compound: id === 'mover-1' ? 'elsewhere' : 'garden' },
        ...('gateway' in more ? { gateway: more.gateway } : {}),
        ...('features' in more ? { features: [...more.features] } : {}),
        ...('bandMax' in more ? { band: { quantity: 'pressureKPa', min: 300, max: more.bandMax } } : {}),
      }),
    ),
  ];
};

const eventsOf = (story: ReturnType<typeof createStory>, step: Step, nth: number): RecordedEvent[] => {
  if (step.kind === 'keep') return [];
  const atMs = startMs + step.minute * minuteMs;
  if (step.kind === 'change') {
    return [story.said(step.of, 'device.changed', isoTime(atMs), changes[step.of as keyof typeof changes])];
  }
  if (step.kind === 'order') {
    const deadlines = { onSite: isoTime(atMs + 60 * minuteMs), resolve: isoTime(atMs + 120 * minuteMs) };
    const raised = { kind: 'access-gate', code: 'offline', priority: 'P1', deadlines };
    return [
      story.event(`work-order-${nth}`, 'work-order.raised', isoTime(atMs), raised),
      story.event(`work-order-${nth}`, 'work-order.resolved', isoTime(atMs + step.tookMinutes * minuteMs)),
    ];
  }
  return Array.from({ length: step.times }, (_, time) => {
    const [type, data] = said(step.of, step.what + time);
    const occurredMs = atMs + time * 20 * minuteMs;
    const receivedAt = isoTime(occurredMs + step.lateMinutes * minuteMs);
    return story.said(step.of, type, isoTime(occurredMs), data, { receivedAt, clock: step.clock });
  });
};

test('with months that were kept at any time, a long stretch reads as without', async () => {
  const zones = fc.constantFrom('Asia/Shanghai', 'Asia/Kolkata', 'Europe/Berlin');
  await fc.assert(
    fc.asyncProperty(steps, zones, async (told, timeZone) => {
      await emptyTables(pool);
      const story = createStory();
      await deliver(pool, registered(story, timeZone));
      for (const [nth, step] of told.entries()) {
        if (step.kind === 'keep') await keepAll(timeZone);
        else await deliver(pool, eventsOf(story, step, nth));
      }
      await expectSame(timeZone);
      await keepAll(timeZone);
      expect((await keptMonths(pool, 'garden', stretchOver(timeZone).stretch))!.ids).toHaveLength(monthsRead);
      await expectSame(timeZone);
    }),
    { numRuns: 30 },
  );
}, 120_000);

describe('of a compound whose months are kept', () => {
  let story: ReturnType<typeof createStory>;
  const passed = (at: string, id = 'gate-1') => story.said(id, 'gate.passed', at);
  const all = ['2025-11', '2025-12', '2026-01', '2026-02', '2026-03', '2026-04', '2026-05'];

  beforeEach(async () => {
    await emptyTables(pool);
    story = createStory();
    await deliver(pool, registered(story, 'Asia/Shanghai'));
    await deliver(pool, [passed('2026-03-20T04:00:00.000Z'), passed('2026-04-02T04:00:00.000Z', 'gate-2')]);
    await keepAll();
    expect(await monthsThere()).toEqual(all);
  });

  test('a day after its end a month is over', async () => {
    await emptyTables(pool);
    await deliver(pool, registered(story, 'Asia/Shanghai'));
    const over = async (at: string) =>
      (await monthsOver(Date.parse(at))).map(({ monthMs }) => isoTime(monthMs).slice(0, 7));
    expect(new Set(await over('2026-06-01T23:59:00.000Z'))).toEqual(new Set(all.slice(0, -1)));
    expect(new Set(await over('2026-06-02T00:00:00.000Z'))).toEqual(new Set(all));
  });

  test('a word of today changes none of them', async () => {
    await deliver(pool, [passed('2026-06-02T04:00:00.000Z')]);
    expect(await monthsThere()).toEqual(all);
  });

  test('a late word takes its month away, and what is kept anew holds it', async () => {
    await deliver(pool, [passed('2026-03-21T04:00:00.000Z')]);
    expect(await monthsThere()).toEqual(all.filter((month) => month !== '2026-03'));
    expect(await monthsThere('elsewhere')).toEqual(all);
    await expectSame();
    expect(await keepAll()).toBe(1);
    await expectSame();
  });

  test('a late word near the turn of a month takes both away, for it may join their runs', async () => {
    await deliver(pool, [story.said('gate-1', 'device.seen', '2026-03-31T23:00:00.000Z')]);
    expect(await monthsThere()).toEqual(all.filter((month) => month !== '2026-03' && month !== '2026-04'));
  });

  test.each([
    ['camera-1', 'camera.picture-probed', { ok: true }],
    ['camera-1', 'camera.retention-reported', { retainedDays: 30 }],
    ['water-1', 'sensor.measured', { values: { pressureKPa: 400 } }],
    ['gate-1', 'device.disconnected', { reason: 'keepalive' }],
  ])('what %s says of a past month by a clock of its own takes the month away: %s', async (id, type, data) => {
    const times = { receivedAt: '2026-06-02T04:00:00.000Z', clock: 'untrusted' as const };
    await deliver(pool, [story.said(id, type, '2026-03-10T04:00:00.000Z', data, times)]);
    expect(await monthsThere()).toEqual(all.filter((month) => month !== '2026-03'));
  });

  test('an order of then takes its month away', async () => {
    await deliver(pool, [story.event('work-order-1', 'work-order.raised', '2026-02-20T04:00:00.000Z', {})]);
    expect(await monthsThere()).toEqual(all.filter((month) => month !== '2026-02'));
  });

  test('a word of the register takes all of them away, in each compound that knew the device', async () => {
    await deliver(pool, [story.said('mover-1', 'device.changed', '2026-06-02T04:00:00.000Z', { compound: 'garden' })]);
    expect([await monthsThere(), await monthsThere('elsewhere')]).toEqual([[], []]);
  });

  test('what another version of the hub kept is not read, and made anew', async () => {
    await pool.query("UPDATE hub.rating_month SET shape = 'of another', told = '[]' WHERE compound = 'garden'");
    await expectSame();
    expect(await keepAll()).toBe(all.length);
    expect((await keptMonths(pool, 'garden', stretchOver('Asia/Shanghai').stretch))!.ids).toHaveLength(monthsRead);
    await expectSame();
  });

  test('days that begin at other hours are not read from them', async () => {
    expect(await keptMonths(pool, 'garden', stretchOver('Europe/Berlin').stretch)).toBeUndefined();
    await expectSame('Europe/Berlin');
  });

  test('a word that is told while they are being read is read, too', async () => {
    const { days, stretch } = stretchOver('Asia/Shanghai');
    const late = passed('2026-03-22T04:00:00.000Z');
    let statements = 0;
    const interrupted: Sql = {
      async query(statement, values) {
        statements += 1;
        if (statements === 2) await deliver(pool, [late]);
        return pool.query(statement as string, values);
      },
    };
    const past = await loadLongPast(interrupted, 'garden', stretch);
    expect(seen(past, days)).toEqual(seen(await loadPast(pool, 'garden', stretch), days));
  });

  test('a month is not kept from before a batch that is being written', async () => {
    await deliver(pool, [passed('2026-03-21T04:00:00.000Z')]);
    const [march] = await monthsOver(nowMs);
    let keeping: Promise<unknown> = Promise.resolve();
    await transact(pool)(async (sql) => {
      await starRatingProjection.apply(sql, [passed('2026-03-22T04:00:00.000Z')]);
      keeping = transact(pool)((own) => keepMonth(own, march!));
      const waits = keeping.then(() => 'kept');
      expect(await Promise.race([waits, sql.query('SELECT pg_sleep(0.2)').then(() => 'waits')])).toBe('waits');
    });
    await keeping;
    await expectSame();
  });
});
