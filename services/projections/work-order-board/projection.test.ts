import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import { deviceStream, type NewEvent, type RecordedEvent, workOrderStream } from '../../event-log/event.ts';
import { eventId } from '../../event-log/event-id.ts';
import { createMemoryEventLog } from '../../event-log/memory/memory-event-log.ts';
import { migrate } from '../../runtime/migrate.ts';
import { openPool, transact } from '../../runtime/postgres.ts';
import { loadFaultPolicy } from '../../work-orders/fault-policy.ts';
import { createFaultRouter } from '../../work-orders/fault-router.ts';
import type { Raised, WorkOrderEvent } from '../../work-orders/order-events.ts';
import { loadServiceLevels } from '../../work-orders/service-levels.ts';
import { applyBatch, catchUp, prepareProjection, resetProjection } from '../runner.ts';
import { workOrderDetail } from './board.ts';
import { workOrderBoard } from './projection.ts';
import { openWorkOrderCounts, openWorkOrdersByDevice, toDetail, toItem, workOrder, workOrders } from './queries.ts';

let server: PostgresForTests;
let pool: ReturnType<typeof openPool>;

beforeAll(async () => {
  server = await postgresForTests();
  pool = openPool(await server.newDatabase());
  await migrate(transact(pool));
  await prepareProjection(transact(pool), workOrderBoard);
}, 60_000);
afterAll(async () => {
  await pool.end();
  await server.stop();
});

const instant = (minute: number): string =>
  new Date(Date.parse('2026-03-01T08:00:00.000Z') + minute * 60_000).toISOString();

const raisedOf = (changes: Partial<Raised> = {}): WorkOrderEvent => ({
  type: 'work-order.raised',
  data: {
    compound: 'harbour-view',
    device: 'north-gate',
    deviceName: 'North gate',
    code: 'offline',
    episode: 1,
    lasting: true,
    title: { zh: '门禁道闸离线', en: 'Gate offline' },
    serviceLevel: 'gate-out-of-order',
    priority: 'P1',
    raisedAt: instant(0),
    deadlines: { acknowledge: instant(10), onSite: instant(15), resolve: instant(120) },
    late: false,
    ...changes,
  },
});

let position = 0;
/** The events of one order as the log hands them out, a minute apart. */
const streamOf = (order: string, ...events: WorkOrderEvent[]): RecordedEvent[] =>
  events.map((event, revision) => {
    position += 1;
    const at = instant(revision);
    const meta = { schemaVersion: 1, occurredAt: at, receivedAt: at, clock: 'trusted' as const, actor: 'user:mei' };
    const id = eventId({ occurredAtMs: Date.parse(at), device: order, source: String(revision) });
    return { ...event, id, meta, stream: workOrderStream(order), revision, position: String(position) };
  });

const acknowledged: WorkOrderEvent = { type: 'work-order.acknowledged', data: {} };
const dispatched: WorkOrderEvent = { type: 'work-order.dispatched', data: { assignee: 'Liu' } };
const arrived: WorkOrderEvent = { type: 'work-order.arrived', data: {} };
const resolved: WorkOrderEvent = { type: 'work-order.resolved', data: { note: 'reset' } };
const reopened: WorkOrderEvent = { type: 'work-order.reopened', data: { reason: 'dark again' } };
const recovered: WorkOrderEvent = { type: 'work-order.fault-recovered', data: { causedBy: 'c' } };
const returned: WorkOrderEvent = { type: 'work-order.fault-returned', data: { causedBy: 'f' } };
const closed: WorkOrderEvent = { type: 'work-order.closed', data: { outcome: 'repaired', faultStanding: false } };
const cancelled: WorkOrderEvent = { type: 'work-order.cancelled', data: { reason: 'twice' } };

const names = { compoundName: 'Harbour View', deviceName: null, place: 'North entrance' };
const apply = (...events: RecordedEvent[]): Promise<void> => transact(pool)((sql) => workOrderBoard.apply(sql, events));

beforeEach(() => transact(pool)((sql) => resetProjection(sql, workOrderBoard)));

