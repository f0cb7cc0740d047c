import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import { migrate } from '../../runtime/migrate.ts';
import { openPool, transact } from '../../runtime/postgres.ts';
import { createStory, deliver, emptyTables } from './events-for-tests.ts';
import { createKeptPasts } from './kept-pasts.ts';

let server: PostgresForTests;
let pool: ReturnType<typeof openPool>;
beforeAll(async () => {
  server = await postgresForTests();
  pool = openPool(await server.newDatabase(), { maxConnections: 3 });
  await migrate(transact(pool));
});
afterAll(async () => {
  await pool?.end();
  await server?.stop();
});

const at = '2026-07-15T12:00:00.000Z';
const asked = { compound: 'garden', atMs: Date.parse(at), windowDays: 30 };
const registeredAt = '2026-07-01T00:00:00.000Z';

test('what a batch folds that was under way when a past was read is read by the next', async () => {
  await emptyTables(pool);
  const story = createStory();
  const gates = ['gate-1', 'gate-2', 'gate-3'];
  await deliver(pool, [
    story.registerCompound(registeredAt),
    ...gates.map((id) => story.registerDevice(registeredAt, { id })),
  ]);
  const passed = (id: string, hour: string) => story.said(id, 'gate.passed', `2026-07-14T${hour}:00:00.000Z`);
  const early = [passed('gate-1', '05')];
  const late = [passed('gate-2', '06')];
  const heardAgain = [passed('gate-1', '07')];
  const keep = createKeptPasts(pool);
  const heard = async (): Promise<number[]> => {
    const { devices } = (await keep(asked)).cut!({ at, windowDays: asked.windowDays });
    return devices.map(({ counts }) => Object.values(counts).reduce((sum, count) => sum + count, 0));
  };
  expect(await heard()).toEqual([0, 0, 0]);

  let commit: () => void = () => undefined;
  const mayCommit = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let folded: () => void = () => undefined;
  const isFolded = new Promise<void>((resolve) => {
    folded = resolve;
  });
  const underWay = transact(pool)(async (sql) => {
    await deliver(sql, early);
    folded();
    await mayCommit;
  });
  await isFolded;
  await deliver(pool, late);
  const [, second] = await heard();
  expect(second).toBeGreaterThan(0);
  expect(await heard()).toEqual([0, second, 0]);
  commit();
  await underWay;
  expect(await heard()).toEqual([second, second, 0]);
  await deliver(pool, heardAgain);
  expect(await heard()).toEqual([2 * second!, second, 0]);
});
