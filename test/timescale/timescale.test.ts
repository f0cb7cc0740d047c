import { resetProjection } from '../../services/projections/runner.ts';
import { dayMs } from '../../services/projections/time-series/limits.ts';
import { timeSeriesPolicies } from '../../services/projections/time-series/policies.ts';
import { timeSeriesProjection } from '../../services/projections/time-series/projection.ts';
import { readings } from '../../services/projections/time-series/queries.ts';
import { storageOf } from '../../services/projections/time-series/storage.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { migrate } from '../../services/runtime/migrate.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { measured, someDays } from './made-up-readings.ts';
import { emptyGround, type Ground, timeSeriesSuite } from './time-series.suite.ts';

const given = process.env.TEST_TIMESCALE_URL;

const onTimescale = (): void => {
  let server: PostgresForTests;
  let ground: Ground;
  const nowMs = systemClock.now();
  beforeAll(async () => {
    server = await postgresForTests(given);
  });
  afterAll(async () => {
    await server.stop();
  }, 60_000);

  timeSeriesSuite('timescale', () => server);

  describe('TimescaleDB itself', () => {
    beforeEach(async () => {
      ground = await emptyGround(await server.newDatabase());
    });
    afterEach(async () => {
      await ground.pool.end();
      await server.dropDatabase(ground.url);
    });

    const ask = async (text: string): Promise<Record<string, unknown>[]> => (await ground.pool.query(text)).rows;

    test('the maintenance compresses and aggregates what the jobs left, and only that', async () => {
      await ground.deliver(someDays(nowMs - 30 * dayMs, 30));
      const results = await ground.maintain(nowMs);
      expect(results).toEqual([
        { policy: 'retention', did: '' },
        { policy: 'compression', did: expect.stringMatching(/^compressed [34] chunks$/) },
        { policy: 'aggregates', did: expect.stringMatching(/^aggregated (29|30) days$/) },
      ]);
      const [kept] = await ask(`SELECT count(*)::integer AS days, min(day) AS oldest FROM hub.reading_changed_day`);
      expect(kept!.days).toBeLessThanOrEqual(2);
      expect((await ground.maintain(nowMs)).map(({ did }) => did)).toEqual(['', '', '']);
    });

    test('whole days come from the aggregates, days that changed from the readings', async () => {
      const dayStart = Math.floor((nowMs - 10 * dayMs + 8 * 3_600_000) / dayMs) * dayMs - 8 * 3_600_000;
      await ground.deliver([0, 1, 2].map((day) => measured('s', dayStart + day * dayMs + 5, { temperatureC: day })));
      await ground.maintain(nowMs);
      // Emptied behind the projection's back: what is still answered can only come from the aggregates.
      await ask('TRUNCATE hub.reading');
      await ground.deliver([measured('s', dayStart + dayMs + 6, { temperatureC: 50 })]);
      const range = { from: new Date(dayStart).toISOString(), to: new Date(dayStart + 3 * dayMs).toISOString() };
      for (const bucketSeconds of [3_600, 86_400]) {
        const answer = await readings(ground.pool, { device: 's', quantity: 'temperatureC', ...range, bucketSeconds });
        expect(answer.map(({ count, last }) => [count, last])).toEqual([
          [1, 0],
          [1, 50],
          [1, 2],
        ]);
      }
    });

    test('a job of the server that does not run is told, and the hub takes its work over', async () => {
      await ground.deliver(someDays(nowMs - 30 * dayMs, 30));
      const lateMs = nowMs + 3 * dayMs;
      const before = await timeSeriesPolicies(ground.pool, lateMs);
      expect(before.find(({ policy }) => policy === 'compression')).toMatchObject({
        overdue: true,
        takenOver: true,
        detail: expect.stringMatching(/chunks wait to be compressed; TimescaleDB's job for reading /),
      });
      expect(before.find(({ policy }) => policy === 'aggregates')).toMatchObject({ overdue: true, takenOver: true });
      await ground.maintain(lateMs);
      const after = await timeSeriesPolicies(ground.pool, lateMs);
      expect(after.map(({ overdue }) => overdue)).toEqual([false, false, false, false]);
      expect(after.find(({ policy }) => policy === 'compression')!.takenOver).toBe(true);
    });

    test('the jobs of the server run, or their failing is told', async () => {
      await ask(`SELECT alter_job(job_id, scheduled => true, next_start => now())
                 FROM timescaledb_information.jobs WHERE job_id >= 1000`);
      const statuses = async (): Promise<unknown[]> =>
        (await ask(`SELECT last_run_status AS status FROM timescaledb_information.job_stats WHERE job_id >= 1000`)).map(
          ({ status }) => status,
        );
      for (let attempt = 0; attempt < 80 && (await statuses()).includes(null); attempt += 1)
        await new Promise((resolve) => setTimeout(resolve, 250));
      const failed = (await statuses()).filter((status) => status !== 'Success');
      expect(await statuses()).toHaveLength(6);
      // Some PostgreSQL releases break TimescaleDB's jobs with this error; any other one would be ours.
      const errors = await ask(`SELECT DISTINCT err_message AS error FROM timescaledb_information.job_errors`);
      for (const { error } of errors) expect(error).toMatch(/^cannot drop portal/);
      expect(failed.length === 0).toBe(errors.length === 0);
      const told = (await timeSeriesPolicies(ground.pool, nowMs)).filter(({ takenOver }) => takenOver);
      expect(told.length > 0).toBe(failed.length > 0);
    }, 30_000);

    test('a role that may not create the extension works with partitions, and the status says what to do', async () => {
      const role = `plain_${Math.abs(nowMs % 1_000_000_007)}`;
      const url = new URL(await server.newDatabase());
      const admin = openPool(url.href, { maxConnections: 1 });
      await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'plain'; CREATE SCHEMA hub AUTHORIZATION ${role}`);
      url.username = role;
      url.password = 'plain';
      const plain = await emptyGround(url.href);
      try {
        expect(await storageOf(plain.pool)).toBe('partitions');
        const [told] = await timeSeriesPolicies(plain.pool, nowMs);
        expect(told!.detail).toMatch(`role ${role} may not create TimescaleDB`);
        expect(told!.detail).toMatch('CREATE EXTENSION timescaledb WITH SCHEMA public');
        await plain.deliver([measured('s', nowMs, { temperatureC: 1 })]);

        await admin.query('CREATE EXTENSION timescaledb WITH SCHEMA public');
        const [better] = await timeSeriesPolicies(plain.pool, nowMs);
        expect(better!.detail).toMatch('npm run rebuild -- time-series');
        await transact(plain.pool)((sql) => resetProjection(sql, timeSeriesProjection));
        expect(await storageOf(plain.pool)).toBe('timescale');
        expect((await plain.maintain(nowMs)).filter(({ failed }) => failed !== undefined)).toEqual([]);
      } finally {
        await plain.pool.end();
        await admin.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
        await admin.end();
      }
    });

    test('an extension that lies in a schema of its own is used all the same', async () => {
      const pool = openPool(await server.newDatabase(), { maxConnections: 3 });
      await pool.query('CREATE SCHEMA "Series"; CREATE EXTENSION timescaledb WITH SCHEMA "Series"');
      await migrate(transact(pool));
      await transact(pool)((sql) => resetProjection(sql, timeSeriesProjection));
      expect(await storageOf(pool)).toBe('timescale');
      await pool.end();
    });
  });
};

if (given) {
  describe('TimescaleDB', onTimescale);
} else {
  test('did not run on TimescaleDB: TEST_TIMESCALE_URL=postgres://… npm test -- test/timescale', () => {
    expect(given ?? '').toBe('');
  });
}
