import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import { compoundStream, type RecordedEvent, workOrderStream } from '../../event-log/event.ts';
import { migrate } from '../../runtime/migrate.ts';
import { openPool, transact } from '../../runtime/postgres.ts';
import type { WorkOrderEvent } from '../../work-orders/order-events.ts';
import { roundStream } from '../../work-orders/round-events.ts';
import { prepareProjection, resetProjection } from '../runner.ts';
import { type FigureSums, figureOf, noFigures } from './figures.ts';
import { workOrderFigures } from './projection.ts';
import { figuresOfMonth, figuresOfMonths } from './queries.ts';

let server: PostgresForTests;
let pool: ReturnType<typeof openPool>;

beforeAll(async () => {
  server = await postgresForTests();
  pool = openPool(await server.newDatabase());
  await migrate(transact(pool));
  await prepareProjection(transact(pool), workOrderFigures);
}, 60_000);
afterAll(async () => {
  await pool.end();
  await server.stop();
});

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** Midnight of the first of January in Shanghai. */
const startMs = Date.UTC(2025, 11, 31, 16);
const iso = (ms: number): string => new Date(ms).toISOString();
const asOfMs = startMs + 100 * dayMs;

interface Told {
  stream: string;
  type: string;
  data: unknown;
  atMs: number;
}
const compounds = ['garden', 'harbour'];
const register: Told[] = compounds.map((id, index) => ({
  stream: compoundStream(id),
  type: 'compound.registered',
  data: {
    ...{ id, name: id, profile: 'new', households: 500 * (index + 1), timeZone: 'Asia/Shanghai', figures: {} },
    ...{ company: { id: 'anju', name: '安居' }, buildings: [], positions: [] },
  },
  atMs: startMs - 10 * dayMs,
}));

const recorded = (told: Told[]): RecordedEvent[] => {
  const revisions = new Map<string, number>();
  return told.map(({ stream, type, data, atMs }, index) => {
    const revision = revisions.get(stream) ?? 0;
    revisions.set(stream, revision + 1);
    const at = iso(atMs);
    const meta = { schemaVersion: 1, occurredAt: at, receivedAt: at, clock: 'trusted' as const, compound: 'garden' };
    return { id: `${stream}-${revision}`, stream, type, data, meta, revision, position: String(index + 1) };
  });
};

const deliver = async (events: RecordedEvent[], cuts: readonly number[]): Promise<void> => {
  await transact(pool)((sql) => resetProjection(sql, workOrderFigures));
  const edges = [0, ...cuts.map((cut) => cut % (events.length + 1)).sort((a, b) => a - b), events.length];
  for (const [index, edge] of edges.slice(1).entries()) {
    const batch = events.slice(edges[index]!, edge);
    for (let times = 0; times < 2 && batch.length > 0; times += 1)
      await transact(pool)((sql) => workOrderFigures.apply(sql, batch));
  }
};

const steps = [
  ...(['acknowledged', 'dispatched', 'accepted', 'arrived', 'paused', 'resumed', 'resolved', 'reopened'] as const),
  ...(['fault-returned', 'closed', 'cancelled', 'rated', 'noted'] as const),
];
const orderArbitrary = fc.record({
  compound: fc.constantFrom(...compounds),
  device: fc.constantFrom(null, 'gate-1', 'gate-2'),
  code: fc.constantFrom('offline', 'tampered', 'by-hand'),
  level: fc.constantFrom('general-repair', 'complaint'),
  priority: fc.constantFrom('P0', 'P1', 'P2', 'P3'),
  late: fc.boolean(),
  raisedHours: fc.integer({ min: 0, max: 89 * 24 }),
  dueHours: fc.constantFrom(null, 1, 20, 60),
  steps: fc.array(fc.record({ step: fc.constantFrom(...steps), afterHours: fc.integer({ min: 0, max: 40 }) }), {
    maxLength: 8,
  }),
  score: fc.integer({ min: 1, max: 5 }),
});
type OrderStory = typeof orderArbitrary extends fc.Arbitrary<infer Story> ? Story : never;

const eventOfStep = (step: (typeof steps)[number], story: OrderStory, atMs: number): WorkOrderEvent => {
  const moved = iso(atMs + 5 * hourMs);
  switch (step) {
    case 'dispatched':
      return { type: 'work-order.dispatched', data: { assignee: 'Li' } };
    case 'paused':
      return { type: 'work-order.paused', data: { reason: 'weather', at: iso(atMs), stops: ['onSite', 'resolve'] } };
    case 'resumed':
      return {
        type: 'work-order.resumed',
        data: { at: iso(atMs), deadlines: { acknowledge: null, onSite: moved, resolve: moved } },
      };
    case 'reopened':
      return { type: 'work-order.reopened', data: { reason: 'again' } };
    case 'fault-returned':
      return { type: 'work-order.fault-returned', data: { causedBy: 'f' } };
    case 'closed':
      return { type: 'work-order.closed', data: { outcome: 'repaired', faultStanding: false } };
    case 'cancelled':
      return { type: 'work-order.cancelled', data: { reason: 'no' } };
    case 'rated':
      return { type: 'work-order.rated', data: { score: story.score } };
    case 'noted':
      return { type: 'work-order.noted', data: { text: 'x' } };
    default:
      return { type: `work-order.${step}`, data: {} };
  }
};

