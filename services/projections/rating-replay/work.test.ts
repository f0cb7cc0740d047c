import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import type { RecordedEvent } from '../../event-log/event.ts';
import { migrate } from '../../runtime/migrate.ts';
import { openPool, transact } from '../../runtime/postgres.ts';
import type { Transact } from '../../runtime/sql.ts';
import { prepareProjection } from '../runner.ts';
import { cutterOf } from '../star-rating/cut.ts';
import { createStory, deliver, emptyTables } from '../star-rating/events-for-tests.ts';
import { loadPast } from '../star-rating/load-past.ts';
import { measure } from '../star-rating/measures/measures.ts';
import type { CompoundPast } from '../star-rating/past.ts';
import { starRatingProjection } from '../star-rating/projection.ts';
import { rateCompound } from '../star-rating/rate-compound.ts';
import { standardInForce, standardName } from '../star-rating/standards.ts';
import { daysOf } from './days.ts';
import { ratingReplayProjection } from './projection.ts';
import { ratingReplays, replayChanges } from './queries.ts';
import { type OpenReplay, oldestOpen, outcomeOf, plan, workOn, writeDays } from './work.ts';

let server: PostgresForTests;
let pool: ReturnType<typeof openPool>;

beforeAll(async () => {
  server = await postgresForTests();
  pool = openPool(await server.newDatabase(), { maxConnections: 4 });
  await migrate(transact(pool));
  await prepareProjection(transact(pool), starRatingProjection);
  await prepareProjection(transact(pool), ratingReplayProjection);
});
afterAll(async () => {
  await pool?.end();
  await server?.stop();
});

const now = '2026-07-01T04:00:00.000Z';
const clock = { now: () => Date.parse(now) };
const standard = standardName(standardInForce(now));
const compounds = ['a-court', 'b-court', 'c-court'];
const period = { from: '2026-06-28', to: '2026-06-30' };
const dayBefore = (days: number): string => new Date(Date.parse(now) - days * 86_400_000).toISOString();

const history = (): RecordedEvent[] => {
  const story = createStory();
  return compounds.flatMap((id) => [
    story.registerCompound(id === 'c-court' ? dayBefore(2) : dayBefore(60), { id }),
    story.registerDevice(dayBefore(60), { id: `${id}-cam`, compound: id, kind: 'camera' }),
    ...[59, 20, 2, 1].map((days) =>
      story.said(`${id}-cam`, 'camera.picture-probed', dayBefore(days), { ok: days !== 2 }, { compound: id }),
    ),
  ]);
};

let story: ReturnType<typeof createStory>;
const say = async (replay: string, type: string, data: object = {}): Promise<void> => {
  const event = story.event(`rating-replay-${replay}`, type, now, data, { actor: 'user:lin' });
  await ratingReplayProjection.apply(pool, [event]);
};

let replays = 0;
const asked = async (wanted: string[] | null = null): Promise<OpenReplay> => {
  replays += 1;
  const id = `replay-${replays}`;
  await say(id, 'rating-replay.requested', { standard, ...period, compounds: wanted });
  const replay = (await oldestOpen(pool))!;
  expect(replay).toEqual({ id, standard, ...period, compounds: wanted });
  await plan(transact(pool), replay, { all: compounds.map((id) => ({ id, timeZone: 'Asia/Shanghai' })), clock });
  return replay;
};

beforeEach(async () => {
  story = createStory();
  await pool.query('TRUNCATE hub.rating_replay, hub.rating_replay_run CASCADE');
  await emptyTables(pool);
  await deliver(pool, history());
});

const work = (replay: OpenReplay, { signal = new AbortController().signal, by = transact(pool) } = {}) =>
  workOn({ transact: by, clock, signal, rest: async () => undefined }, replay);
const rows = async () => {
  const found = await pool.query(
    `SELECT compound, done_at IS NOT NULL AS done, failure, stars_replayed AS stars FROM hub.rating_replay_compound
     ORDER BY compound`,
  );
  return found.rows;
};
const shown = async () => (await ratingReplays(pool, { limit: 10 })).items[0]!;

test('the same standard gives each day the stars that a rating of its end gives', async () => {
  const replay = await asked();
  await work(replay);
  for (const { compound, stars } of await rows()) {
    const expected = await Promise.all(
      daysOf(period.from, period.to, 'Asia/Shanghai').map(async ({ day, at }) => {
        if (compound === 'c-court' && day === '2026-06-28') return null;
        const about = { id: compound, name: compound, profile: 'retrofit', timeZone: 'Asia/Shanghai' } as const;
        return (await rateCompound(pool, standardInForce(at), { compound: about as never, at })).stars;
      }),
    );
    expect([compound, stars]).toEqual([compound, expected]);
  }
  expect(await outcomeOf(pool, replay.id)).toEqual({
    summary: { up: 0, down: 0, same: 3 },
    days: { up: 0, down: 0, same: 8 },
  });
});

