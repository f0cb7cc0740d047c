import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { compound } from '../registry/registry.ts';
import { silentLogger } from '../runtime/logger.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { makeRatings } from './make-rating.ts';
import { runReadModels } from './read-models.ts';

let server: PostgresForTests;
beforeAll(async () => {
  server = await postgresForTests();
});
afterAll(() => server?.stop());

const runnerOf = (url: string) =>
  runReadModels({
    settings: { databaseUrl: url, eventLogUrl: url, logLevel: 'silent' },
    passOn: () => undefined,
    logger: silentLogger,
    metrics: createMetrics(),
  });
const nowhere = 'postgres://hub@127.0.0.1:1/hub';
const garden = compound.parse({ id: 'garden', name: '花园', profile: 'retrofit', households: 10 });
const at = '2026-07-01T04:00:00.000Z';

test('the thread rates as the process itself does, and says why it can’t', async () => {
  const url = await server.newDatabase();
  const pool = openPool(url, { maxConnections: 2 });
  const runner = runnerOf(url);
  try {
    await migrate(transact(pool));
    await runner.start();
    await expect(runner.rate(garden, 'someday')).rejects.toThrow('Invalid time value');
    const harbour = { ...garden, id: 'harbour' };
    for (const rated of [garden, harbour]) {
      expect(await runner.rate(rated, at)).toEqual(await makeRatings(pool)(rated, at));
    }
  } finally {
    await runner.stop();
    await pool.end();
  }
});

test('a stop doesn’t wait for a thread that is still starting', async () => {
  const runner = runnerOf(nowhere);
  const started = runner.start();
  await Promise.all([expect(started).rejects.toThrow('the thread of the read models ended'), runner.stop()]);
});

test('a thread that has ended is asked nothing more', async () => {
  const runner = runnerOf(nowhere);
  await expect(runner.start()).rejects.toThrow();
  await expect(runner.rate(garden, at)).rejects.toThrow();
  await expect(runner.rebuild('registry')).rejects.toThrow();
  await runner.stop();
});
