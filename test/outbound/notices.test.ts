import { randomUUID } from 'node:crypto';
import { eventOf } from '../../services/event-log/decider.ts';
import { workOrderStream } from '../../services/event-log/event.ts';
import { createMemoryEventLog } from '../../services/event-log/memory/memory-event-log.ts';
import { createAddressPolicy } from '../../services/outbound/address-policy.ts';
import { putContact } from '../../services/outbound/contacts.ts';
import { createMatterIssuer } from '../../services/outbound/issue-matter-notices.ts';
import { createNoticeIssuer } from '../../services/outbound/issue-notices.ts';
import { createMailer } from '../../services/outbound/mailer.ts';
import { createMatterNotices } from '../../services/outbound/matter-notices.ts';
import type { Notice } from '../../services/outbound/notice-events.ts';
import { createNoticePlanner } from '../../services/outbound/notice-planner.ts';
import { loadNoticeRules } from '../../services/outbound/notice-rules.ts';
import { createHttpSender } from '../../services/outbound/send-http.ts';
import { sendNotices } from '../../services/outbound/send-notices.ts';
import { newWebhookSecret } from '../../services/outbound/webhook-signature.ts';
import { applyBatch, catchUp, prepareProjection, resetProjection } from '../../services/projections/runner.ts';
import { isoTime } from '../../services/runtime/clock.ts';
import { silentLogger } from '../../services/runtime/logger.ts';
import { migrate } from '../../services/runtime/migrate.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import { carryOutMatter } from '../../services/work-orders/ladder/carry-out-matter.ts';
import type { MatterCommand } from '../../services/work-orders/ladder/matter-wish.ts';
import { onDuty } from '../../services/work-orders/on-duty.ts';
import { emptyRoster, type Roster, shift } from '../../services/work-orders/roster.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { tablesOf } from '../projection-laws.ts';
import { type SmtpDouble, startSmtpDouble } from './smtp-double.ts';
import { answers, startTargetDouble, type TargetDouble, takesIt } from './target-double.ts';

const zone = 'Asia/Shanghai';
/** Ten in the morning, where the garden is. */
const startMs = Date.parse('2026-03-02T10:00:00+08:00');
const rules = loadNoticeRules();
let postgres: PostgresForTests;
let pool: ReturnType<typeof openPool>;
let log: ReturnType<typeof createMemoryEventLog>;
let smtp: SmtpDouble;
let robot: TargetDouble;
const clock = { nowMs: startMs, now: () => clock.nowMs };
const stops: (() => Promise<void>)[] = [];

const round = { from: '00:00', to: '00:00' };
const roster: Roster = {
  ...emptyRoster,
  shifts: [
    shift.parse({ id: 'room', person: 'room', role: 'control-room', ...round }),
    shift.parse({ id: 'b1', person: 'li', role: 'steward', building: 'b1', ...round }),
    shift.parse({ id: 'all', person: 'zhao', role: 'steward', ...round }),
    shift.parse({ id: 'lifts', person: 'wang', role: 'technician', trade: 'lift', ...round }),
    shift.parse({ id: 'chief', person: 'qian', role: 'supervisor', ...round }),
  ],
};
const context = () => ({ rules, zoneOf: () => zone, nowMs: clock.nowMs });
const planner = createNoticePlanner(context);
const matterPlanner = createMatterNotices(context);

beforeAll(async () => {
  postgres = await postgresForTests();
  pool = openPool(await postgres.newDatabase());
  await migrate(transact(pool));
});
afterAll(async () => {
  await pool?.end();
  await postgres?.stop();
});
beforeEach(async () => {
  clock.nowMs = startMs;
  log = createMemoryEventLog();
  for (const each of [planner, matterPlanner]) await transact(pool)((sql) => resetProjection(sql, each));
  await pool.query('TRUNCATE hub.notice_delivery, hub.contact');
  [smtp, robot] = [await startSmtpDouble(), await startTargetDouble()];
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await smtp.stop();
  await robot.stop();
});

