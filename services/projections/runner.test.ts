import { eventHistory } from '../../test/event-history.ts';
import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import type { Projection } from '../event-log/projection.ts';
import { systemClock } from '../runtime/clock.ts';
import { silentLogger } from '../runtime/logger.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import type { Transact } from '../runtime/sql.ts';
import { applyBatch, catchUp, createRunner, prepareProjection, type Runner, resetProjection } from './runner.ts';

const history = eventHistory(7, 30);

let postgres: PostgresForTests;
let pool: ReturnType<typeof openPool>;
let log: EventLog;
const runners: Runner[] = [];

beforeAll(async () => {
  postgres = await postgresForTests();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  pool = openPool(await postgres.newDatabase());
  await migrate(transact(pool));
  log = createMemoryEventLog();
});
afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.stop();
  await log.close();
  await pool.end();
});

const write = async (from = 0, to = history.length): Promise<void> => {
  for (const append of history.slice(from, to)) await log.append([append]);
};

/** Writes down each event with how often it came; `fail` throws after the rows are written. */
const diary = (more: Partial<Projection> = {}, fail: () => boolean = () => false): Projection => ({
  name: 'diary',
  version: 1,
  schema: 'CREATE TABLE IF NOT EXISTS hub.diary (position integer PRIMARY KEY, times integer NOT NULL)',
  tables: ['hub.diary'],
  handles: ['device.*', 'compound.*'],
  async apply(sql, events) {
    for (const { position } of events) {
      await sql.query(
        'INSERT INTO hub.diary VALUES ($1, 1) ON CONFLICT (position) DO UPDATE SET times = diary.times + 1',
        [position],
      );
    }
    if (fail()) throw new Error('no ink');
  },
  ...more,
});
const pages = async (): Promise<{ position: number; times: number }[]> =>
  (await pool.query('SELECT position, times FROM hub.diary ORDER BY position')).rows;
const checkpoint = async (): Promise<string | null> =>
  (await pool.query("SELECT position FROM hub.projection_checkpoint WHERE projection = 'diary'")).rows[0]?.position;
const wanted = async (upTo = Number.MAX_SAFE_INTEGER): Promise<number[]> =>
  (await log.readAll(null, upTo))
    .filter(({ type }) => /^(device|compound)\./.test(type))
    .map(({ position }) => Number(position));

