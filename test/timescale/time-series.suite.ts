import type { RecordedEvent } from '../../services/event-log/event.ts';
import { applyBatch, prepareProjection, resetProjection } from '../../services/projections/runner.ts';
import {
  dayMs,
  maintainEverySeconds,
  overdueAfterSeconds,
  retentionBoundaryMs,
} from '../../services/projections/time-series/limits.ts';
import { maintainTimeSeries } from '../../services/projections/time-series/maintenance.ts';
import { timeSeriesPolicies } from '../../services/projections/time-series/policies.ts';
import { timeSeriesProjection } from '../../services/projections/time-series/projection.ts';
import { latestReadings, type ReadingsWanted, readings } from '../../services/projections/time-series/queries.ts';
import { type Storage, storageOf } from '../../services/projections/time-series/storage.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { migrate } from '../../services/runtime/migrate.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import type { PostgresForTests } from '../postgres-for-tests.ts';
import { expectedBuckets, measured, someDays } from './made-up-readings.ts';

type Pool = ReturnType<typeof openPool>;

export interface Ground {
  url: string;
  pool: Pool;
  deliver(events: RecordedEvent[]): Promise<void>;
  maintain(nowMs: number): ReturnType<typeof maintainTimeSeries>;
}

/** An empty database with the projection's tables. */
export const emptyGround = async (url: string, statementTimeoutSeconds = 60): Promise<Ground> => {
  const pool = openPool(url, { maxConnections: 4, statementTimeoutSeconds });
  await migrate(transact(pool));
  await prepareProjection(transact(pool), timeSeriesProjection);
  // The server's own jobs would do the work at a moment of their own; the tests ask what the hub does without them.
  if ((await storageOf(pool)) === 'timescale')
    await pool.query(
      `SELECT alter_job(job_id, scheduled => false) FROM timescaledb_information.jobs WHERE job_id >= 1000`,
    );
  return {
    url,
    pool,
    deliver: (events) => transact(pool)((sql) => timeSeriesProjection.apply(sql, events)),
    maintain: (nowMs) => maintainTimeSeries({ sql: pool, transact: transact(pool), nowMs }),
  };
};

const rowsOf = async (pool: Pool): Promise<unknown[]> =>
  (await pool.query('SELECT * FROM hub.reading JOIN hub.reading_series ON id = series ORDER BY series, at, event'))
    .rows;

/** While somebody has read all readings and not ended the transaction. */
const whileReading = async <T>(pool: Pool, work: () => Promise<T>): Promise<T> => {
  const reader = await pool.connect();
  try {
    await reader.query('BEGIN');
    await reader.query('SELECT count(*) FROM hub.reading');
    return await work();
  } finally {
    await reader.query('ROLLBACK');
    reader.release();
  }
};