const until = async (what: string, ready: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what}: not within 15 s`);
};

const happen = async (order: string, type: string, data: object = {}): Promise<void> => {
  const event = eventOf(randomUUID(), { type, data }, { occurredAt: isoTime(clock.nowMs), compound: 'garden' });
  await log.append([{ stream: workOrderStream(order), expectedRevision: 'any', events: [event] }]);
};
const raise = (order: string, priority: string, more: object = {}): Promise<void> =>
  happen(order, 'work-order.raised', {
    ...{ compound: 'garden', code: 'by-hand', lasting: false, title: { zh: '报修', en: 'Repair' }, building: 'b1' },
    ...{ serviceLevel: 'general-repair', priority, raisedAt: isoTime(clock.nowMs), late: false },
    deadlines: { acknowledge: null, onSite: null, resolve: null },
    ...more,
  });
const duty = (nowRoster = roster) => ({
  ...{ sql: pool, log, rules, clock, logger: silentLogger },
  onDuty: (
    { compound, ...question }: Parameters<Parameters<typeof createNoticeIssuer>[0]['onDuty']>[0],
    atMs: number,
  ) => (compound === 'garden' ? onDuty(nowRoster, question, atMs, zone) : []),
});
/** What nothing was added to since, the planner needn't read again. */
let planned: { log: typeof log; position: string | null } | undefined;
const plan = async (): Promise<void> => {
  const { position } = await log.head();
  if (planned?.log === log && planned.position === position) return;
  await catchUp(log, transact(pool), planner);
  planned = { log, position };
};
/** Lets the planner and the issuer look, as they do all the time, until that much later. */
const pass = async (seconds: number, issue = createNoticeIssuer(duty())): Promise<void> => {
  const endMs = clock.nowMs + seconds * 1000;
  // A day needs no finer grain than what is told in it.
  const stepMs = seconds < 12 * 3_600 ? 30_000 : 60_000;
  for (;;) {
    await plan();
    await issue();
    await plan();
    if (clock.nowMs >= endMs) return;
    clock.nowMs = Math.min(endMs, clock.nowMs + stepMs);
  }
};
const notices = async (): Promise<[string, string, string[]][]> =>
  (await log.readAll(null, 10_000)).flatMap(({ type, data, meta }) => {
    if (type !== 'notice.issued') return [];
    const { kind, rule, tells } = data as Notice;
    const minutes = (Date.parse(meta.occurredAt) - startMs) / 60_000;
    return [[`${minutes} min`, `${rule} ${kind}`, tells.map(({ person }) => person)] as [string, string, string[]]];
  });

test('a P0 order is told at once, reminded of, and climbs to the next on duty until somebody answers', async () => {
  await raise('1', 'P0', { trade: 'lift' });
  await pass(200);
  await happen('1', 'work-order.acknowledged');
  await pass(3_600);
  expect(await notices()).toEqual([
    ['0 min', 'urgent-raised first', ['room', 'li', 'wang']],
    ['1 min', 'urgent-raised reminder', ['room', 'li', 'wang']],
    ['3 min', 'urgent-raised escalation', ['zhao', 'qian']],
  ]);
});

test('quiet hours hold a P1 order back until the morning, and not a P0 order; what is told late is no alarm', async () => {
  clock.nowMs = Date.parse('2026-03-02T23:00:00+08:00');
  await raise('1', 'P1');
  await raise('2', 'P0');
  await raise('3', 'P0', { late: true });
  await pass(60);
  expect((await notices()).map(([, what]) => what)).toEqual(['urgent-raised first', 'urgent-raised reminder']);
  await happen('2', 'work-order.acknowledged');
  await pass(7 * 3_600 + 59 * 60);
  expect(
    (await notices())
      .slice(2)
      .map(([at, what]) => [at, what])
      .slice(0, 2),
  ).toEqual([
    ['1260 min', 'pressing-raised first'],
    ['1260 min', 'urgent-raised first'],
  ]);
});

test('a hub that was away says once what it would have said, to all it would have said it to', async () => {
  await raise('1', 'P1');
  await catchUp(log, transact(pool), planner);
  clock.nowMs += 20 * 60_000;
  await pass(0);
  expect(await notices()).toEqual([['20 min', 'pressing-raised escalation', ['li', 'zhao', 'qian']]]);
});

test('whoever is dispatched is told, and reminded until on the way; an order that has ended reminds nobody', async () => {
  await raise('1', 'P2');
  await happen('1', 'work-order.acknowledged');
  await happen('1', 'work-order.dispatched', { assignee: 'wang' });
  await pass(1_000);
  expect(await notices()).toEqual([
    ['0 min', 'dispatched first', ['wang']],
    ['15 min', 'dispatched reminder', ['wang']],
  ]);
  await raise('2', 'P2');
  await happen('2', 'work-order.cancelled', { reason: 'by mistake' });
  await pass(4_000);
  expect(await notices()).toHaveLength(2);
});

describe('a matter on the ladder', () => {
  const title = { zh: '水管老化', en: 'Old pipes' };
  const carryOut = (wish: Pick<MatterCommand, 'type'> & { data: object }, by = 'user:chen') =>
    carryOutMatter(log, 'm-1', { ...wish, at: isoTime(clock.nowMs), by } as MatterCommand, {
      ...{ newId: randomUUID, compound: 'garden', actor: by },
    });
  const refer = () => {
    const data = { compound: 'garden', street: '鲸园街道', timeZone: zone, title, orders: [], cause: 'asked' };
    return carryOut({ type: 'refer', data });
  };
  const passOn = async (seconds: number): Promise<void> => {
    const issue = createMatterIssuer(duty());
    for (const later of [0, seconds * 1000]) {
      clock.nowMs += later;
      for (const each of [matterPlanner, planner]) await catchUp(log, transact(pool), each);
      await issue();
      // The issuer looks again before what it said was heard, and a new one has forgotten what it said.
      await createMatterIssuer(duty())();
      for (const each of [matterPlanner, planner]) await catchUp(log, transact(pool), each);
    }
  };

  test('the street, the departments whistled for and the supervisor are told, each of their own part, once', async () => {
    await refer();
    await carryOut({ type: 'screen', data: { accepted: true } });
    await carryOut({ type: 'propose-whistle', data: { departments: ['water', 'gas'], reason: '市政管网' } });
    await carryOut({ type: 'approve', data: { principal: '王书记' } }, 'user:wang');
    await carryOut({ type: 'report-in', data: { department: 'gas', person: '李工' } });
    await carryOut({ type: 'finish', data: { department: 'gas', result: { text: '无关' } } });
    await passOn(60);
    expect((await notices()).map(([, rule, tells]) => [rule, tells])).toEqual([
      ['matter-referred matter', ['鲸园街道', 'qian']],
      ['whistled matter', ['供水', 'qian']],
      ['whistled matter', ['燃气', 'qian']],
      ['whistle-finished matter', ['鲸园街道']],
    ]);
    const { rows } = await pool.query('SELECT person, channel, state FROM hub.notice_delivery WHERE person = $1', [
      '供水',
    ]);
    expect(rows.map(({ channel }) => channel).sort()).toEqual(['email', 'webhook']);
    expect((await pool.query('SELECT 1 FROM hub.matter_notice')).rows).toEqual([]);
  });

  test('at night only an emergency whistle wakes anybody', async () => {
    clock.nowMs = Date.parse('2026-03-02T23:00:00+08:00');
    await refer();
    await carryOut({ type: 'blow-emergency', data: { departments: ['fire'], reason: '险情' } });
    await passOn(60);
    expect((await notices()).map(([, rule, tells]) => [rule, tells])).toEqual([
      ['emergency-whistled matter', ['消防', '鲸园街道', 'qian']],
    ]);
    await passOn(8 * 3_600);
    expect((await notices()).map(([, rule]) => rule)).toEqual(['emergency-whistled matter', 'matter-referred matter']);
  });
});

test('P3 orders are told once a day, without those that are done', async () => {
  for (const order of ['1', '2', '3']) await raise(order, 'P3');
  await pass(60);
  await happen('2', 'work-order.cancelled', { reason: 'by mistake' });
  await pass(24 * 3_600);
  const issued = (await log.readAll(null, 10_000)).filter(({ type }) => type === 'notice.issued');
  expect(issued).toHaveLength(1);
  expect(issued[0]).toMatchObject({ stream: 'notice-digest-garden', meta: { compound: 'garden' } });
  expect((issued[0]!.data as Notice).orders?.map(({ order }) => order)).toEqual(['1', '3']);
  expect(isoTime(Date.parse(issued[0]!.meta.occurredAt))).toBe('2026-03-03T00:30:00.000Z');
});

test('what a new hub finds in an old log is for the digest, not for the bell', async () => {
  await raise('1', 'P0');
  clock.nowMs += 26 * 3_600_000;
  await pass(24 * 3_600);
  expect((await notices()).map(([, what]) => what)).toEqual(['digest digest']);
});

test('killed between saying and hearing it, and looking from two processes: said once', async () => {
  await raise('1', 'P0');
  await catchUp(log, transact(pool), planner);
  await Promise.all([createNoticeIssuer(duty())(), createNoticeIssuer(duty())()]);
  await createNoticeIssuer(duty())();
  expect(await notices()).toHaveLength(1);
});

test('delivered twice, in batches of any size, the planner’s tables are the same', async () => {
  for (const order of ['1', '2']) await raise(order, 'P0');
  await raise('3', 'P3');
  await pass(120);
  await happen('1', 'work-order.acknowledged');
  await pass(60);
  const expected = await tablesOf(pool, planner);
  const deliveries = (await pool.query('SELECT * FROM hub.notice_delivery ORDER BY notice, person, channel')).rows;
  clock.nowMs = startMs + 180_000;
  const events = await log.readAll(null, 10_000);
  for (const size of [1, 2, 7, 1000]) {
    for (const each of [planner, matterPlanner]) await transact(pool)((sql) => resetProjection(sql, each));
    for (let time = 0; time < 2; time += 1) {
      let position = await prepareProjection(transact(pool), planner);
      await pool.query('UPDATE hub.projection_checkpoint SET position = NULL WHERE projection = $1', [planner.name]);
      position = null;
      for (let from = 0; from < events.length; from += size) {
        position = await applyBatch(transact(pool), planner, position, events.slice(from, from + size));
      }
    }
    expect({ size, tables: await tablesOf(pool, planner) }).toEqual({ size, tables: expected });
  }
  expect((await pool.query('SELECT * FROM hub.notice_delivery ORDER BY notice, person, channel')).rows).toEqual(
    deliveries,
  );
});

describe('what was decided is sent', () => {
  const sender = createHttpSender(createAddressPolicy(['127.0.0.0/8']), 1);
  afterAll(() => sender.close());

  const startSending = (url: string | undefined = smtp.url) => {
    const mailer = createMailer({ url, from: 'hub@example.org' });
    const stopping = new AbortController();
    const ended = sendNotices(
      {
        ...{ sql: pool, send: sender.send, mail: mailer.send, rules, clock, random: () => 0, logger: silentLogger },
        placeOf: () => ({ compoundName: '花园', buildingName: '1号楼', timeZone: zone }),
      },
      stopping.signal,
    );
    stops.push(async () => {
      stopping.abort();
      await ended;
      mailer.close();
    });
  };
  const outcomes = async () =>
    (
      await pool.query<{ who: string; state: string; outcome: string }>(
        `SELECT person || ' ' || channel AS who, state, outcome FROM hub.notice_delivery ORDER BY 1`,
      )
    ).rows.map(({ who, state, outcome }) => [who, state, outcome]);
  const settled = async (): Promise<boolean> =>
    (await pool.query(`SELECT FROM hub.notice_delivery WHERE state = 'waiting'`)).rowCount === 0;

  test('by mail and webhook, to whoever left an address; the others are named', async () => {
    await putContact(pool, { person: 'li', email: 'li@example.org', webhook: robot.url }, newWebhookSecret());
    startSending();
    await raise('1', 'P0');
    await pass(0);
    await until('sent', settled);
    expect(await outcomes()).toEqual([
      ['* mqtt', 'sent', 'told on the topic'],
      ['li email', 'sent', '250 ok'],
      ['li webhook', 'sent', 'answers 204'],
      ['room email', 'failed', 'room has no mail address'],
      ['room webhook', 'failed', 'room has no webhook'],
    ]);
    expect(smtp.mails.map(({ to }) => to)).toEqual([['li@example.org']]);
    const { headers, body } = robot.calls[0]!;
    expect(headers['webhook-signature']).toMatch(/^v1,/);
    expect(JSON.parse(body)).toMatchObject({
      person: 'li',
      order: '1',
      subject: '【P0 工单】报修 · Repair – 花园 · 1号楼',
      text: expect.stringContaining('报修时间: 2026-03-02 10:00 (Asia/Shanghai)'),
    });
  });

  test('again where it may help, and not where it can’t', async () => {
    await putContact(pool, { person: 'li', email: 'li@example.org', webhook: robot.url }, null);
    await putContact(pool, { person: 'room', email: 'gone@example.org', webhook: `${robot.url}/room` }, null);
    smtp.behave((said) => (/gone/.test(said) ? '550 no such user' : /li@/.test(said) ? '450 greylisted' : undefined));
    robot.behave((response, call) => answers(/room/.test(call.path) ? 422 : 503, {}, 'no')(response, call));
    startSending();
    await raise('1', 'P0');
    await pass(0);
    await until('tried', async () => (await outcomes()).every(([, , outcome]) => outcome !== null));
    expect(await outcomes()).toEqual([
      ['* mqtt', 'sent', 'told on the topic'],
      ['li email', 'waiting', expect.stringContaining('450 greylisted')],
      ['li webhook', 'waiting', 'answers 503: no'],
      ['room email', 'failed', expect.stringContaining('550 no such user')],
      ['room webhook', 'failed', 'answers 422: no'],
    ]);
    smtp.behave(() => undefined);
    robot.behave(takesIt);
    clock.nowMs += 60_000;
    await until('sent', settled);
    expect((await outcomes()).slice(1, 3)).toEqual([
      ['li email', 'sent', '250 ok'],
      ['li webhook', 'sent', 'answers 204'],
    ]);
    const ids = robot.calls
      .filter(({ path }) => path === '/orders')
      .map(({ body }) => (JSON.parse(body) as { id: string }).id);
    expect(new Set(ids).size).toBe(1);
  });

  test('not for ever: after six hours it is useless', async () => {
    await putContact(pool, { person: 'zhao', email: null, webhook: robot.url }, null);
    robot.behave(answers(500));
    await raise('1', 'P2', { building: 'b2' });
    await pass(0);
    clock.nowMs += 6 * 3_600_000;
    startSending();
    await until('given up', settled);
    expect((await outcomes()).at(-1)).toEqual(['zhao webhook', 'failed', 'answers 500']);
  });

  test('a roster that knows nobody is told of', async () => {
    await raise('1', 'P2');
    await pass(0, createNoticeIssuer(duty(emptyRoster)));
    expect(await outcomes()).toEqual([
      ['* mqtt', 'sent', 'told on the topic'],
      ['* roster', 'failed', 'nobody has duty'],
    ]);
  });
});
