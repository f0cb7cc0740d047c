import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { prepareProjection } from '../projections/runner.ts';
import { starRatingProjection } from '../projections/star-rating/projection.ts';
import { compound } from '../registry/registry.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { type RatingMaker, rateInProcess, rateInThread } from './rating-maker.ts';

let server: PostgresForTests;
beforeAll(async () => {
  server = await postgresForTests();
});
afterAll(() => server?.stop());

let maker: RatingMaker;
afterEach(() => maker.stop());

const garden = compound.parse({ id: 'garden', name: '花园', profile: 'retrofit', households: 10 });
const at = '2026-07-01T04:00:00.000Z';

test('a thread rates as the process itself does, one compound after the other, and no more once it was stopped', async () => {
  const url = await server.newDatabase();
  const pool = openPool(url, { maxConnections: 2 });
  try {
    await migrate(transact(pool));
    await prepareProjection(transact(pool), starRatingProjection);
    maker = rateInThread(url);
    const harbour = { ...garden, id: 'harbour' };
    for (const rated of [garden, harbour]) {
      expect(await maker.rate(rated, at)).toEqual(await rateInProcess(pool).rate(rated, at));
    }
    await maker.stop();
    await expect(maker.rate(garden, at)).rejects.toThrow('ratings are made no more');
  } finally {
    await pool.end();
  }
});

test('a rating that fails says why, and the next one may succeed', async () => {
  const pool = openPool(await server.newDatabase(), { maxConnections: 2 });
  try {
    maker = rateInThread(pool.options.connectionString!);
    await expect(maker.rate(garden, at)).rejects.toThrow('does not exist');
    await migrate(transact(pool));
    await prepareProjection(transact(pool), starRatingProjection);
    expect(await maker.rate(garden, at)).toMatchObject({ compound: 'garden' });
  } finally {
    await pool.end();
  }
});

test('a stop breaks off what is under way, also a thread that is still starting', async () => {
  maker = rateInThread('postgres://hub@127.0.0.1:1/hub');
  const rated = maker.rate(garden, at);
  await Promise.all([expect(rated).rejects.toThrow('the thread that rates ended'), maker.stop()]);
});
