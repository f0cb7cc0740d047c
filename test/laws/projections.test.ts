import type pg from 'pg';
import { readModels } from '../../services/hub/projections.ts';
import { migrate } from '../../services/runtime/migrate.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { describeProjectionLaws } from '../projection-laws.ts';

let postgres: PostgresForTests;
let pool: pg.Pool;

beforeAll(async () => {
  postgres = await postgresForTests();
  pool = openPool(await postgres.newDatabase());
  await migrate(transact(pool));
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

/** When the hub last wrote or ran something, and how often a day was touched: not what the log says. */
const ignoredColumns = ['made_at', 'ran_at', 'mark'];

for (const projection of readModels) {
  describeProjectionLaws(projection, () => ({ sql: pool, transact: transact(pool) }), { ignoredColumns });
}