const until = async (what: string, ready: () => Promise<boolean> | boolean): Promise<void> => {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what}: not within 15 s`);
};

describe('a batch', () => {
  test('is applied with its checkpoint, events that nobody wants moving it too', async () => {
    await write();
    expect(await catchUp(log, transact(pool), diary())).toBe(history.length);
    expect((await pages()).map(({ position }) => position)).toEqual(await wanted());
    expect(await checkpoint()).toBe(String(history.length));
    expect(await catchUp(log, transact(pool), diary())).toBe(0);
  });
  test('that fails leaves neither rows nor a checkpoint', async () => {
    await write();
    await expect(
      catchUp(
        log,
        transact(pool),
        diary({}, () => true),
      ),
    ).rejects.toThrow('no ink');
    expect(await pages()).toEqual([]);
    expect(await checkpoint()).toBeNull();
  });
  test('from another place than the checkpoint is not applied', async () => {
    await write();
    await prepareProjection(transact(pool), diary());
    await expect(applyBatch(transact(pool), diary(), '3', await log.readAll('3', 5))).rejects.toThrow();
    expect(await pages()).toEqual([]);
  });
});

describe('a projection of another version', () => {
  test('starts over, with the tables of the new one', async () => {
    await write();
    await catchUp(log, transact(pool), diary());
    const next = diary({
      version: 2,
      schema:
        "CREATE TABLE IF NOT EXISTS hub.diary (position integer PRIMARY KEY, times integer, ink text DEFAULT 'blue')",
    });
    expect(await catchUp(log, transact(pool), next)).toBe(history.length);
    expect((await pool.query('SELECT DISTINCT ink, times FROM hub.diary')).rows).toEqual([{ ink: 'blue', times: 1 }]);
  });
});

describe('the runner', () => {
  const runnerWith = (transacting: Transact, ...projections: Projection[]): Runner => {
    const parts = { clock: systemClock, logger: silentLogger, metrics: createMetrics() };
    const runner = createRunner({ log, transact: transacting, ...parts }, projections);
    runners.push(runner);
    return runner;
  };
  const runnerOf = (...projections: Projection[]): Runner => runnerWith(transact(pool), ...projections);
  const caughtUp = () => until('caught up', async () => (await checkpoint()) === String((await log.head()).position));

  test('goes on from the checkpoint and follows what is written', async () => {
    await write(0, 20);
    await catchUp(log, transact(pool), diary());
    const runner = runnerOf(diary());
    await runner.start();
    await write(20);
    await caughtUp();
    await runner.stop();
    expect(await pages()).toEqual((await wanted()).map((position) => ({ position, times: 1 })));
    expect(runner.status()).toEqual([
      {
        projection: 'diary',
        position: String(history.length),
        lagSeconds: 0,
        failing: null,
        events: history.length - 20,
      },
    ]);
  });

  test('says that a projection fails, tries again, and goes on where it stood', async () => {
    await write();
    let broken = true;
    const runner = runnerOf(diary({}, () => broken));
    await runner.start();
    await until('failing', () => runner.status()[0]!.failing === 'no ink');
    broken = false;
    await caughtUp();
    await until('well again', () => runner.status()[0]!.failing === null);
    await runner.stop();
    expect(await pages()).toEqual((await wanted()).map((position) => ({ position, times: 1 })));
  });

  test('a failing one holds up nobody else', async () => {
    await write();
    const other = diary({ name: 'other', schema: '', tables: [] }, () => true);
    const runner = runnerOf({ ...other, apply: () => Promise.reject(new Error('no ink')) }, diary());
    await runner.start();
    await caughtUp();
    await runner.stop();
    expect((await pages()).length).toBeGreaterThan(0);
  });

  test('is well again after the database was away, though nothing new was written', async () => {
    await write();
    let away = false;
    const refused = new Error('connection refused');
    const flaky = runnerWith((work) => (away ? Promise.reject(refused) : transact(pool)(work)), diary());
    await flaky.start();
    await caughtUp();
    away = true;
    await expect(flaky.rebuild('diary')).rejects.toThrow('connection refused');
    await pool.query("UPDATE hub.projection_checkpoint SET position = NULL WHERE projection = 'diary'");
    await log.append([{ ...history[0]!, events: [{ ...history[0]!.events[0]!, id: crypto.randomUUID() }] }]);
    await until('failing', () => flaky.status()[0]!.failing === 'connection refused');
    await pool.query("UPDATE hub.projection_checkpoint SET position = $1 WHERE projection = 'diary'", [
      (await log.head()).position,
    ]);
    away = false;
    await until('well again', () => flaky.status()[0]!.failing === null);
    await flaky.stop();
  });

  test('rebuilds while it follows: every event is there once in the end', async () => {
    const runner = runnerOf(diary());
    await runner.start();
    const writing = write();
    for (let round = 0; round < 5; round += 1) await runner.rebuild('diary');
    await writing;
    await caughtUp();
    await runner.stop();
    expect(await pages()).toEqual((await wanted()).map((position) => ({ position, times: 1 })));
  });

  test('a batch under way and a rebuild wait for each other instead of locking each other out', async () => {
    await write();
    await prepareProjection(transact(pool), diary());
    let applying: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      applying = resolve;
    });
    const slow = diary({
      async apply(sql, events) {
        applying();
        await new Promise((resolve) => setTimeout(resolve, 300));
        await diary().apply(sql, events);
      },
    });
    const batch = applyBatch(transact(pool), slow, null, await log.readAll(null, 10));
    await begun;
    const rebuild = transact(pool)((sql) => resetProjection(sql, slow));
    await expect(Promise.all([batch, rebuild])).resolves.toBeDefined();
    expect(await pages()).toEqual([]);
    expect(await checkpoint()).toBeNull();
  });

  test('does not rebuild what writes to the log, or what it does not know', async () => {
    const runner = runnerOf(diary({ rebuildable: false }));
    await runner.start();
    await expect(runner.rebuild('diary')).rejects.toMatchObject({ code: 'projection.not-rebuildable' });
    await expect(runner.rebuild('nobody')).rejects.toThrow('nobody');
    await runner.stop();
  });
});
