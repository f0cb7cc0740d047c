import { setTimeout as sleep } from 'node:timers/promises';
import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { eventOf } from '../event-log/decider.ts';
import { compoundStream } from '../event-log/event.ts';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { catchUp, prepareProjection } from '../projections/runner.ts';
import { starRatingProjection } from '../projections/star-rating/projection.ts';
import { type Compound, compound } from '../registry/registry.ts';
import { createRegistryIndex } from '../registry/registry-index.ts';
import { isoTime } from '../runtime/clock.ts';
import { silentLogger } from '../runtime/logger.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { makeRatings } from './make-rating.ts';
import { rateRegularly } from './rate-regularly.ts';

let server: PostgresForTests;
let pool: ReturnType<typeof openPool>;
beforeAll(async () => {
  server = await postgresForTests();
});
beforeEach(async () => {
  pool = openPool(await server.newDatabase(), { maxConnections: 4 });
  await migrate(transact(pool));
});
let stopRater: () => Promise<void> = async () => undefined;
afterEach(async () => {
  await stopRater();
  await pool.end();
});
afterAll(() => server?.stop());

const until = async <Found>(what: string, look: () => Promise<Found | undefined | false>): Promise<Found> => {
  for (let tries = 0; tries < 1_500; tries += 1) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await sleep(10);
  }
  throw new Error(`${what}: not within 15 s`);
};

const startMs = Date.parse('2026-07-01T04:00:00.000Z');
const garden = compound.parse({ id: 'garden', name: '花园', profile: 'retrofit', households: 10 });

const lookEveryMs = 2_000;

/** The rater's pauses as quick as they can be, and ratings that take none of that time. */
const createQuickTimer = () => {
  let nowMs = 0;
  let next: (() => Promise<void>) | undefined;
  return {
    nowMs: () => nowMs,
    pass: async (ms: number, signal: AbortSignal): Promise<void> => {
      await sleep(1, undefined, { signal });
      if (nowMs % lookEveryMs === 0) await next?.();
      nowMs += ms;
    },
    /** Lets something happen while the rater pauses right after a look. Resolves when it has. */
    afterLook: (happens: () => Promise<void>): Promise<void> =>
      new Promise((resolve, reject) => {
        next = () => {
          next = undefined;
          return happens().then(resolve, reject);
        };
      }),
  };
};

/** A rater over a log in memory, by a clock that stands still until it is moved. */
const startRater = async () => {
  const timer = createQuickTimer();
  const clock = { nowMs: startMs, now: () => clock.nowMs };
  const log = createMemoryEventLog();
  const index = createRegistryIndex();
  const projection = starRatingProjection;
  await prepareProjection(transact(pool), projection);
  const state = { position: null as string | null, lagSeconds: 0 };
  const metrics = createMetrics();
  const status = () => [{ projection: projection.name, failing: null, events: 0, ...state }];
  const rate = makeRatings(pool);
  stopRater = rateRegularly({ sql: pool, log, index, logger: silentLogger, clock, metrics, status, rate }, timer);
  return {
    ...{ timer, clock, log, metrics, state },
    /** Until it has looked twice since now. */
    looks: async (): Promise<void> => {
      const untilMs = timer.nowMs() + 3 * lookEveryMs;
      await until('two looks', async () => timer.nowMs() >= untilMs);
    },
    tell: async (type: string, of: Compound, data: object): Promise<void> => {
      const event = eventOf(crypto.randomUUID(), { type, data }, { occurredAt: isoTime(clock.now()), compound: of.id });
      await log.append([{ stream: compoundStream(of.id), expectedRevision: 'any', events: [event] }]);
      for (const recorded of await log.readStream(compoundStream(of.id))) index.apply(recorded);
      await catchUp(log, transact(pool), projection);
      state.position = (await log.head()).position;
    },
    ratedAt: async (id: string): Promise<number | undefined> => {
      const { rows } = await pool.query<{ at: Date }>(
        'SELECT rated_at AS at FROM hub.rating_latest WHERE compound = $1',
        [id],
      );
      return rows[0]?.at.getTime();
    },
  };
};

