import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import type { Sql } from '../runtime/sql.ts';
import { createAccounts } from './accounts.ts';
import { networkOf } from './login-attempts.ts';

// Wrong attempts are forgotten after a minute, and a slow machine takes that long for so many slow hashes.
const clock = { now: () => Date.parse('2026-03-01T08:00:00.000Z') };
let postgres: PostgresForTests;
let pool: ReturnType<typeof openPool>;
beforeAll(async () => {
  postgres = await postgresForTests();
  pool = openPool(await postgres.newDatabase(), { maxConnections: 4 });
  await migrate(transact(pool));
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

test('processes that start on an empty database at once make one admin, and one of them tells the password', async () => {
  const processes = [1, 2, 3].map(() => createAccounts(pool, clock));
  const told = await Promise.all(processes.map((accounts) => accounts.ensureAdmin(undefined)));
  const passwords = told.filter((password) => password !== undefined);
  expect(passwords).toHaveLength(1);
  expect(await processes[0]!.verify('admin', passwords[0]!, '127.0.0.1')).toMatchObject({ user: 'admin' });
});

test('a database that is away is no wrong password', async () => {
  const state = { away: false };
  const query: Sql['query'] = (...given) =>
    state.away ? Promise.reject(new Error('connect ECONNREFUSED')) : pool.query(...given);
  const accounts = createAccounts({ query }, clock);
  await accounts.create({ user: 'operator', role: 'operator', department: null }, 'a long password');
  state.away = true;
  for (let attempt = 0; attempt < 12; attempt += 1) {
    await expect(accounts.verify('operator', 'a long password', '127.0.0.1')).rejects.toThrow('ECONNREFUSED');
  }
  state.away = false;
  expect(await accounts.verify('operator', 'a long password', '127.0.0.1')).toMatchObject({ user: 'operator' });
});

describe('many passwords at once', () => {
  const made = async (...names: string[]) => {
    const accounts = createAccounts(pool, clock);
    for (const user of names) {
      await accounts.create({ user, role: 'operator', department: null }, `${user}'s password`);
    }
    return accounts;
  };
  const codes = (settled: PromiseSettledResult<unknown>[]) =>
    settled.map((answer) => (answer.status === 'rejected' ? (answer.reason as { code: string }).code : answer.value));

  test('correct ones of one person are all heard', async () => {
    const accounts = await made('busy');
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => accounts.verify('busy', "busy's password", '192.0.2.1')),
    );
    expect(answers).toEqual(Array(12).fill({ user: 'busy', role: 'operator', department: null }));
  });

  test('ten wrong ones at once are heard, and none after them, though the last is right', async () => {
    const accounts = await made('guessed');
    const guesses = Array.from({ length: 15 }, () => accounts.verify('guessed', 'wrong', '192.0.2.1'));
    const right = accounts.verify('guessed', "guessed's password", '192.0.2.1');
    const answers = codes(await Promise.allSettled([...guesses, right]));
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(10);
    expect(answers.filter((answer) => answer === 'login.too-many-attempts')).toHaveLength(6);
  });

  test('made-up names from one address: a hundred are heard, the others cost nothing', async () => {
    const accounts = await made('someone');
    const guesses = Array.from({ length: 150 }, (_, index) => accounts.verify(`made-up-${index}`, 'x', '192.0.2.1'));
    const answers = codes(await Promise.allSettled(guesses));
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(100);
    expect(answers.filter((answer) => answer === 'login.too-many-attempts')).toHaveLength(50);
    expect(await accounts.verify('someone', "someone's password", '192.0.2.2')).toMatchObject({ user: 'someone' });
  }, 60_000);

  test('one from elsewhere is looked at before the flood is through', async () => {
    const accounts = await made('person');
    const floods = Array.from({ length: 30 }, (_, index) => accounts.verify(`flood-${index}`, 'x', '192.0.2.1'));
    let through = 0;
    for (const flood of floods) void flood.then(() => (through += 1));
    await floods[0];
    const person = await accounts.verify('person', "person's password", '198.51.100.7');
    expect(person).toMatchObject({ user: 'person' });
    expect(through).toBeLessThan(20);
    await Promise.allSettled(floods);
  });
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
])('an address %s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
