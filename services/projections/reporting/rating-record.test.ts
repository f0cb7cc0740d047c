import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import { migrate } from '../../runtime/migrate.ts';
import { openPool, transact } from '../../runtime/postgres.ts';
import { rateMeasured } from '../star-rating/rate.ts';
import type { Rating } from '../star-rating/rating.ts';
import { standardInForce } from '../star-rating/standards.ts';
import { createRatingRecord, ratedAt, ratedStars } from './rating-record.ts';

let server: PostgresForTests;
let pool: ReturnType<typeof openPool>;

beforeAll(async () => {
  server = await postgresForTests();
  pool = openPool(await server.newDatabase(), { maxConnections: 2 });
  await migrate(transact(pool));
});
afterAll(async () => {
  await pool?.end();
  await server?.stop();
});
beforeEach(async () => {
  await pool.query('TRUNCATE hub.rating_latest, hub.rating_day');
});

/** `share` of what three stars ask for, of every criterion. */
const ratingOf = (at: string, share: number): Rating => {
  const standard = standardInForce(at);
  const measured = standard.criteria.map(({ id, thresholds }) => {
    const value = share * thresholds[3];
    return [
      id,
      { applicable: true, value, numerator: null, denominator: null, detail: () => ({ zh: '', en: '' }) },
    ] as const;
  });
  const compound = { id: 'garden', profile: 'retrofit' as const, timeZone: 'Asia/Shanghai' };
  return rateMeasured(standard, new Map(measured), { compound, at, position: null });
};

const written = async () => {
  const { rows } = await pool.query<{ day: string; at: Date; total: number }>(
    'SELECT day::text, rated_at AS at, total FROM hub.rating_day ORDER BY day',
  );
  const { rows: latest } = await pool.query<{ at: Date }>('SELECT rated_at AS at FROM hub.rating_latest');
  return {
    days: rows.map(({ day, at, total }) => [day, at.toISOString(), total]),
    latest: latest.map(({ at }) => at.toISOString()),
  };
};

test('the last rating of each of the compound’s own days stays, and the newest in full', async () => {
  const keep = createRatingRecord(pool);
  const [evening, morning] = [ratingOf('2026-07-01T15:59:00.000Z', 1), ratingOf('2026-07-01T16:10:00.000Z', 0.9)];
  await keep(evening, 'Asia/Shanghai');
  // Midnight in Shanghai lies between these two.
  await keep(ratingOf('2026-07-01T16:00:00.000Z', 1), 'Asia/Shanghai');
  await keep(morning, 'Asia/Shanghai');
  expect(await written()).toEqual({
    days: [
      ['2026-07-01', '2026-07-01T15:59:00.000Z', evening.total],
      ['2026-07-02', '2026-07-01T16:10:00.000Z', morning.total],
    ],
    latest: ['2026-07-01T16:10:00.000Z'],
  });
});

test('what changes no verdict is written every five minutes, what does at once', async () => {
  const keep = createRatingRecord(pool);
  await keep(ratingOf('2026-07-01T04:00:00.000Z', 0.8), 'Asia/Shanghai');
  await keep(ratingOf('2026-07-01T04:04:59.000Z', 0.81), 'Asia/Shanghai');
  expect((await written()).latest).toEqual(['2026-07-01T04:00:00.000Z']);
  await keep(ratingOf('2026-07-01T04:05:00.000Z', 0.81), 'Asia/Shanghai');
  expect((await written()).latest).toEqual(['2026-07-01T04:05:00.000Z']);
  await keep(ratingOf('2026-07-01T04:05:01.000Z', 1), 'Asia/Shanghai');
  expect((await written()).latest).toEqual(['2026-07-01T04:05:01.000Z']);
});

test('an older rating of another process changes nothing', async () => {
  await createRatingRecord(pool)(ratingOf('2026-07-01T04:00:00.000Z', 1), 'Asia/Shanghai');
  const before = await written();
  await createRatingRecord(pool)(ratingOf('2026-07-01T03:00:00.000Z', 0.5), 'Asia/Shanghai');
  expect(await written()).toEqual(before);
});

test('what lists ask of the newest rating stands beside it', async () => {
  const at = '2026-07-01T04:00:00.000Z';
  const good = ratingOf(at, 1);
  const keep = createRatingRecord(pool);
  await keep(good, 'Asia/Shanghai');
  await keep({ ...ratingOf(at, 0.1), compound: 'harbour' }, 'Asia/Shanghai');
  expect(await ratedStars(pool)).toEqual(
    new Map([
      ['garden', good.stars],
      ['harbour', 0],
    ]),
  );
  expect(await ratedStars(pool, ['harbour', 'nowhere'])).toEqual(new Map([['harbour', 0]]));
  expect((await ratedAt(pool)).get('garden')).toBe(Date.parse(at));
  const { rows } = await pool.query(
    `SELECT target_stars, total, target_total, standard FROM hub.rating_latest WHERE compound = 'garden'`,
  );
  const target = good.bands.find(({ stars }) => stars === good.targetStars)!.total;
  const standard = `${good.standard.id}@${good.standard.version}`;
  expect(rows).toEqual([{ target_stars: good.targetStars, total: good.total, target_total: target, standard }]);
});
