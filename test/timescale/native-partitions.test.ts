import { maintainTimeSeries } from '../../services/projections/time-series/maintenance.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { transact } from '../../services/runtime/postgres.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { emptyGround, timeSeriesSuite } from './time-series.suite.ts';

let server: PostgresForTests;
beforeAll(async () => {
  server = await postgresForTests();
}, 60_000);
afterAll(async () => {
  await server.stop();
}, 60_000);

describe('native partitions', () => {
  timeSeriesSuite('partitions', () => server);

  test('this month and two more stand ready after the maintenance', async () => {
    const { pool } = await emptyGround(await server.newDatabase());
    const nowMs = systemClock.now();
    const results = await maintainTimeSeries({ sql: pool, transact: transact(pool), nowMs });
    expect(results.find(({ policy }) => policy === 'partitions-ahead')!.did.split(', ')).toHaveLength(3);
    const { rows } = await pool.query(`SELECT inhrelid FROM pg_inherits WHERE inhparent = 'hub.reading'::regclass`);
    expect(rows).toHaveLength(3);
    await pool.end();
  });
});
