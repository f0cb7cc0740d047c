import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { workOrderStream } from '../event-log/event.ts';
import { handleCommand } from '../event-log/handle-command.ts';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { ladderFiguresOf } from '../projections/matters/figures.ts';
import { mattersProjection } from '../projections/matters/projection.ts';
import { matters, openMatterOf, toMatterItem } from '../projections/matters/queries.ts';
import { catchUp, resetProjection } from '../projections/runner.ts';
import { tell } from '../projections/star-rating/fact-stories.ts';
import { workOrderBoard } from '../projections/work-order-board/projection.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { carryOut, type OrderWish } from '../work-orders/carry-out.ts';
import { carryOutMatter, foldMatter, ladder } from '../work-orders/ladder/carry-out-matter.ts';
import { type MatterCommandName, matterCommands } from '../work-orders/ladder/matter-commands.ts';
import { matterStream } from '../work-orders/ladder/matter-events.ts';
import type { MatterWish } from '../work-orders/ladder/matter-wish.ts';
import { workOrder } from '../work-orders/work-order.ts';
import { createDeadlineKeeper } from './keep-deadlines.ts';
import { createLadderKeeper } from './keep-ladder.ts';

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
beforeEach(async () => {
  for (const projection of [workOrderBoard, mattersProjection]) {
    await transact(pool)((sql) => resetProjection(sql, projection));
  }
});

