import { maintainTimeSeries } from '../../services/projections/time-series/maintenance.ts';
import { createPartitions, monthsAhead } from '../../services/projections/time-series/partitions.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { transact } from '../../services/runtime/postgres.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { until } from '../running-hub.ts';
import { measured } from './made-up-readings.ts';
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

  test('a month that another makes while one waits for it is not made again', async () => {
    const { pool, deliver } = await emptyGround(await server.newDatabase());
    const nowMs = systemClock.now();
    let delivered: Promise<void> | undefined;
    await transact(pool)(async (sql) => {
      await createPartitions(sql, monthsAhead(nowMs));
      // It has looked for the month already, and waits for the lock.
      delivered = deliver([measured('sensor-1', nowMs, { temperatureC: 1 })]);
      delivered.catch(() => undefined);
      await until('the projector to wait', async () => {
        const { rows } = await pool.query(
          `SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
           WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted`,
        );
        return rows.length > 0;
      });
    });
    await delivered;
    expect((await pool.query('SELECT FROM hub.reading')).rows).toHaveLength(1);
    await pool.end();
  });
});