test('counts told in pieces, and by one device for all that are alike, are those of each day', async () => {
  const of = { compound: 'e-court' };
  const gates = ['one', 'two', 'three', 'late', 'mover', 'plates'];
  const registered = [
    story.registerCompound(dayBefore(60), { id: of.compound }),
    ...['one', 'two', 'three'].map((id) => story.registerDevice(dayBefore(60), { id, ...of })),
    story.registerDevice(dayBefore(60), { id: 'plates', ...of, features: ['plate-recognition'] }),
    story.registerDevice(dayBefore(2), { id: 'late', ...of }),
    story.registerDevice(dayBefore(60), { id: 'mover', compound: 'a-court' }),
    story.said('mover', 'device.changed', dayBefore(10), of),
  ];
  const passes = gates.flatMap((id, nth) =>
    Array.from({ length: 60 }, (_, pass) => {
      const hoursBack = 7 + pass * (17 + nth);
      const delaySeconds = (pass * (nth + 1)) % 5 === 0 ? 300 : 1;
      const when = Date.parse(now) - hoursBack * 3_600_000;
      const receivedAt = new Date(when + delaySeconds * 1000).toISOString();
      return story.said(id, 'gate.passed', new Date(when).toISOString(), {}, { ...of, receivedAt });
    }),
  );
  await deliver(pool, [...registered, ...passes]);
  const days = daysOf('2026-05-25', '2026-06-30', 'Asia/Shanghai').map(({ at }) => at);
  const stretch = { fromMs: Date.parse(days[0]!), toMs: Date.parse(days.at(-1)!), windowDays: 30 };
  const whole = await loadPast(pool, of.compound, stretch);
  const together = await loadPast(pool, of.compound, { ...stretch, cutHours: [16], summedAlike: true });
  const told = ({ devices }: CompoundPast) => gates.filter((id) => (devices.get(id)?.counts ?? []).length > 0);
  expect([told(whole), told(together)]).toEqual([gates, ['one', 'late', 'mover', 'plates']]);
  const deliveries = (past: CompoundPast, at: string) => {
    const facts = cutterOf(past)!({ at, windowDays: 30 });
    const { numerator, denominator } = measure(facts, {
      ...{ name: 'delivery-within', eventTypes: ['gate.passed'], withinSeconds: 60, whenNone: 'no-evidence' },
    });
    return [at, numerator, denominator];
  };
  const expected = days.map((at) => deliveries(whole, at));
  expect(days.map((at) => deliveries(together, at))).toEqual(expected);
  expect(new Set(expected.map(([, numerator]) => numerator)).size).toBeGreaterThan(3);
});

test('after a crash it goes on with the first compound that isn’t finished, and nothing is there twice', async () => {
  const replay = await asked();
  let transactions = 0;
  const crashing: Transact = (workOf) => {
    transactions += 1;
    if (transactions === 3) throw new Error('killed');
    return transact(pool)(async (sql) => {
      const result = await workOf(sql);
      // The second compound was rated and written, and the process dies before the commit.
      if (transactions === 2) throw new Error('killed');
      return result;
    });
  };
  await expect(work(replay, { by: crashing })).rejects.toThrow('killed');
  expect((await rows()).map(({ done }) => done)).toEqual([true, false, false]);
  expect(await outcomeOf(pool, replay.id)).toBeUndefined();
  expect(await shown()).toMatchObject({ state: 'running', progress: { done: 1, total: 3 }, summary: null });

  const again = (await oldestOpen(pool))!;
  await plan(transact(pool), again, { all: [{ id: 'd-court', timeZone: 'Asia/Shanghai' }], clock });
  await work(again);
  expect((await rows()).map(({ compound, done }) => [compound, done])).toEqual(compounds.map((id) => [id, true]));
});

test('several workers share one replay', async () => {
  const replay = await asked();
  await Promise.all([work(replay), work(replay), work(replay)]);
  expect(await shown()).toMatchObject({ progress: { done: 3, total: 3 } });
});

test('cancelled, it stops after the compound under way, and the next in the queue has its turn', async () => {
  const replay = await asked();
  await workOn(
    {
      ...{ transact: transact(pool), clock, signal: new AbortController().signal },
      rest: () => say(replay.id, 'rating-replay.cancelled'),
    },
    replay,
  );
  expect((await rows()).map(({ done }) => done)).toEqual([true, false, false]);
  expect(await shown()).toMatchObject({ state: 'cancelled', requestedBy: 'user:lin', finishedAt: now });
  expect(await oldestOpen(pool)).toBeUndefined();
  await asked(['b-court']);
  expect(await shown()).toMatchObject({ state: 'running', progress: { done: 0, total: 1 } });
});