describe('an order on the board', () => {
  const whole = [raisedOf(), acknowledged, dispatched, arrived, recovered, returned, resolved, recovered, closed];

  test('from raised to closed, with its clocks and its timeline', async () => {
    await apply(...streamOf('a-1', ...whole));
    const found = await workOrder(pool, 'a-1');
    const detail = toDetail(found!, names);
    expect(workOrderDetail.parse(detail)).toEqual(detail);
    expect(detail).toMatchObject({
      id: 'a-1',
      compoundName: 'Harbour View',
      deviceName: 'North gate',
      place: 'North entrance',
      state: 'closed',
      outcome: 'repaired',
      assignee: 'Liu',
      faultStanding: false,
      reports: 2,
      acknowledgedAt: instant(1),
      arrivedAt: instant(3),
      resolvedAt: instant(6),
      recoveredAt: instant(7),
      closedAt: instant(8),
      deadlines: { acknowledge: null, onSite: null, resolve: null },
      allowed: ['rate', 'note', 'add-part', 'add-cost', 'add-photo'],
    });
    expect(detail.timeline.map(({ type }) => type)).toEqual(whole.map(({ type }) => type));
    expect(detail.timeline[2]).toEqual({
      type: 'work-order.dispatched',
      at: instant(2),
      actor: 'user:mei',
      data: { assignee: 'Liu' },
    });
  });

  test('a step that is done takes its deadline along', async () => {
    const deadlinesAfter = async (...events: WorkOrderEvent[]): Promise<unknown> => {
      await transact(pool)((sql) => resetProjection(sql, workOrderBoard));
      await apply(...streamOf('a-1', raisedOf(), ...events));
      const found = await workOrder(pool, 'a-1');
      return [Object.values(toItem(found!.row, names).deadlines), found!.row.nextDueAt];
    };
    const [due1, due2, due3] = [instant(10), instant(15), instant(120)];
    expect(await deadlinesAfter()).toEqual([[due1, due2, due3], due1]);
    expect(await deadlinesAfter(acknowledged)).toEqual([[null, due2, due3], due2]);
    expect(await deadlinesAfter(acknowledged, dispatched, arrived)).toEqual([[null, null, due3], due3]);
    expect(await deadlinesAfter(acknowledged, resolved)).toEqual([[null, null, null], null]);
    expect(await deadlinesAfter(acknowledged, dispatched, arrived, resolved, reopened)).toEqual([
      [null, null, due3],
      due3,
    ]);
  });

  test('delivered twice, in other batches and out of step, the tables are the same', async () => {
    const events = [...streamOf('a-1', ...whole), ...streamOf('b-1', raisedOf({ device: 'south-gate' }), acknowledged)];
    const tables = async (): Promise<unknown> => [
      (await pool.query('SELECT * FROM hub.work_order ORDER BY id')).rows,
      (await pool.query('SELECT * FROM hub.work_order_step ORDER BY work_order, revision')).rows,
      (await pool.query('SELECT * FROM hub.work_order_search ORDER BY work_order')).rows,
    ];
    await apply(...events);
    const once = await tables();
    await apply(...events);
    expect(await tables()).toEqual(once);
    await apply(...events.slice(2, 5));
    expect(await tables()).toEqual(once);
    await transact(pool)((sql) => resetProjection(sql, workOrderBoard));
    for (const event of events) await apply(event, event);
    expect(await tables()).toEqual(once);
  });
});