test('a new compound is rated, and again when something was told of it, but not sooner than half a minute later', async () => {
  const { clock, tell, ratedAt, log, looks } = await startRater();
  await tell('compound.registered', garden, garden);
  await until('the first rating', () => ratedAt('garden'));
  const change = await until('its first change', async () =>
    (await log.readStream(compoundStream('garden'))).find(({ type }) => type === 'rating.changed'),
  );
  expect(change.data).toMatchObject({ from: null });
  clock.nowMs = startMs + 10_000;
  await tell('compound.changed', garden, { figures: { fireDutyRoster: true, microFireStation: true } });
  // Verdicts that change are written at once, so a rating made too early would show by its instant.
  await looks();
  clock.nowMs = startMs + 40_000;
  expect(await until('the next rating', async () => (await ratedAt('garden')) !== startMs && ratedAt('garden'))).toBe(
    startMs + 40_000,
  );
});

test('a rating that is an hour old is made anew, though nothing was told', async () => {
  const { clock, tell, ratedAt } = await startRater();
  await tell('compound.registered', garden, garden);
  await until('the first rating', () => ratedAt('garden'));
  clock.nowMs = startMs + 3_600_000;
  expect(await until('the next rating', async () => (await ratedAt('garden')) !== startMs && ratedAt('garden'))).toBe(
    startMs + 3_600_000,
  );
});

test('nothing is rated while the read model is behind the log', async () => {
  const { clock, tell, ratedAt, state, looks } = await startRater();
  state.lagSeconds = 3600;
  await tell('compound.registered', garden, garden);
  await looks();
  clock.nowMs = startMs + 60_000;
  state.lagSeconds = 0;
  expect(await until('the first rating', () => ratedAt('garden'))).toBe(startMs + 60_000);
});

test('how old the oldest rating is, also of a compound that nobody could rate yet', async () => {
  const { clock, tell, metrics, state, looks } = await startRater();
  const oldest = async () => (await metrics.ratingOldestSeconds.get()).values[0]?.value;
  state.lagSeconds = 3600;
  await tell('compound.registered', garden, garden);
  // Seen at a look, while the clock stood still.
  await looks();
  clock.nowMs = startMs + 600_000;
  await until('ten minutes', async () => (await oldest()) === 600);
  state.lagSeconds = 0;
  await until('a fresh rating', async () => (await oldest()) === 0);
});

test('a compound that could not be rated comes again, and holds up nobody', async () => {
  const { clock, tell, ratedAt } = await startRater();
  await pool.query(`ALTER TABLE hub.rating_latest ADD CONSTRAINT not_garden CHECK (compound <> 'garden')`);
  const harbour = { ...garden, id: 'harbour' };
  await tell('compound.registered', garden, garden);
  await tell('compound.registered', harbour, harbour);
  await until('the other one', () => ratedAt('harbour'));
  await pool.query('ALTER TABLE hub.rating_latest DROP CONSTRAINT not_garden');
  clock.nowMs = startMs + 30_000;
  expect(await until('the failed one', () => ratedAt('garden'))).toBe(startMs + 30_000);
});

test('what was told since the last look is not lost with a rating that fails', async () => {
  const { timer, clock, tell, ratedAt, metrics, looks } = await startRater();
  await tell('compound.registered', garden, garden);
  await until('the first rating', () => ratedAt('garden'));
  await looks();
  await pool.query('ALTER TABLE hub.rating_latest ADD CONSTRAINT not_garden CHECK (false) NOT VALID');
  await timer.afterLook(async () => {
    clock.nowMs = startMs + 3_600_000;
    await tell('compound.changed', garden, { households: 11 });
  });
  // An hour old it is rated, and fails; half a minute later only what was told brings it back.
  const tries = async () => (await metrics.ratingSeconds.get()).values.at(-1)!.value;
  const before = await tries();
  await until('the try', async () => (await tries()) > before);
  await pool.query('ALTER TABLE hub.rating_latest DROP CONSTRAINT not_garden');
  clock.nowMs += 30_000;
  expect(await until('the next rating', async () => (await ratedAt('garden')) !== startMs && ratedAt('garden'))).toBe(
    startMs + 3_630_000,
  );
});