/** The same behaviour is asked of native partitions and of TimescaleDB. */
export const timeSeriesSuite = (storage: Storage, server: () => PostgresForTests): void => {
  const nowMs = systemClock.now();
  const iso = (ms: number): string => new Date(ms).toISOString();
  let ground: Ground;
  const opened: Ground[] = [];
  const open = async (statementTimeoutSeconds?: number): Promise<Ground> => {
    const made = await emptyGround(await server().newDatabase(), statementTimeoutSeconds);
    opened.push(made);
    return made;
  };
  beforeEach(async () => {
    ground = await open();
  });
  afterEach(async () => {
    for (const { pool, url } of opened.splice(0)) {
      await pool.end();
      // Each database with TimescaleDB keeps one of the server's few background workers.
      await server().dropDatabase(url);
    }
  });

  const expectAnswers = async (events: RecordedEvent[], stage: string): Promise<void> => {
    const start = nowMs - 20 * dayMs;
    const series = [
      { device: 'sensor-1', quantity: 'temperatureC' },
      { device: 'sensor-1', quantity: 'relativeHumidityPercent' },
      { device: 'post-1', quantity: 'powerKW' },
      { device: 'post-1', quantity: 'powerKW', channel: 'connector-2' },
      { device: 'post-1', quantity: 'temperatureC' },
    ];
    const widths: [seconds: number, fromMs: number, toMs: number][] = [
      [300, start + 3.3 * dayMs, start + 4.9 * dayMs],
      [3600, start - dayMs, nowMs + dayMs],
      [3600, start + 1234_567, start + 1234_567 + 1800_000],
      [5400, start, nowMs],
      [86_400, start - 3 * dayMs, nowMs + 3 * dayMs],
      [86_400, start + 2.6 * dayMs, nowMs - 4.4 * dayMs],
      [604_800, start, nowMs],
    ];
    for (const one of series) {
      for (const [bucketSeconds, fromMs, toMs] of widths) {
        const wanted: ReadingsWanted = { ...one, from: iso(fromMs), to: iso(toMs), bucketSeconds };
        const answer = await readings(ground.pool, wanted);
        // A mean taken of parts may differ in its last digit.
        const expected = expectedBuckets(events, wanted).map((bucket) => ({
          ...bucket,
          avg: expect.closeTo(bucket.avg, 9),
        }));
        expect({ stage, wanted, answer }).toEqual({ stage, wanted, answer: expected });
      }
    }
  };

  test('is what the tables are stored in, and the reason is told', async () => {
    expect(await storageOf(ground.pool)).toBe(storage);
    const [first] = await timeSeriesPolicies(ground.pool, nowMs);
    expect(first).toMatchObject({ policy: 'storage', overdue: false });
    expect(first!.detail).toMatch(storage === 'timescale' ? /^hypertable, TimescaleDB \d/ : /^native partitions: /);
  });

  test('readings answer the same before and after the maintenance, and with late readings', async () => {
    const events = someDays(nowMs - 20 * dayMs, 20);
    const known = events.filter((_, index) => index % 10 !== 3);
    const late = events.filter((_, index) => index % 10 === 3);
    await ground.deliver(known);
    await expectAnswers(known, 'fresh');
    await ground.maintain(nowMs);
    await expectAnswers(known, 'maintained');
    await ground.deliver(late);
    await expectAnswers(events, 'late readings came');
    await ground.maintain(nowMs);
    await expectAnswers(events, 'maintained again');
  }, 60_000);

  test('delivered twice, also after compression, there is one row of each', async () => {
    const events = someDays(nowMs - 12 * dayMs, 12);
    await ground.deliver(events);
    const once = await rowsOf(ground.pool);
    await ground.deliver(events);
    expect(await rowsOf(ground.pool)).toEqual(once);
    await ground.maintain(nowMs);
    await ground.deliver(events);
    expect(await rowsOf(ground.pool)).toEqual(once);
    expect(once.length).toBeGreaterThan(events.length);
  });

  test('the newest reading of every quantity, the largest of several at one instant', async () => {
    await ground.deliver([
      measured('sensor-1', nowMs - 2000, { temperatureC: 20, noiseDb: 40 }),
      measured('sensor-1', nowMs - 90 * dayMs, { pressureKPa: 101 }),
      measured('sensor-1', nowMs - 1000, { temperatureC: 22 }, 'a'),
      measured('sensor-1', nowMs - 1000, { temperatureC: 21 }, 'b'),
      measured('sensor-2', nowMs, { temperatureC: 99 }),
    ]);
    const expected = [
      { quantity: 'noiseDb', value: 40, at: iso(nowMs - 2000) },
      { quantity: 'pressureKPa', value: 101, at: iso(nowMs - 90 * dayMs) },
      { quantity: 'temperatureC', value: 22, at: iso(nowMs - 1000) },
    ];
    expect(await latestReadings(ground.pool, 'sensor-1')).toEqual(expected);
    await ground.maintain(nowMs);
    expect(await latestReadings(ground.pool, 'sensor-1')).toEqual(expected);
    expect(await latestReadings(ground.pool, 'unknown')).toEqual([]);
  });

  test('a reading of any time goes in, years late or years ahead, without a maintenance before', async () => {
    const times = [Date.UTC(1969, 6, 20), Date.UTC(2001, 0, 1), nowMs - 700 * dayMs, nowMs, nowMs + 800 * dayMs];
    await ground.deliver(times.map((atMs) => measured('sensor-1', atMs, { temperatureC: 1 })));
    await ground.deliver([measured('sensor-1', Date.UTC(2199, 11, 31, 23), { temperatureC: 1 })]);
    expect(await rowsOf(ground.pool)).toHaveLength(6);
  });

  test('what is beyond the retention is dropped, not shown, and not taken in again', async () => {
    const boundaryMs = retentionBoundaryMs(nowMs);
    const old = [-40 * dayMs, -1].map((aside) => measured('sensor-1', boundaryMs + aside, { temperatureC: 1 }));
    const kept = [0, dayMs].map((aside) => measured('sensor-1', boundaryMs + aside, { temperatureC: 2 }));
    await ground.deliver([...old, ...kept]);
    await ground.maintain(nowMs);
    const year = { from: iso(boundaryMs - 60 * dayMs), to: iso(boundaryMs + 60 * dayMs), bucketSeconds: 86_400 };
    const shown = async () => await readings(ground.pool, { device: 'sensor-1', quantity: 'temperatureC', ...year });
    expect((await shown()).map(({ count, max }) => [count, max])).toEqual([
      [1, 2],
      [1, 2],
    ]);
    const before = await rowsOf(ground.pool);
    await ground.deliver(old);
    expect(await rowsOf(ground.pool)).toEqual(before);
    await ground.maintain(nowMs + 62 * dayMs);
    expect(await shown()).toEqual([]);
    expect(await latestReadings(ground.pool, 'sensor-1')).toEqual([]);
  });

  test('a rebuild ends with the same readings and answers', async () => {
    const events = someDays(nowMs - 20 * dayMs, 20);
    await ground.deliver(events);
    const before = await rowsOf(ground.pool);
    await ground.maintain(nowMs);
    await transact(ground.pool)((sql) => resetProjection(sql, timeSeriesProjection));
    expect(await rowsOf(ground.pool)).toEqual([]);
    expect(await storageOf(ground.pool)).toBe(storage);
    const inTransaction = transact(ground.pool);
    const last = await applyBatch(inTransaction, timeSeriesProjection, null, events);
    expect(await prepareProjection(inTransaction, timeSeriesProjection)).toBe(last);
    expect(await rowsOf(ground.pool)).toEqual(before);
    await ground.maintain(nowMs);
    await expectAnswers(events, 'rebuilt and maintained');
  }, 60_000);

  test('projector and maintenance may work at the same time', async () => {
    const months = Array.from({ length: 24 }, (_, month) => nowMs - 300 * dayMs + month * 30 * dayMs);
    const rounds = months.flatMap((atMs) => [
      ground.deliver([measured('sensor-1', atMs, { temperatureC: 1 })]),
      ground.maintain(nowMs).then((results) => {
        expect(results.filter(({ failed }) => failed !== undefined)).toEqual([]);
      }),
    ]);
    await Promise.all(rounds);
    expect(await rowsOf(ground.pool)).toHaveLength(months.length);
  }, 60_000);

  test('a policy that nobody carried out is overdue, and one that fails says why', async () => {
    const due = async (atMs: number) =>
      (await timeSeriesPolicies(ground.pool, atMs)).filter(({ overdue }) => overdue).map(({ policy }) => policy);
    const all = (await timeSeriesPolicies(ground.pool, nowMs)).map(({ policy }) => policy);
    expect(await due(nowMs + maintainEverySeconds * 1000)).toEqual([]);
    const lateMs = nowMs + overdueAfterSeconds * 1000 + 60_000;
    expect(await due(lateMs)).toEqual(all.filter((policy) => policy !== 'storage'));
    await ground.maintain(lateMs);
    expect(await due(lateMs)).toEqual([]);
    expect((await timeSeriesPolicies(ground.pool, lateMs)).at(-1)!.lastRunAt).toBe(iso(lateMs));
  });

  test('a drop that a reader holds up fails alone, is told, and is done in the next round', async () => {
    const hasty = await open(2);
    await hasty.deliver([measured('sensor-1', nowMs - 600 * dayMs, { temperatureC: 1 })]);
    const results = await whileReading(hasty.pool, () => hasty.maintain(nowMs));
    expect(results.filter(({ failed }) => failed !== undefined)).toEqual([
      { policy: 'retention', did: '', failed: expect.stringMatching(/timeout/) },
    ]);
    const told = (await timeSeriesPolicies(hasty.pool, nowMs)).find(({ policy }) => policy === 'retention');
    expect(told).toMatchObject({ lastRunAt: null, detail: expect.stringMatching(/failed: .*timeout/) });
    expect((await hasty.maintain(nowMs)).find(({ policy }) => policy === 'retention')!.did).toMatch(/dropped/);
    expect(await rowsOf(hasty.pool)).toEqual([]);
  });

  test('more buckets than anybody draws are refused', async () => {
    const wanted = { device: 'a', quantity: 'b', from: iso(nowMs - 300 * dayMs), to: iso(nowMs), bucketSeconds: 60 };
    await expect(readings(ground.pool, wanted)).rejects.toMatchObject({ code: 'readings.too-many-buckets' });
  });
};