describe('beside the state', () => {
  const item = async (id: string) => toItem((await workOrder(pool, id))!.row, names);
  test('what was used, what it cost and what was photographed', async () => {
    const cost = (amountFen: number): WorkOrderEvent => ({
      type: 'work-order.cost-recorded',
      data: { kind: 'material', amountFen, paidBy: 'property' },
    });
    const photo: WorkOrderEvent = {
      type: 'work-order.photo-added',
      data: { sha256: 'a'.repeat(64), mediaType: 'image/png', sizeBytes: 3, shows: 'before' },
    };
    await apply(...streamOf('a-1', raisedOf(), acknowledged, cost(12_00), cost(-2_00), photo));
    expect(await item('a-1')).toMatchObject({ costFen: 10_00, photos: ['a'.repeat(64)] });
  });
  test('a pause shows its reason and takes its deadlines along until it is over', async () => {
    const paused: WorkOrderEvent = {
      type: 'work-order.paused',
      data: { reason: 'no-access', at: instant(2), stops: ['onSite', 'resolve'], until: instant(60) },
    };
    const moved = { acknowledge: instant(10), onSite: instant(73), resolve: instant(178) };
    await apply(...streamOf('a-1', raisedOf(), acknowledged, paused));
    expect(await item('a-1')).toMatchObject({
      state: 'paused',
      pause: { reason: 'no-access', at: instant(2), until: instant(60), stops: ['onSite', 'resolve'] },
      deadlines: { acknowledge: null, onSite: null, resolve: null },
    });
    const resumed: WorkOrderEvent = { type: 'work-order.resumed', data: { at: instant(60), deadlines: moved } };
    await apply(...streamOf('b-1', raisedOf(), acknowledged, paused, resumed));
    expect(await item('b-1')).toMatchObject({
      state: 'acknowledged',
      pause: null,
      deadlines: { acknowledge: null, onSite: instant(73), resolve: instant(178) },
    });
  });
  test('what was resolved against the word of the device, and what could be closed', async () => {
    const against: WorkOrderEvent = { type: 'work-order.resolved', data: { note: 'loose', withoutRecovery: true } };
    await apply(
      ...streamOf('a-1', raisedOf(), acknowledged, against),
      ...streamOf('b-1', raisedOf(), acknowledged, recovered),
    );
    expect(await item('a-1')).toMatchObject({ resolvedWithoutRecovery: true, offersClose: false });
    expect(await item('b-1')).toMatchObject({ resolvedWithoutRecovery: false, offersClose: true });
  });
});

test('an unknown id is null', async () => {
  expect(await workOrder(pool, 'nobody')).toBeNull();
});

describe('the list', () => {
  const far = { acknowledge: instant(60), onSite: null, resolve: null };
  const none = { acknowledge: null, onSite: null, resolve: null };
  const ids = async (filter: Partial<Parameters<typeof workOrders>[1]> = {}): Promise<string[]> =>
    (await workOrders(pool, { limit: 100, ...filter })).rows.map(({ id }) => id);

  beforeEach(async () => {
    await apply(
      ...streamOf('closed-early', raisedOf({ priority: 'P0' }), recovered, closed),
      ...streamOf(
        'p2-new',
        raisedOf({
          ...{ priority: 'P2', raisedAt: instant(5), device: 'lamp', trade: 'electric', building: 'b-3' },
          ...{
            serviceLevel: 'public-lighting',
            title: { zh: '路灯熄灭', en: 'Street lamp out' },
            text: '3% left_over',
          },
        }),
      ),
      ...streamOf('p2-old', raisedOf({ priority: 'P2', raisedAt: instant(4) })),
      ...streamOf('p2-far', raisedOf({ priority: 'P2', deadlines: far })),
      ...streamOf('p2-none', raisedOf({ priority: 'P2', deadlines: none })),
      ...streamOf('p1-resolved', raisedOf(), acknowledged, resolved),
      ...streamOf('p1', raisedOf({ compound: 'hill-side' })),
      ...streamOf('p0', raisedOf({ priority: 'P0', deadlines: none })),
      ...streamOf('cancelled-late', raisedOf(), acknowledged, dispatched, arrived, cancelled),
    );
  });

  const open = ['p0', 'p1', 'p1-resolved', 'p2-old', 'p2-new', 'p2-far', 'p2-none'];
  test('open ones by priority, deadline and age, then the ended, newest first', async () => {
    expect(await ids()).toEqual([...open, 'cancelled-late', 'closed-early']);
  });
  test.each<[Partial<Parameters<typeof workOrders>[1]>, string[]]>([
    [{ state: 'open' }, open],
    [{ state: 'ended' }, ['cancelled-late', 'closed-early']],
    [{ state: 'resolved' }, ['p1-resolved']],
    [{ priority: 'P0' }, ['p0', 'closed-early']],
    [{ compound: 'hill-side' }, ['p1']],
    [{ device: 'lamp' }, ['p2-new']],
    [{ state: 'open', priority: 'P2', compound: 'harbour-view', device: 'lamp' }, ['p2-new']],
    [{ trade: 'electric' }, ['p2-new']],
    [{ building: 'b-3', compound: 'harbour-view' }, ['p2-new']],
    [{ class: 'public-lighting' }, ['p2-new']],
    [{ assignee: 'Liu', state: 'ended' }, ['cancelled-late']],
    [{ overdueAt: instant(11) }, ['p1', 'p2-old', 'p2-new']],
    [{ overdueAt: instant(10) }, []],
    [{ text: '路灯' }, ['p2-new']],
    [{ text: '灯' }, ['p2-new']],
    [{ text: 'LAMP out' }, ['p2-new']],
    [{ text: 'lamp gate' }, ['p2-new']],
    [{ text: 'lamp camera' }, []],
    [{ text: '3% left_' }, ['p2-new']],
    [{ text: '3%l' }, []],
    [{ text: 'p2-o' }, ['p2-old']],
    [{ text: '\0' }, [...open, 'cancelled-late', 'closed-early']],
    [{ cursor: 'bm9uc2Vuc2UA' }, []],
  ])('%j', async (filter, expected) => {
    expect(await ids(filter)).toEqual(expected);
  });
  test('page by page it is the same list', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await workOrders(pool, { limit: 4, cursor });
      seen.push(...page.rows.map(({ id }) => id));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual([...open, 'cancelled-late', 'closed-early']);
  });
  test('counts and ids of what is open', async () => {
    expect(await openWorkOrderCounts(pool)).toEqual(
      new Map([
        ['harbour-view', 6],
        ['hill-side', 1],
      ]),
    );
    expect(await openWorkOrdersByDevice(pool, ['lamp', 'nobody'])).toEqual(new Map([['lamp', ['p2-new']]]));
  });
});

