import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { workOrderStream } from '../event-log/event.ts';
import { handleCommand } from '../event-log/handle-command.ts';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { catchUp, resetProjection } from '../projections/runner.ts';
import { workOrderBoard } from '../projections/work-order-board/projection.ts';
import { workOrder as readBoard, toItem } from '../projections/work-order-board/queries.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { carryOut, type OrderWish } from '../work-orders/carry-out.ts';
import { workOrder } from '../work-orders/work-order.ts';
import { createDeadlineKeeper } from './keep-deadlines.ts';

let server: PostgresForTests;
let pool: ReturnType<typeof openPool>;
beforeAll(async () => {
  server = await postgresForTests();
  pool = openPool(await server.newDatabase());
  await migrate(transact(pool));
}, 60_000);
afterAll(async () => {
  await pool.end();
  await server.stop();
});

const startMs = Date.parse('2026-03-01T08:00:00.000Z');
const instant = (minute: number): string => new Date(startMs + minute * 60_000).toISOString();
const duty = { onDuty: () => undefined, nextInTurn: async () => undefined };

/** A log of its own with one or more orders, and a clock that stands where the test puts it. */
const scene = () => {
  const log = createMemoryEventLog();
  let nowMs = startMs;
  let made = 0;
  const clock = { now: () => nowMs };
  return {
    log,
    at(minute: number): void {
      nowMs = startMs + minute * 60_000;
    },
    keeper: () => createDeadlineKeeper({ sql: pool, log, clock }),
    follow: () => catchUp(log, transact(pool), workOrderBoard),
    async raise(id: string, deadlines = { acknowledge: instant(10), onSite: instant(15), resolve: instant(120) }) {
      await handleCommand(log, {
        stream: workOrderStream(id),
        decider: workOrder,
        command: {
          type: 'raise',
          data: {
            ...{ compound: 'garden', device: 'gate', code: 'offline', lasting: true, late: false, deadlines },
            ...{ title: { zh: '离线', en: 'Offline' }, serviceLevel: 'gate-out-of-order', priority: 'P1' },
            raisedAt: instant(0),
          },
        },
        meta: { occurredAt: instant(0), compound: 'garden', device: 'gate' },
        newId: () => {
          made += 1;
          return `00000000-0000-8000-8000-${String(made).padStart(12, '0')}`;
        },
      });
    },
    wish: (id: string, wish: OrderWish) =>
      carryOut({ log, clock, duty }, id, wish, { actor: 'user:mei', person: 'mei' }),
    /** What the hub itself said of an order: the step or instant, in order. */
    async said(id: string): Promise<string[]> {
      const events = await log.readStream(workOrderStream(id));
      return events
        .filter(({ meta }) => meta.actor === 'policy:clock')
        .map(({ type, data }) => `${type.replace('work-order.', '')} ${(data as { step?: string }).step ?? ''}`.trim());
    },
    async overdue(id: string): Promise<string[]> {
      const found = await readBoard(pool, id);
      return toItem(found!.row, { compoundName: '', deviceName: null, place: null }).overdue;
    },
  };
};

beforeEach(() => transact(pool)((sql) => resetProjection(sql, workOrderBoard)));