const hourMs = 3_600_000;
/** A Monday, ten o'clock in China. */
const startMs = Date.parse('2026-03-02T02:00:00.000Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const duty = { onDuty: () => undefined, nextInTurn: async () => undefined };
const compound = { name: '盛德和美家园', timeZone: 'Asia/Shanghai', district: '鲸园街道' };
const index = { compound: () => compound } as unknown as Parameters<typeof createLadderKeeper>[0]['index'];
const paper = (text: string) => ({ text });

/** A log of its own, the hub's loops over it, and a clock that stands where the test puts it. */
const scene = () => {
  const log = createMemoryEventLog();
  let nowMs = startMs;
  let made = 0;
  const newId = (): string => {
    made += 1;
    return `00000000-0000-8000-8000-${String(made).padStart(12, '0')}`;
  };
  const clock = { now: () => nowMs };
  const parts = { sql: pool, log, index, clock };
  const follow = async (): Promise<void> => {
    await catchUp(log, transact(pool), workOrderBoard);
    await catchUp(log, transact(pool), mattersProjection);
  };
  const turn = async (): Promise<void> => {
    await follow();
    await createDeadlineKeeper(parts)();
    await follow();
    // A second process looks as well, and one that looks again before the read model has followed.
    const look = createLadderKeeper(parts);
    for (const again of [look, createLadderKeeper(parts), look]) expect(await again()).toBeUndefined();
    await follow();
    await look();
    await follow();
  };
  return {
    log,
    turn,
    /** Lets the time run, the last hours one by one. */
    async until(hours: number): Promise<void> {
      const endMs = startMs + hours * hourMs;
      while (nowMs < endMs) {
        nowMs = endMs - nowMs > 12 * hourMs ? nowMs + 6 * hourMs : Math.min(nowMs + hourMs, endMs);
        await turn();
      }
    },
    async raise(id: string, priority: 'P0' | 'P1', serviceLevel: string, hours: [number, number | null]) {
      const [onSite, resolve] = hours.map((hour) => (hour === null ? null : iso(nowMs + hour * hourMs)));
      const data = {
        ...{ compound: 'garden', code: 'reported', lasting: false, late: false, title: { zh: '故障', en: 'Fault' } },
        ...{ serviceLevel, priority, raisedAt: iso(nowMs) },
        deadlines: { acknowledge: null, onSite: onSite ?? null, resolve: resolve ?? null },
      };
      const meta = { occurredAt: iso(nowMs), compound: 'garden' };
      const stream = workOrderStream(id);
      await handleCommand(log, { stream, decider: workOrder, command: { type: 'raise', data }, meta, newId });
      await turn();
    },
    async order(id: string, wish: OrderWish): Promise<void> {
      await carryOut({ log, clock, duty }, id, wish, { actor: 'user:mei', person: 'mei' });
      await turn();
    },
    async refer(id: string, title: { zh: string; en: string }, orders: string[] = []): Promise<void> {
      const data = { compound: 'garden', street: compound.district, timeZone: compound.timeZone, title, orders };
      const command = { type: 'refer', data: { ...data, cause: 'asked' }, at: iso(nowMs), by: 'user:mei' } as const;
      await carryOutMatter(log, id, command, { newId, compound: 'garden', actor: 'user:mei' });
      await turn();
    },
    async wish(id: string, type: MatterCommandName, data: object, by = 'user:chen'): Promise<void> {
      const wish = { type, data: matterCommands[type].parse(data) } as MatterWish;
      const command = { ...wish, at: iso(nowMs), by };
      await carryOutMatter(log, id, command, { newId, compound: 'garden', actor: by });
      await turn();
    },
    async story(id: string): Promise<string[]> {
      const events = await log.readStream(matterStream(id));
      return events.map(({ type, data }) => {
        const { colour, clock: of, cause, department, outcome } = data as Record<string, string>;
        return [type.replace('matter.', ''), colour, of, cause, department, outcome].filter(Boolean).join(' ');
      });
    },
    state: async (id: string) => foldMatter(await log.readStream(matterStream(id))),
    shown: async () => {
      const { rows } = await matters(pool, { limit: 10 });
      return rows.map((row) => toMatterItem(row, ladder, compound.name));
    },
    /** As the star rating reads the records, from the log alone. */
    async rated() {
      const events = await log.readAll(null, 10_000);
      const facts = events.map(({ stream, revision, type, data, meta }) => ({
        ...{ stream, revision, type, compound: meta.compound ?? '', data: data as Record<string, unknown> },
        ...{ atMs: Date.parse(meta.occurredAt), toldMs: Date.parse(meta.receivedAt) },
      }));
      return tell(facts, startMs);
    },
    figures: (by: 'street' | 'compound' | 'department') => {
      const question = { by, from: iso(startMs), to: iso(nowMs + 1), now: iso(nowMs) };
      return ladderFiguresOf(pool, question, { ladder, nameOf: () => compound.name });
    },
  };
};

describe('a P0 order that overruns', () => {
  test('goes straight to an emergency whistle, is red after half an hour, and stays until the people have done it', async () => {
    const it = scene();
    await it.raise('leak', 'P0', 'danger-to-life', [1, null]);
    await it.until(0.9);
    expect(await it.story('o-leak')).toEqual([]);
    await it.until(1);
    expect(await it.story('o-leak')).toEqual(['referred urgent-overrun', 'whistled gas', 'whistled fire']);
    await it.wish('o-leak', 'report-in', { department: 'gas', person: '李工' }, 'user:gas');
    await it.until(1.5);
    expect((await it.story('o-leak')).slice(4)).toEqual(['card-shown red w2:report-in', 'supervised red-card']);
    await it.until(2);
    await it.wish('o-leak', 'report-in', { department: 'fire', person: '赵队' });
    // The order's own end doesn't end it.
    await it.order('leak', { type: 'arrive', data: {} }).catch(() => undefined);
    await it.order('leak', { type: 'cancel', data: { reason: 'handed over' } });
    expect((await it.story('o-leak')).at(-1)).toBe('order-ended cancelled');
    expect((await it.state('o-leak')).state).toBe('supervised');
    await it.wish('o-leak', 'reply', { document: paper('已到场处置') });
    for (const department of ['gas', 'fire']) {
      await it.wish('o-leak', 'finish', { department, result: paper('已排除') });
      await it.wish('o-leak', 'rate', { department, score: 5 });
    }
    await it.wish('o-leak', 'close', { result: paper('隐患消除') });
    expect((await it.state('o-leak')).state).toBe('closed');
    expect(await it.figures('department')).toMatchObject([
      { key: 'fire', response: { met: 0, of: 1 }, resolution: { met: 1, of: 1 }, satisfaction: { percent: 100 } },
      { key: 'gas', response: { met: 1, of: 1 }, whistleRate: { met: 1, of: 2, percent: 50 } },
    ]);
  });
  test('calls emergency help into the matter in which it stands already', async () => {
    const it = scene();
    await it.raise('lift', 'P0', 'lift-people-trapped', [2, 3]);
    await it.refer('asked', { zh: '电梯老旧', en: 'Old lift' }, ['lift']);
    expect(await openMatterOf(pool, 'lift')).toBe('asked');
    await it.until(4);
    expect(await it.story('asked')).toEqual([
      'referred asked',
      'whistled fire',
      'card-shown red w1:report-in',
      'supervised red-card',
    ]);
    expect(await it.story('o-lift')).toEqual([]);
  });
});

describe('an ordinary order', () => {
  test('climbs after its second breach, and comes down again when the property company does it', async () => {
    const it = scene();
    await it.raise('gate', 'P1', 'gate-out-of-order', [1, 2]);
    await it.until(1);
    expect(await it.story('o-gate')).toEqual([]);
    await it.until(2);
    expect(await it.story('o-gate')).toEqual(['referred breaches']);
    await it.order('gate', { type: 'cancel', data: { reason: 'raised by mistake' } });
    expect((await it.story('o-gate')).slice(1)).toEqual(['order-ended cancelled', 'closed solved-by-property']);
    await it.until(60);
    expect(await it.story('o-gate')).toHaveLength(3);
  });
  test('climbs when it is a day overdue, not when the step was done meanwhile', async () => {
    const it = scene();
    await it.raise('lamp', 'P1', 'public-lighting', [1, 100]);
    await it.raise('door', 'P1', 'public-lighting', [1, 100]);
    await it.until(24);
    await it.order('door', { type: 'dispatch', data: { assignee: 'mei' } });
    await it.order('door', { type: 'arrive', data: {} });
    await it.until(26);
    expect([await it.story('o-lamp'), await it.story('o-door')]).toEqual([['referred overdue'], []]);
  });
  test('to which nobody listens ends in supervision: yellow, red, a reply', async () => {
    const it = scene();
    await it.raise('pipe', 'P1', 'urgent-repair', [1, 2]);
    await it.until(2);
    await it.wish('o-pipe', 'screen', { accepted: true });
    await it.wish('o-pipe', 'call-meeting', {
      plannedFor: iso(startMs + 24 * hourMs),
      parties: ['社区', '物业', '业委会'],
    });
    await it.until(25);
    await it.wish('o-pipe', 'hold-meeting', { minutes: paper('管网属市政'), attended: ['社区', '物业'] });
    await it.wish('o-pipe', 'propose-whistle', { departments: ['water'], reason: '市政管网' });
    await it.wish('o-pipe', 'approve', { principal: '王书记' }, 'user:wang');
    await it.until(50);
    await it.wish('o-pipe', 'report-in', { department: 'water', person: '孙工' }, 'user:water');
    // Blown on a Tuesday: due on the next one's end.
    await it.until(8 * 24 + 14);
    const story = await it.story('o-pipe');
    expect(story.slice(-4)).toEqual([
      'reported-in water',
      'card-shown yellow w1:close',
      'card-shown red w1:close',
      'supervised red-card',
    ]);
    // Three working days from a Wednesday.
    await it.until(14 * 24 + 14);
    expect((await it.story('o-pipe')).slice(-2)).toEqual(['card-shown yellow reply', 'card-shown red reply']);
    await it.wish('o-pipe', 'reply', { document: paper('本周内换管') });
    await it.wish('o-pipe', 'finish', { department: 'water', result: paper('已换管') });
    await it.wish('o-pipe', 'rate', { department: 'water', score: 2 });
    await it.wish('o-pipe', 'finish', { department: 'water', result: paper('路面已恢复') });
    await it.wish('o-pipe', 'rate', { department: 'water', score: 4 });
    await it.wish('o-pipe', 'close', { result: paper('办结') });
    const [shown] = await it.shown();
    expect(shown).toMatchObject({
      state: 'closed',
      level: 'L3',
      supervisedFor: 'red-card',
      outcome: 'settled',
      clocks: [],
    });
    const { meetings, whistles } = await it.rated();
    expect(meetings).toEqual([
      { id: 'meeting-o-pipe-m1', plannedForMs: startMs + 24 * hourMs, heldAtMs: startMs + 25 * hourMs },
    ]);
    expect(whistles).toMatchObject([
      {
        id: 'whistle-o-pipe-w1',
        department: '供水',
        blownAtMs: startMs + 25 * hourMs,
        answeredAtMs: startMs + 50 * hourMs,
      },
    ]);
  });
});

test('the wrong department returns a whistle; the right one asks for more time; a second return is supervised', async () => {
  const it = scene();
  await it.refer('tree', { zh: '树枝压线', en: 'A branch on a line' });
  await it.wish('tree', 'screen', { accepted: true });
  await it.wish('tree', 'propose-whistle', { departments: ['urban-management', 'power'], reason: '树枝压线' });
  await it.wish('tree', 'approve', { principal: '王书记' }, 'user:wang');
  await it.until(5);
  await it.wish('tree', 'return-whistle', { department: 'urban-management', reason: '属供电' });
  await it.wish('tree', 'report-in', { department: 'power', person: '周工' });
  await it.wish('tree', 'extend', { department: 'power', workingDays: 5, reason: '需停电计划' });
  await it.until(8 * 24);
  expect((await it.story('tree')).filter((said) => said.startsWith('card'))).toEqual([]);
  await it.wish('tree', 'whistle', { department: 'fire', reason: '登高车' });
  await it.wish('tree', 'return-whistle', { department: 'fire', reason: '无登高车' });
  expect(await it.state('tree')).toMatchObject({ state: 'supervised', supervisedFor: 'returns', returns: 2 });
  // A return in time is an answer.
  expect(await it.figures('street')).toMatchObject([
    {
      ...{
        key: '鲸园街道',
        matters: 1,
        whistles: 3,
        response: { met: 3, of: 3 },
        resolution: { of: 0, percent: null },
      },
      ...{ whistleRate: { met: 1, of: 1, percent: 100 }, signal: null },
    },
  ]);
});

test('Shengde Hemei Jiayuan: e-bikes without charging spaces are settled at street level', async () => {
  const it = scene();
  const id = 'e-bikes';
  await it.refer(id, { zh: '电动自行车无处充电', en: 'Nowhere to charge e-bikes' });
  await it.wish(id, 'screen', { accepted: true, reason: '1312 户，涉及绿地、用电与消防' });
  const parties = ['社区', '物业', '业委会', '业主代表'];
  await it.wish(id, 'call-meeting', { plannedFor: iso(startMs + 48 * hourMs), parties });
  await it.until(49);
  await it.wish(id, 'hold-meeting', { minutes: paper('绿地改建须城管同意'), attended: parties });
  const departments = ['urban-management', 'power', 'fire'];
  await it.wish(id, 'propose-whistle', { departments, reason: '绿化带边缘改建充电车位', document: paper('请示') });
  await it.wish(id, 'approve', { principal: '街道党工委书记' }, 'user:wang');
  await it.until(70);
  for (const department of departments) await it.wish(id, 'report-in', { department, person: '值班' });
  await it.until(5 * 24);
  for (const department of departments) {
    await it.wish(id, 'finish', { department, result: paper('车位和充电桩已建成') });
    await it.wish(id, 'rate', { department, score: 5, comment: '居民满意' });
  }
  await it.wish(id, 'close', { result: paper('绿化带边缘改为充电车位') });
  expect((await it.shown())[0]).toMatchObject({ state: 'closed', level: 'L2', outcome: 'settled', cards: [] });
  const [figures] = await it.figures('compound');
  expect(figures).toMatchObject({
    ...{ key: 'garden', name: { zh: '盛德和美家园' }, matters: 1, whistles: 3 },
    ...{ response: { percent: 100 }, resolution: { percent: 100 }, satisfaction: { percent: 100 } },
  });
  const { whistles, meetings } = await it.rated();
  expect(whistles.map(({ department, dueAtMs, answeredAtMs }) => [department, answeredAtMs! <= dueAtMs!])).toEqual([
    ['城管', true],
    ['供电', true],
    ['消防', true],
  ]);
  expect(meetings).toHaveLength(1);
});

test('a read model that reads the log anew says nothing twice', async () => {
  const it = scene();
  await it.raise('gate', 'P1', 'gate-out-of-order', [1, 2]);
  await it.until(3);
  await it.wish('o-gate', 'blow-emergency', { departments: ['police'], reason: '险情' });
  await it.until(5);
  const before = await it.log.readAll(null, 1_000);
  await transact(pool)((sql) => resetProjection(sql, mattersProjection));
  const [raised] = before;
  await transact(pool)((sql) => mattersProjection.apply(sql, [raised!]));
  await it.turn();
  expect(await it.log.readAll(null, 1_000)).toHaveLength(before.length);
});