test('the fault router keeps its memory in the same database, and a lost checkpoint does no harm', async () => {
  const log = createMemoryEventLog();
  const levels = loadServiceLevels();
  const router = createFaultRouter({ log, policy: loadFaultPolicy(levels), levels, deviceOf: () => undefined });
  const say = (minute: number, type: string): Promise<unknown> => {
    const times = { occurredAt: instant(minute), receivedAt: instant(minute), clock: 'trusted' as const };
    const event: NewEvent = {
      id: eventId({ occurredAtMs: minute, device: 'north-gate', source: type }),
      type,
      data: {},
      meta: { schemaVersion: 1, compound: 'harbour-view', device: 'north-gate', ...times },
    };
    return log.append([{ stream: deviceStream('north-gate'), expectedRevision: 'any', events: [event] }]);
  };
  const dying = (from: string | null, events: RecordedEvent[]): Promise<unknown> =>
    applyBatch(
      (work) =>
        transact(pool)(async (sql) => {
          await work(sql);
          throw new Error('the process dies before the commit');
        }),
      router,
      from,
      events,
    );
  await say(0, 'gate.forced-open');
  await prepareProjection(transact(pool), router);
  await expect(dying(null, await log.readAll(null, 100))).rejects.toThrow('dies');
  await catchUp(log, transact(pool), router);
  await say(1, 'gate.forced-open');
  await say(2, 'device.connected');
  await catchUp(log, transact(pool), router);
  const { rows } = await pool.query('SELECT code, episode, open_order, standing FROM hub.fault_routing ORDER BY code');
  expect(rows).toEqual([
    { code: 'forced-open', episode: 1, open_order: expect.stringMatching(/^[0-9a-z]{10}-1$/), standing: true },
    { code: 'offline', episode: 0, open_order: null, standing: false },
  ]);
  await catchUp(log, transact(pool), workOrderBoard);
  expect((await workOrders(pool, { limit: 10 })).rows).toMatchObject([{ id: rows[0].open_order, state: 'raised' }]);
});
