import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import { isoTime } from '../../runtime/clock.ts';
import { migrate } from '../../runtime/migrate.ts';
import { openPool, transact } from '../../runtime/postgres.ts';
import { cutterOf } from './cut.ts';
import { createStory, deliver, emptyTables, pastOfStory } from './events-for-tests.ts';
import { createKeptPasts } from './kept-pasts.ts';
import { ratingFacts } from './queries.ts';

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

const hourMs = 3_600_000;
const windowDays = 10;

test.each([
  ['Asia/Shanghai', '2026-07-15T00:00:00.000Z'],
  ['Asia/Kathmandu', '2026-07-15T00:00:00.000Z'],
  // Clocks are put on, are put back, and a day is left out.
  ['Europe/Berlin', '2026-04-01T00:00:00.000Z'],
  ['Europe/Berlin', '2026-10-28T00:00:00.000Z'],
  ['Pacific/Apia', '2012-01-03T00:00:00.000Z'],
])('at both ends of a window in %s what is read by the hour is what was told, around %s', async (timeZone, around) => {
  await emptyTables(pool);
  const story = createStory();
  const middleMs = Date.parse(around);
  const sinceMs = middleMs - 20 * 24 * hourMs;
  const events = [
    story.registerCompound(isoTime(sinceMs), { timeZone }),
    story.registerDevice(isoTime(sinceMs), { id: 'gate-1' }),
    ...Array.from({ length: 23 * 24 }, (_, hour) =>
      story.said('gate-1', 'gate.passed', isoTime(sinceMs + hour * hourMs + (hour % 60) * 60_000)),
    ),
  ];
  await deliver(pool, events);
  const told = cutterOf(pastOfStory(events, 'garden'))!;
  const keep = createKeptPasts(pool);
  for (let minutes = -26 * 60; minutes <= 26 * 60; minutes += 65) {
    const atMs = middleMs + minutes * 60_000;
    const asked = { compound: 'garden', at: isoTime(atMs), windowDays };
    const { counts } = told(asked).devices[0]!;
    expect((await ratingFacts(pool, asked))!.devices[0]!.counts).toEqual(counts);
    expect((await keep({ ...asked, atMs })).cut!(asked).devices[0]!.counts).toEqual(counts);
  }
});
