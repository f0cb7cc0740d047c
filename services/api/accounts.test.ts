import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { systemClock } from '../runtime/clock.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import type { Sql } from '../runtime/sql.ts';
import { createAccounts } from './accounts.ts';

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
  const processes = [1, 2, 3].map(() => createAccounts(pool, systemClock));
  const told = await Promise.all(processes.map((accounts) => accounts.ensureAdmin(undefined)));
  const passwords = told.filter((password) => password !== undefined);
  expect(passwords).toHaveLength(1);
  expect(await processes[0]!.verify('admin', passwords[0]!, '127.0.0.1')).toMatchObject({ user: 'admin' });
});

test('a database that is away is no wrong password', async () => {
  const state = { away: false };
  const query: Sql['query'] = (...given) =>
    state.away ? Promise.reject(new Error('connect ECONNREFUSED')) : pool.query(...given);
  const accounts = createAccounts({ query }, systemClock);
  await accounts.create('operator', 'operator', 'a long password');
  state.away = true;
  for (let attempt = 0; attempt < 12; attempt += 1) {
    await expect(accounts.verify('operator', 'a long password', '127.0.0.1')).rejects.toThrow('ECONNREFUSED');
  }
  state.away = false;
  expect(await accounts.verify('operator', 'a long password', '127.0.0.1')).toMatchObject({ user: 'operator' });
});