test('the signal stops it between two compounds', async () => {
  const replay = await asked();
  const stopping = new AbortController();
  await workOn(
    { transact: transact(pool), clock, signal: stopping.signal, rest: async () => stopping.abort() },
    replay,
  );
  expect((await rows()).map(({ done }) => done)).toEqual([true, false, false]);
});

test('a compound that can’t be rated fails the replay, and the others are rated', async () => {
  const replay = { ...(await asked()), standard: 'gone@1' };
  await pool.query(`UPDATE hub.rating_replay_compound SET time_zone = 'Nowhere/Else' WHERE compound = 'b-court'`);
  await work({ ...replay, standard });
  expect((await rows()).map(({ failure }) => failure === null)).toEqual([true, false, true]);
  expect(await outcomeOf(pool, replay.id)).toEqual({
    failure: expect.stringMatching(/^1 of 3 compounds could not be rated, first b-court: /),
  });
}, 20_000);

test('only some compounds are rated where only some were asked for', async () => {
  await work(await asked(['c-court']));
  expect((await rows()).map(({ compound, done }) => [compound, done])).toEqual([['c-court', true]]);
});

describe('what it found', () => {
  const day = (date: string, starsInForce: number, starsReplayed: number) => ({
    ...{ day: date, starsInForce, starsReplayed, criteria: starsInForce === starsReplayed ? [] : ['CAM-3'] },
  });
  const change = (compound: string, of: ReturnType<typeof day>) => ({ compound, until: of.day, days: 1, ...of });
  const [fourth, third, thirtieth] = [day('2026-06-28', 4, 3), day('2026-06-29', 3, 0), day('2026-06-30', 3, 4)];
  const found = [change('a-court', fourth!), change('a-court', thirtieth!), change('b-court', third!)];
  let replay: string;
  beforeEach(async () => {
    replay = (await asked()).id;
    const write = (compound: string, days: Parameters<typeof writeDays>[2]) =>
      writeDays(pool, { replay, compound, doneAt: now }, days);
    await write('a-court', [fourth!, day('2026-06-29', 3, 3), thirtieth!]);
    await write('b-court', [null, third!, day('2026-06-30', 2, 2)]);
  });

  test('is counted by compound on the last day, and by day, once all are rated', async () => {
    expect(await outcomeOf(pool, replay)).toBeUndefined();
    await writeDays(pool, { replay, compound: 'c-court', doneAt: now }, [null, null, null]);
    expect(await outcomeOf(pool, replay)).toEqual({
      summary: { up: 1, down: 0, same: 1 },
      days: { up: 1, down: 2, same: 2 },
    });
  });
  test.each([
    [{}, found],
    [{ direction: 'up' as const }, [found[1]]],
    [{ direction: 'down' as const }, [found[0], found[2]]],
    [{ compound: 'b-court' }, [found[2]]],
  ])('is told by %j', async (filter, expected) => {
    expect((await replayChanges(pool, { replay, limit: 10, ...filter })).items).toEqual(expected);
  });
  test('comes page by page', async () => {
    const items = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < found.length; pages += 1) {
      const page = await replayChanges(pool, { replay, limit: 1, cursor });
      items.push(...page.items);
      cursor = page.next ?? undefined;
    }
    expect(items).toEqual(found);
    expect(cursor).toBeUndefined();
  });
  test('makes room for newer replays, and says so', async () => {
    const counts = { up: 0, down: 0, same: 0 };
    await say(replay, 'rating-replay.finished', { summary: counts, days: counts });
    await pool.query(`UPDATE hub.rating_replay_run SET planned_at = planned_at - interval '1 day'`);
    for (let newer = 0; newer < 19; newer += 1) {
      const { id } = await asked();
      await say(id, 'rating-replay.cancelled');
    }
    expect((await replayChanges(pool, { replay, limit: 10 })).items).toHaveLength(found.length);
    await asked();
    await expect(replayChanges(pool, { replay, limit: 10 })).rejects.toMatchObject({ code: 'rating-replay.dropped' });
  });
});

test('the list comes newest first, page by page', async () => {
  for (let count = 0; count < 3; count += 1)
    await say(`list-${count}`, 'rating-replay.requested', { standard, ...period, compounds: null });
  const first = await ratingReplays(pool, { limit: 2 });
  const second = await ratingReplays(pool, { limit: 2, cursor: first.next ?? undefined });
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['list-2', 'list-1', 'list-0']);
  expect([first.items[0]!.state, second.next]).toEqual(['queued', null]);
});
