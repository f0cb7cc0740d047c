import { createHmac, randomUUID } from 'node:crypto';
import { eventOf } from '../../services/event-log/decider.ts';
import { workOrderStream } from '../../services/event-log/event.ts';
import { handleCommand } from '../../services/event-log/handle-command.ts';
import { createMemoryEventLog } from '../../services/event-log/memory/memory-event-log.ts';
import { createAddressPolicy } from '../../services/outbound/address-policy.ts';
import type { DeliveryState } from '../../services/outbound/delivery-state.ts';
import { keepSecret, type Waiting } from '../../services/outbound/delivery-store.ts';
import { createHttpSender } from '../../services/outbound/send-http.ts';
import { type TargetCommand, target, targetStream } from '../../services/outbound/target.ts';
import { targetsProjection } from '../../services/outbound/targets-projection.ts';
import { tellTargets } from '../../services/outbound/tell-targets.ts';
import { catchUp } from '../../services/projections/runner.ts';
import { isoTime } from '../../services/runtime/clock.ts';
import { silentLogger } from '../../services/runtime/logger.ts';
import { migrate } from '../../services/runtime/migrate.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import type { Sql } from '../../services/runtime/sql.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { answers, cuts, hangs, startTargetDouble, type TargetDouble, takesIt } from './target-double.ts';

const startMs = Date.parse('2026-03-01T08:00:00.000Z');
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
let postgres: PostgresForTests;
let pool: ReturnType<typeof openPool>;
let log: ReturnType<typeof createMemoryEventLog>;
let double: TargetDouble;
let clock: { nowMs: number; now(): number };
const stops: (() => Promise<void>)[] = [];
const own = createAddressPolicy(['127.0.0.0/8']);
const sender = createHttpSender(own, 10);
/** Gives up what hangs soon; what is slow may then be said again. */
const hasty = createHttpSender(own, 1);

beforeAll(async () => {
  postgres = await postgresForTests();
  pool = openPool(await postgres.newDatabase());
  await migrate(transact(pool));
});
afterAll(async () => {
  sender.close();
  hasty.close();
  await pool?.end();
  await postgres?.stop();
});
beforeEach(async () => {
  log = createMemoryEventLog();
  clock = { nowMs: startMs, now: () => clock.nowMs };
  double = await startTargetDouble();
  await catchUp(log, transact(pool), targetsProjection);
  await pool.query(
    `TRUNCATE hub.outbound_delivery, hub.outbound_secret, hub.outbound_dead_letter, hub.outbound_target`,
  );
  await pool.query('DELETE FROM hub.projection_checkpoint');
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await double.stop();
});

const until = async (what: string, ready: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what}: not within 15 s`);
};

const command = async (id: string, wish: TargetCommand): Promise<void> => {
  const meta = { occurredAt: isoTime(clock.nowMs), actor: 'user:test' };
  await handleCommand(log, { stream: targetStream(id), decider: target, command: wish, meta, newId: randomUUID });
  await catchUp(log, transact(pool), targetsProjection);
};
const register = async (id: string, more: { url?: string; compounds?: string[]; types?: string[] } = {}) => {
  await keepSecret(pool, id, secret, isoTime(clock.nowMs));
  const data = { name: id, url: double.url, compounds: [], types: ['work-order.*'], sha256: 'x', ...more };
  await command(id, { type: 'register', data });
};
let orders = 0;
const happen = async (type = 'work-order.raised', compound = 'garden'): Promise<string> => {
  const meta = { occurredAt: isoTime(clock.nowMs), compound };
  const event = eventOf(randomUUID(), { type, data: { count: orders } }, meta);
  orders += 1;
  await log.append([{ stream: workOrderStream(`o${orders % 3}`), expectedRevision: 'any', events: [event] }]);
  return event.id;
};
const happenTimes = async (count: number): Promise<string[]> => {
  const ids: string[] = [];
  for (let time = 0; time < count; time += 1) ids.push(await happen());
  return ids;
};

const start = ({ sql, send }: { sql: Sql; send: typeof sender.send } = { sql: pool, send: sender.send }) => {
  const stopping = new AbortController();
  const ended = tellTargets({ log, sql, send, clock, random: () => 0, logger: silentLogger }, stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await ended;
  };
  stops.push(stop);
  return { stop };
};
const standing = async (id = 'one') => {
  const { rows } = await pool.query<{ state: DeliveryState; waiting: Waiting | null }>(
    'SELECT state, waiting FROM hub.outbound_delivery WHERE target = $1',
    [id],
  );
  return rows[0];
};
const deadLetters = async () =>
  (await pool.query('SELECT event_id AS id, reason, state FROM hub.outbound_dead_letter ORDER BY number')).rows;
/** A target that is known after a look at all of them: what was changed before its registration counts by then. */
const lookedAt = async (canary: string): Promise<void> => {
  const other = await startTargetDouble();
  stops.unshift(other.stop);
  await register(canary, { url: other.url });
  await until(canary, async () => (await standing(canary)) !== undefined);
};
/** The ids without those that are said again right behind themselves. */
const withoutRepeats = (ids: string[]): string[] => ids.filter((id, index) => id !== ids[index - 1]);

test('a target is told what happens from its registration on, in order, as signed CloudEvents', async () => {
  await happen();
  await register('one');
  const told = await happenTimes(5);
  start();
  await until('told', () => double.calls.length === 5);
  expect(double.ids()).toEqual(told);
  const { headers, body } = double.calls[0]!;
  expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
  expect(JSON.parse(body)).toMatchObject({
    specversion: '1.0',
    id: told[0],
    source: '/compounds/garden',
    type: 'work-order.raised',
    time: isoTime(startMs),
  });
  const signed = `${told[0]}.${headers['webhook-timestamp']}.${body}`;
  const expected = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
    .update(signed)
    .digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${expected}`);
  expect(headers['webhook-timestamp']).toBe(String(startMs / 1000));
  const live = await happen();
  await until('told live', () => double.calls.length === 6);
  expect(double.ids().at(-1)).toBe(live);
});