/** An order ends once: what would come after that is left out, but for its rating. */
const toldOf = (story: OrderStory, index: number): Told[] => {
  const raisedMs = startMs + story.raisedHours * hourMs;
  const due = story.dueHours === null ? null : iso(raisedMs + story.dueHours * hourMs);
  const stream = workOrderStream(`o${String(index).padStart(3, '0')}`);
  const data = {
    ...{ compound: story.compound, code: story.code, lasting: false, title: { zh: '', en: '' }, late: story.late },
    ...(story.device === null ? {} : { device: story.device }),
    ...{ serviceLevel: story.level, priority: story.priority, raisedAt: iso(raisedMs) },
    deadlines: { acknowledge: due, onSite: due, resolve: due },
  };
  const told: Told[] = [{ stream, type: 'work-order.raised', data, atMs: raisedMs }];
  let atMs = raisedMs;
  let ended = false;
  for (const { step, afterHours } of story.steps) {
    if (ended && step !== 'rated' && step !== 'noted') continue;
    atMs += afterHours * hourMs;
    ended ||= step === 'closed' || step === 'cancelled';
    told.push({ stream, ...eventOfStep(step, story, atMs), atMs });
  }
  return told;
};

/** Counted by hand from the events, order by order. */
const naive = (told: Told[], compound: string, month: string): FigureSums => {
  const byOrder = new Map<string, Told[]>();
  for (const event of told) byOrder.set(event.stream, [...(byOrder.get(event.stream) ?? []), event]);
  const orders = [...byOrder.values()].map((events) => {
    const upTo = events.filter(({ atMs }) => atMs <= asOfMs);
    const first = (...types: string[]) =>
      upTo.find(({ type }) => types.includes(type.replace('work-order.', '')))?.atMs ?? null;
    const raised = events[0]!.data as {
      compound: string;
      device?: string;
      code: string;
      serviceLevel: string;
      late: boolean;
      deadlines: Record<string, string | null>;
    };
    let dues = { ...raised.deadlines };
    for (const { type, data } of events) {
      for (const step of type === 'work-order.paused' ? ['onSite', 'resolve'] : [])
        if (dues[step] != null && dues[step] > (data as { at: string }).at) dues[step] = null;
      if (type === 'work-order.resumed') dues = (data as { deadlines: typeof dues }).deadlines;
    }
    const reopenedAt = events.findLastIndex(({ type }) => type === 'work-order.reopened');
    const resolvedMs =
      upTo.findLast((event) => event.type === 'work-order.resolved' && events.indexOf(event) > reopenedAt)?.atMs ??
      null;
    const failed = upTo.some(
      ({ type }, index) =>
        type === 'work-order.reopened' ||
        (type === 'work-order.fault-returned' &&
          upTo.slice(0, index).findLast((event) => /resolved|reopened/.test(event.type))?.type ===
            'work-order.resolved'),
    );
    const rated = upTo.findLast(({ type }) => type === 'work-order.rated');
    return {
      ...raised,
      ...{ stream: events[0]!.stream, raisedMs: events[0]!.atMs, dues, failed, resolvedMs },
      acknowledgedMs: first('acknowledged', 'dispatched', 'accepted', 'arrived', 'resolved', 'closed'),
      arrivedMs: first('arrived'),
      closedMs: first('closed'),
      cancelledMs: first('cancelled'),
      isDevices: raised.device !== undefined && raised.code !== 'by-hand',
      score: rated === undefined ? null : (rated.data as { score: number }).score,
    };
  });
  type Order = (typeof orders)[number];
  const isSame = (one: Order, other: Order): boolean =>
    one.isDevices && other.isDevices && one.device === other.device && one.code === other.code;
  const isBefore = (one: Order, other: Order): boolean =>
    one.raisedMs < other.raisedMs || (one.raisedMs === other.raisedMs && one.stream < other.stream);
  const sums = { ...noFigures, households: compound === 'garden' ? 500 : 1000 };
  const own = orders.filter(
    (order) => order.compound === compound && iso(order.raisedMs + 8 * hourMs).slice(0, 7) === month,
  );
  for (const order of own) {
    const { closedMs, cancelledMs, resolvedMs, arrivedMs, acknowledgedMs, late, dues, raisedMs } = order;
    sums.raised += 1;
    sums[cancelledMs !== null ? 'cancelled' : closedMs !== null ? 'closed' : 'open'] += 1;
    for (const [step, due, done] of [
      ['acknowledge', dues.acknowledge, acknowledgedMs],
      ['onSite', dues.onSite, arrivedMs ?? resolvedMs],
      ['resolve', dues.resolve, resolvedMs ?? closedMs],
    ] as const) {
      if (late || cancelledMs !== null) continue;
      if (done !== null) {
        sums[`${step}Timed`] += 1;
        sums[`${step}Seconds`] += (done - raisedMs) / 1000;
      }
      if (due == null) continue;
      const dueMs = Date.parse(due);
      const isJudged = done !== null || (closedMs === null ? dueMs < asOfMs : closedMs > dueMs);
      if (isJudged) sums[`${step}Judged`] += 1;
      if (isJudged && done !== null && done <= dueMs) sums[`${step}InTime`] += 1;
    }
    if (order.isDevices && cancelledMs === null) {
      sums.faults += 1;
      const isRepeat = orders.some(
        (other) =>
          isSame(order, other) &&
          isBefore(other, order) &&
          other.cancelledMs === null &&
          other.raisedMs >= raisedMs - 30 * dayMs,
      );
      if (isRepeat) sums.repeatFaults += 1;
    }
    if (closedMs !== null) {
      sums.fixed += 1;
      const cameBack = orders.some(
        (other) =>
          isSame(order, other) &&
          isBefore(order, other) &&
          other.cancelledMs === null &&
          other.raisedMs <= closedMs + 30 * dayMs,
      );
      if (!order.failed && !cameBack) sums.fixedFirstTime += 1;
    }
    if (order.serviceLevel === 'complaint' && cancelledMs === null) sums.complaints += 1;
    if (order.score !== null) {
      sums.ratings += 1;
      sums.scoreSum += order.score;
      if (order.score >= 4) sums.satisfied += 1;
    }
  }
  return sums;
};

