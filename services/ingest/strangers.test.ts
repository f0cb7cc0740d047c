import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { startMs } from './ingest-harness.ts';
import { createStrangers, type Stranger } from './strangers.ts';

let postgres: PostgresForTests;
let pool: ReturnType<typeof openPool>;
beforeAll(async () => {
  postgres = await postgresForTests();
  pool = openPool(await postgres.newDatabase(), { maxConnections: 2 });
  await migrate(transact(pool));
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

const stranger = (username: string | undefined, more: Partial<Stranger> = {}): Stranger => ({
  ...{ username, clientId: 'client', certificateName: undefined, address: '192.0.2.1', protocolVersion: 5 },
  ...{ reason: 'unknown-user', ...more },
});

test('who knocks often is one row with its tries; who knocks without end costs little; after thirty days it is forgotten', async () => {
  const clock = { nowMs: startMs, now: () => clock.nowMs };
  const tell = createStrangers({
    ...{ sql: pool, clock },
    failed: (error) => {
      throw error;
    },
  });
  const rows = async (): Promise<unknown[]> =>
    (await pool.query('SELECT username, times FROM hub.heard_connection ORDER BY last_at, username')).rows;
  for (let tries = 0; tries < 5; tries += 1) await tell(stranger('lift-7', { clientId: `try-${tries}` }));
  expect(await rows()).toEqual([{ username: 'lift-7', times: 1 }]);
  clock.nowMs += 60_000;
  await tell(stranger('lift-7'));
  await tell(stranger(undefined, { clientId: 'a\0b', reason: 'no-credentials' }));
  expect(await rows()).toEqual([
    { username: 'lift-7', times: 6 },
    { username: null, times: 1 },
  ]);
  for (let count = 0; count < 150; count += 1) await tell(stranger(`guess-${count}`));
  expect((await rows()).length).toBeLessThanOrEqual(100);
  clock.nowMs += 30 * 86_400_000 + 1;
  await tell(stranger('new'));
  expect(await rows()).toEqual([{ username: 'new', times: 1 }]);
});