test('a target is told of its compounds and types alone', async () => {
  await register('one', { compounds: ['garden'], types: ['work-order.closed', 'work-order.raised'] });
  start();
  const wanted = [await happen(), await happen('work-order.closed')];
  await happen('work-order.noted');
  await happen('work-order.raised', 'harbour');
  wanted.push(await happen());
  await until('told', () => double.calls.length === 3);
  expect(double.ids()).toEqual(wanted);
});

test('a failing event holds up its target and nobody else', async () => {
  const other = await startTargetDouble();
  await register('one');
  await register('two', { url: other.url });
  double.behave(answers(500, {}, 'broken'));
  start();
  const told = await happenTimes(4);
  await until('the other', () => other.calls.length === 4);
  await until('the failure', async () => (await standing())?.state.failures === 1);
  expect(new Set(double.ids())).toEqual(new Set([told[0]]));
  expect(await standing()).toMatchObject({
    state: { failures: 1, breaker: 'closed', lastAnswer: 'answers 500: broken', delivered: 0 },
    waiting: { event: told[0], since: isoTime(startMs) },
  });
  double.behave(takesIt);
  clock.nowMs += 60_000;
  await until('the first', () => withoutRepeats(double.ids()).length === 4);
  expect(withoutRepeats(double.ids())).toEqual(told);
  await until('kept', async () => (await standing())?.state.delivered === 4);
  expect(await standing()).toMatchObject({ state: { failures: 0, failingSince: null }, waiting: null });
  await other.stop();
});

test('a target that is down is asked ever more rarely, once at a time when the breaker is open, and told all in order when it is back', async () => {
  await register('one');
  double.behave(cuts);
  start();
  const told = await happenTimes(3);
  // The clock stands still between two steps, so that there is one try for each step past the next one's instant.
  const tries: number[] = [];
  await until('the first try', async () => (await standing())?.state.failures === 1);
  for (let step = 0; step < 20; step += 1) {
    clock.nowMs += 15_000;
    const { failures, nextTryAt } = (await standing())!.state;
    if (Date.parse(nextTryAt!) <= clock.nowMs) {
      await until('the next try', async () => (await standing())?.state.failures === failures + 1);
    }
    tries.push(double.calls.length);
  }
  expect((await standing())?.state.breaker).toBe('open');
  expect(tries.at(-1)! - tries.at(-8)!).toBeLessThan(4);
  expect(new Set(double.ids())).toEqual(new Set([told[0]]));
  double.behave(takesIt);
  clock.nowMs += 300_000;
  await until('back', () => withoutRepeats(double.ids()).length === 3);
  expect(withoutRepeats(double.ids())).toEqual(told);
  await until('closed', async () => (await standing())?.state.breaker === 'closed');
}, 30_000);