const sumsIn = async (month: string): Promise<Map<string, FigureSums>> =>
  new Map((await figuresOfMonth(pool, month, iso(asOfMs))).map(({ compound, sums }) => [compound, sums]));

describe('the figures', () => {
  test('equal a count by hand, however the events are cut into batches and though they come twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(orderArbitrary, { maxLength: 25 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        async (stories, cuts) => {
          const told = stories.flatMap(toldOf);
          // As the log has them: each stream in its order, the streams mixed by time.
          const events = recorded([...register, ...[...told].sort((a, b) => a.atMs - b.atMs)]);
          await deliver(events, cuts);
          for (const month of ['2026-01', '2026-02', '2026-03']) {
            const found = await sumsIn(month);
            for (const compound of compounds) expect(found.get(compound)).toEqual(naive(told, compound, month));
          }
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);

  test('rounds count once they are done or missed, in the month in which they were due', async () => {
    const stream = roundStream('fire-doors');
    const round = (type: string, day: number, more: object = {}): Told => {
      const atMs = startMs + day * dayMs;
      return {
        stream,
        type: `round.${type}`,
        data: { occurrence: iso(atMs).slice(0, 10), dueAt: iso(atMs), ...more },
        atMs,
      };
    };
    await deliver(
      recorded([
        ...register,
        round('started', 1),
        round('done', 1, { findings: 2 }),
        round('started', 8),
        round('missed', 8, { checked: 0, stops: 3 }),
        round('done', 8, { findings: 0 }),
        round('started', 15),
        round('started', 40),
        round('done', 40, { findings: 0 }),
      ]),
      [3],
    );
    const { garden } = Object.fromEntries(await sumsIn('2026-01'));
    expect(garden).toMatchObject({ roundsDue: 2, roundsDone: 1, roundsMissed: 1 });
    expect((await sumsIn('2026-02')).get('garden')).toMatchObject({ roundsDue: 1, roundsDone: 1 });
  });

  test('a month belongs to the company that had the contract as it ended', async () => {
    const changed: Told = {
      stream: compoundStream('garden'),
      type: 'compound.changed',
      data: { company: { id: 'heli', name: '和理' }, households: 700 },
      atMs: startMs + 40 * dayMs,
    };
    await deliver(recorded([...register, changed]), []);
    const garden = async (month: string) =>
      (await figuresOfMonth(pool, month, iso(asOfMs))).find(({ compound }) => compound === 'garden')!;
    expect(await garden('2026-01')).toMatchObject({ company: { id: 'anju' }, sums: { households: 500 } });
    expect(await garden('2026-02')).toMatchObject({ company: { id: 'heli' }, sums: { households: 700 } });
    expect(await figuresOfMonth(pool, '2025-11', iso(asOfMs))).toEqual([]);
  });

  test('nothing counted is no share of nothing', async () => {
    await deliver(recorded(register), []);
    expect(await figuresOfMonths(pool, { first: '2026-01', last: '2026-03', asOf: iso(asOfMs) })).toEqual([]);
    const [{ sums, orders }] = (await figuresOfMonth(pool, '2026-01', iso(asOfMs))) as [
      Awaited<ReturnType<typeof figuresOfMonth>>[number],
    ];
    expect(figureOf(sums, orders)).toMatchObject({
      raised: 0,
      resolveInTimePercent: null,
      meanResolveSeconds: null,
      complaintsPerThousand: 0,
    });
  });
});