describe('a clock that runs out', () => {
  test('is told once, whoever looks and however often', async () => {
    const it = scene();
    await it.raise('a-1');
    await it.follow();
    const look = it.keeper();
    it.at(9.99);
    expect(await look()).toBe(0);
    it.at(10);
    expect(await look()).toBe(1);
    // The board hasn't followed yet; a second process and a restarted one look as well.
    expect(await look()).toBe(0);
    await it.keeper()();
    await it.follow();
    await it.keeper()();
    expect(await it.said('a-1')).toEqual(['overdue acknowledge']);
    expect(await it.overdue('a-1')).toEqual(['acknowledge']);
    it.at(500);
    await look();
    await it.follow();
    expect(await it.said('a-1')).toEqual(['overdue acknowledge', 'overdue onSite', 'overdue resolve']);
  });
  test('is not told again by a board that reads the log anew', async () => {
    const it = scene();
    await it.raise('a-1');
    await it.follow();
    it.at(20);
    await it.keeper()();
    await transact(pool)((sql) => resetProjection(sql, workOrderBoard));
    const [raised] = await it.log.readAll(null, 1);
    await transact(pool)((sql) => workOrderBoard.apply(sql, [raised!]));
    await it.keeper()();
    expect(await it.said('a-1')).toEqual(['overdue acknowledge', 'overdue onSite']);
  });
  test('is not told of an order that somebody has just seen to, and of the others it is', async () => {
    const it = scene();
    for (const id of ['a-1', 'b-1', 'c-1']) await it.raise(id);
    await it.follow();
    it.at(9.9);
    await it.wish('b-1', { type: 'acknowledge', data: {} });
    it.at(10);
    const look = it.keeper();
    expect(await look()).toBe(3);
    expect([await it.said('a-1'), await it.said('b-1'), await it.said('c-1')]).toEqual([
      ['overdue acknowledge'],
      [],
      ['overdue acknowledge'],
    ]);
    await it.follow();
    it.at(15);
    await look();
    expect(await it.said('b-1')).toEqual(['overdue onSite']);
  });
  test('does not stand against a step that was made in time and only written after it', async () => {
    const it = scene();
    await it.raise('a-1');
    await it.follow();
    it.at(10);
    await it.keeper()();
    it.at(9.9);
    await it.wish('a-1', { type: 'acknowledge', data: {} });
    await it.follow();
    expect(await it.overdue('a-1')).toEqual([]);
  });
  test('stands against one that was made late', async () => {
    const it = scene();
    await it.raise('a-1');
    await it.follow();
    it.at(11);
    await it.keeper()();
    await it.wish('a-1', { type: 'acknowledge', data: {} });
    await it.follow();
    expect(await it.overdue('a-1')).toEqual(['acknowledge']);
  });
});

test('what a clock said that ran ahead is taken back, and said again in its time', async () => {
  const it = scene();
  await it.raise('a-1');
  await it.follow();
  it.at(600);
  const look = it.keeper();
  await look();
  await it.follow();
  it.at(1);
  await look();
  await it.follow();
  expect(await it.overdue('a-1')).toEqual([]);
  expect((await it.said('a-1')).slice(3)).toEqual([
    'overdue-withdrawn acknowledge',
    'overdue-withdrawn onSite',
    'overdue-withdrawn resolve',
  ]);
  await look();
  await it.follow();
  it.at(10);
  await look();
  await it.follow();
  expect((await it.said('a-1')).slice(6)).toEqual(['overdue acknowledge']);
  expect(await it.overdue('a-1')).toEqual(['acknowledge']);
});

describe('a pause', () => {
  test('stops its clocks, ends by itself at its instant and moves them', async () => {
    const it = scene();
    await it.raise('a-1');
    await it.wish('a-1', { type: 'acknowledge', data: {} });
    it.at(5);
    await it.wish('a-1', { type: 'pause', data: { reason: 'no-access', until: instant(65) } });
    await it.follow();
    const look = it.keeper();
    it.at(64);
    expect(await look()).toBe(0);
    // The hub was away as the pause ended: the clocks run from its end, not from the hub's return.
    it.at(70);
    await look();
    await it.follow();
    expect(await it.said('a-1')).toEqual(['resumed']);
    expect((await readBoard(pool, 'a-1'))!.row).toMatchObject({
      state: 'acknowledged',
      deadlines: { onSite: instant(75), resolve: instant(180) },
    });
    it.at(75);
    await look();
    expect(await it.said('a-1')).toEqual(['resumed', 'overdue onSite']);
  });
  test('without an end waits for a person', async () => {
    const it = scene();
    await it.raise('a-1');
    await it.wish('a-1', { type: 'acknowledge', data: {} });
    await it.wish('a-1', { type: 'pause', data: { reason: 'no-access' } });
    await it.follow();
    it.at(10_000);
    expect(await it.keeper()()).toBe(0);
  });
});
