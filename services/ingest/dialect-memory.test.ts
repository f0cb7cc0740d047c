import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { openDialectMemory } from './dialect-memory.ts';

let postgres: PostgresForTests;
let pool: ReturnType<typeof openPool>;

beforeAll(async () => {
  postgres = await postgresForTests();
  pool = openPool(await postgres.newDatabase());
  await migrate(transact(pool));
});
afterAll(async () => {
  await pool?.end();
  await postgres?.stop();
});
beforeEach(() => pool.query('TRUNCATE hub.dialect_memory'));

test('what one process stored, another one knows after a look, of that sender alone', async () => {
  const [here, there] = [await openDialectMemory(pool), await openDialectMemory(pool)];
  await there.remember('gw-1', { door: 'open', lamp: 'on' })!.store();
  await there.remember('gw-2', { door: 'shut' })!.store();
  await here.reload('gw-1');
  expect([here.recall('gw-1', 'door'), here.recall('gw-1', 'lamp')]).toEqual(['open', 'on']);
  expect(here.recall('gw-2', 'door')).toBeUndefined();
  await there.remember('gw-1', { door: null })!.store();
  await here.reload('gw-1');
  expect([here.recall('gw-1', 'door'), here.recall('gw-1', 'lamp')]).toEqual([undefined, 'on']);
  expect((await openDialectMemory(pool)).recall('gw-2', 'door')).toBe('shut');
});

test('a look never takes away what is being said here', async () => {
  const memory = await openDialectMemory(pool);
  await memory.remember('gw-1', { door: 'shut' })!.store();
  const unstored = memory.remember('gw-1', { door: 'open' })!;
  await memory.reload('gw-1');
  expect(memory.recall('gw-1', 'door')).toBe('open');
  const looking = memory.reload('gw-1');
  await unstored.store();
  await looking;
  expect(memory.recall('gw-1', 'door')).toBe('open');
  const late = memory.reload('gw-1');
  const takenBack = memory.remember('gw-1', { door: 'ajar' })!;
  takenBack.undo();
  await late;
  expect(memory.recall('gw-1', 'door')).toBe('open');
});
