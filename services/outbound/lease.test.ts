import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { silentLogger } from '../runtime/logger.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { leaseSeconds, underLease } from './lease.ts';

let postgres: PostgresForTests;
let pool: ReturnType<typeof openPool>;
const clock = { nowMs: 0, now: () => clock.nowMs };
const stops: (() => Promise<void>)[] = [];

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
  clock.nowMs = Date.parse('2026-03-01T08:00:00.000Z');
  await pool.query('TRUNCATE hub.outbound_lease');
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A process that notes down whether it works. `cutOff`: it no longer reaches the database, as if it were gone. */
const start = (owner: string) => {
  const state = { working: false, starts: 0, cutOff: false, fails: false };
  const stopping = new AbortController();
  const sql = {
    query: ((text: string, values?: unknown[]) =>
      state.cutOff ? Promise.reject(new Error('cut off')) : pool.query(text, values)) as typeof pool.query,
  };
  const parts = { sql, name: 'outbound', owner, clock, logger: silentLogger, signal: stopping.signal };
  const ended = underLease(parts, async (signal) => {
    state.starts += 1;
    if (state.fails) throw new Error('broken');
    state.working = true;
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    state.working = false;
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await ended;
  };
  stops.push(stop);
  return { state, stop };
};

const until = async (what: string, ready: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 400; tries += 1) {
    if (ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what}: not within 10 s`);
};
const someLooks = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2_500));

test('of two processes one works, and the other one when the first has stopped', async () => {
  const first = start('first');
  await until('the first', () => first.state.working);
  const second = start('second');
  await someLooks();
  expect(second.state.starts).toBe(0);
  await first.stop();
  expect(first.state.working).toBe(false);
  await until('the second', () => second.state.working);
});

test('one that is gone is waited for, and works no more when it comes back', async () => {
  const first = start('first');
  await until('the first', () => first.state.working);
  first.state.cutOff = true;
  const second = start('second');
  clock.nowMs += (leaseSeconds - 1) * 1000;
  await until('the first lets go by itself', () => !first.state.working);
  expect(second.state.starts).toBe(0);
  clock.nowMs += 2_000;
  await until('the second', () => second.state.working);
  first.state.cutOff = false;
  await someLooks();
  expect(first.state.working).toBe(false);
}, 30_000);

test('work that fails is begun again', async () => {
  const { state } = start('first');
  state.fails = true;
  await until('again', () => state.starts > 1);
  state.fails = false;
  await until('at work', () => state.working);
});