test('an event that a target doesn’t want becomes a dead letter, and can be sent again', async () => {
  await register('one');
  const [unwanted, next] = await happenTimes(2);
  double.behave((response, { headers }) =>
    answers(headers['webhook-id'] === unwanted ? 422 : 204, {}, 'unknown compound')(response, double.calls.at(-1)!),
  );
  const running = setInterval(() => {
    clock.nowMs += 1_000;
  }, 20);
  start();
  await until('the next', () => double.ids().includes(next!));
  clearInterval(running);
  expect(double.ids()).toEqual([unwanted, unwanted, unwanted, next]);
  expect(await deadLetters()).toEqual([{ id: unwanted, reason: 'answers 422: unknown compound', state: 'dead' }]);
  await pool.query(`UPDATE hub.outbound_dead_letter SET state = 'wished'`);
  await until('refused again', async () => (await deadLetters())[0].state === 'dead');
  double.behave(takesIt);
  await pool.query(`UPDATE hub.outbound_dead_letter SET state = 'wished'`);
  await until('taken', async () => (await deadLetters())[0].state === 'delivered');
  expect(double.ids()).toEqual([unwanted, unwanted, unwanted, next, unwanted, unwanted]);
  expect((await standing())?.state).toMatchObject({ delivered: 2, attempts: 0 });
});

test('what is a day old while its target is down becomes a dead letter; the newer ones wait on', async () => {
  await register('one');
  double.behave(answers(503));
  start();
  const old = await happenTimes(3);
  const running = setInterval(() => {
    clock.nowMs += 60_000;
  }, 5);
  await until('open', async () => (await standing())?.state.breaker === 'open');
  clearInterval(running);
  clock.nowMs += 24 * 3_600_000;
  const fresh = await happen();
  await until('dead', async () => (await deadLetters()).length === 3);
  expect((await deadLetters()).map(({ id }) => id)).toEqual(old);
  expect((await deadLetters())[0].reason).toMatch(/^not taken since 2026-03-01T.*answers 503/);
  double.behave(takesIt);
  clock.nowMs += 3_600_000;
  await until('the fresh one', () => double.ids().at(-1) === fresh);
}, 30_000);

test('a target that is paused is told afterwards; one that is removed is told nothing; another address counts at once', async () => {
  await register('one');
  start();
  await happen();
  await until('told', () => double.calls.length === 1);
  await command('one', { type: 'pause', data: {} });
  await lookedAt('canary');
  const missed = await happenTimes(2);
  const elsewhere = await startTargetDouble();
  await command('one', { type: 'change', data: { url: elsewhere.url } });
  await command('one', { type: 'resume' });
  await until('told afterwards', () => elsewhere.calls.length === 2);
  expect(elsewhere.ids()).toEqual(missed);
  expect(double.calls).toHaveLength(1);
  await command('one', { type: 'remove' });
  await lookedAt('another-canary');
  await happen();
  await until('the others', async () => (await standing('another-canary'))?.state.delivered === 1);
  expect(elsewhere.calls).toHaveLength(2);
  await elsewhere.stop();
}, 30_000);

/** A database that a killed process reaches no more. */
const mortal = () => {
  const state = { dead: false };
  const sql: Sql = {
    query: (text, values) => {
      if (state.dead) throw new Error('this process was killed');
      return pool.query(text, values);
    },
  };
  return { sql, kill: () => Object.assign(state, { dead: true }) };
};

test('killed again and again in the middle of it, with a target that fails in every way: nothing lost, nothing out of order', async () => {
  await register('one');
  const told = await happenTimes(40);
  let count = 0;
  const taken: string[] = [];
  const process = { kill: (): unknown => undefined };
  // A fixed rhythm of failures; every seventh call is taken just as the hub's process dies, so it is said again.
  double.behave((response, call) => {
    count += 1;
    if (count % 5 === 0) return answers(500)(response, call);
    if (count % 11 === 0) return cuts(response, call);
    if (count % 13 === 0) return answers(429, { 'retry-after': '3' })(response, call);
    if (count % 29 === 0) return hangs(response, call);
    if (count % 7 === 0) process.kill();
    taken.push(call.headers['webhook-id'] as string);
    return takesIt(response, call);
  });
  const running = setInterval(() => {
    clock.nowMs += 400;
  }, 20);
  let lives = 0;
  while (new Set(taken).size < 40 && lives < 60) {
    lives += 1;
    const { sql, kill } = mortal();
    const death = new Promise<void>((resolve) => {
      process.kill = () => {
        kill();
        resolve();
      };
    });
    const { stop } = start({ sql, send: hasty.send });
    await Promise.race([death, until('all', () => new Set(taken).size === 40)]);
    await stop();
  }
  clearInterval(running);
  expect(lives).toBeGreaterThan(3);
  expect(withoutRepeats(taken)).toEqual(told);
  expect(await deadLetters()).toEqual([]);
}, 60_000);
