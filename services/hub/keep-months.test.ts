import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { createStory, deliver, emptyTables } from '../projections/star-rating/events-for-tests.ts';
import { starRatingProjection } from '../projections/star-rating/projection.ts';
import { compound } from '../registry/registry.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { keepMonthsOver } from './keep-months.ts';

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

const compounds = Array.from({ length: 12 }, (_, nth) => `court-${nth}`);
const court = { name: '小院', profile: 'retrofit', households: 10 };
const registeredAt = '2026-01-20T04:00:00.000Z';
/** From three months before the first of them was registered until the last that is over. */
const months = 9;

const look = (given: { lagSeconds?: number; signal?: AbortSignal; known?: (id: string) => boolean } = {}) => {
  const { lagSeconds = 0, signal = new AbortController().signal, known = (id) => id !== 'court-99' } = given;
  const rests: number[] = [];
  const own = { projection: starRatingProjection.name, position: '1', lagSeconds, events: 0, failing: null };
  const parts = {
    ...{ sql: pool, transact: transact(pool), status: () => [own] },
    clock: { now: () => Date.parse('2026-07-05T04:00:00.000Z') },
    index: { compounds: () => [...compounds, 'court-99'].filter(known).map((id) => compound.parse({ ...court, id })) },
  };
  const rest = async (spentMs: number) => rests.push(spentMs);
  return { rests, done: keepMonthsOver(parts, { signal, rest }) };
};
const kept = async (): Promise<number> => {
  const { rows } = await pool.query<{ kept: number }>('SELECT count(*)::integer AS kept FROM hub.rating_month');
  return rows[0]!.kept;
};

beforeEach(async () => {
  await emptyTables(pool);
  const story = createStory();
  await deliver(
    pool,
    compounds.map((id) => story.registerCompound(registeredAt, { id })),
  );
});

test('keeps every month that is over, some at a time, and rests after each', async () => {
  const first = look();
  expect(await first.done).toBe('more');
  expect(first.rests).toHaveLength(100);
  expect(await kept()).toBe(100);
  expect(await look().done).toBeUndefined();
  expect(await kept()).toBe(compounds.length * months);
  const again = look();
  await again.done;
  expect(again.rests).toEqual([]);
});

test('keeps nothing while the read model is behind', async () => {
  await look({ lagSeconds: 61 }).done;
  expect(await kept()).toBe(0);
});

test('a compound that only one of register and read model knows holds nobody up', async () => {
  await look({ known: (id) => id === 'court-3' || id === 'court-99' }).done;
  expect(await kept()).toBe(months);
});

test('leaves off at the signal', async () => {
  const stopping = new AbortController();
  stopping.abort();
  await look({ signal: stopping.signal }).done;
  expect(await kept()).toBe(0);
});
