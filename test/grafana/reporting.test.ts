import { readFileSync } from 'node:fs';
import { describeReporting } from '../../services/projections/reporting/describe.ts';
import { prepareReporting, reportRole } from '../../services/projections/reporting/prepare-reporting.ts';
import { reportingViews } from '../../services/projections/reporting/views.ts';
import { catchUp, prepareProjection, resetProjection } from '../../services/projections/runner.ts';
import { migrate } from '../../services/runtime/migrate.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import { StartRefused } from '../../services/runtime/start-refused.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { allHealth } from './all-health.ts';
import { type FilledCity, fillCity } from './city-database.ts';

let server: PostgresForTests;
let url: string;
let city: FilledCity;
let reader: ReturnType<typeof openPool>;
const password = "it's a secret §";

beforeAll(async () => {
  server = await postgresForTests();
  url = await server.newDatabase();
  city = await fillCity(url, { password });
  const asReader = new URL(url);
  asReader.username = 'xingyuan_grafana';
  asReader.password = encodeURIComponent(password);
  reader = openPool(asReader.href, { maxConnections: 1 });
}, 120_000);
afterAll(async () => {
  await reader?.end();
  await city?.close();
  await server?.stop();
}, 60_000);

test('the document beside the views is theirs: npx tsx services/projections/reporting/write-readme.ts', () => {
  const path = new URL('../../services/projections/reporting/README.md', import.meta.url);
  expect(readFileSync(path, 'utf8')).toBe(describeReporting());
});

test.each(reportingViews.map((view) => [view.name, view] as const))(
  '%s is as documented, and filled',
  async (_, view) => {
    const { rows } = await city.pool.query<{ column: string; type: string }>(
      `SELECT column_name AS column, data_type AS type FROM information_schema.columns
     WHERE table_schema = 'reporting_v1' AND table_name = $1 ORDER BY ordinal_position`,
      [view.name],
    );
    expect(rows.map(({ column, type }) => [column, type])).toEqual(
      Object.entries(view.columns).map(([column, [type]]) => [column, type]),
    );
    const { rows: found } = await reader.query(`SELECT * FROM reporting_v1.${view.name}`);
    expect(found.length).toBeGreaterThan(0);
  },
);

test('there is no view beside the documented ones', async () => {
  const { rows } = await city.pool.query<{ name: string }>(
    `SELECT viewname AS name FROM pg_views WHERE schemaname = 'reporting_v1' ORDER BY 1`,
  );
  expect(rows.map(({ name }) => name)).toEqual(reportingViews.map(({ name }) => name).sort());
});

test('Grafana’s login reads the views, and nothing that lies beneath them', async () => {
  const { rows: tables } = await city.pool.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'hub' AND c.relkind IN ('r', 'p', 'v', 'm')`,
  );
  expect(tables.length).toBeGreaterThan(20);
  for (const { name } of tables) {
    await expect(reader.query(`SELECT * FROM ${name} LIMIT 1`)).rejects.toThrow(/permission denied/);
  }
  for (const write of [
    'CREATE TABLE public.mine ()',
    'CREATE TABLE reporting_v1.mine ()',
    `UPDATE reporting_v1.rating_day SET stars = 5`,
    'DELETE FROM reporting_v1.ingest_hour',
  ]) {
    // Its transactions are read-only unless it says otherwise, so this says otherwise.
    await expect(reader.query(`BEGIN READ WRITE; ${write}; COMMIT`)).rejects.toThrow(/permission denied/);
    await reader.query('ROLLBACK');
  }
  const { rows } = await reader.query('SELECT rolconfig FROM pg_roles WHERE rolname = current_user');
  expect(rows).toEqual([{ rolconfig: ['statement_timeout=30s', 'default_transaction_read_only=on'] }]);
});

test('without a password there is no login for the role itself, and preparing again changes nothing', async () => {
  const dump = async () =>
    (
      await city.pool.query(
        `SELECT viewname, definition, has_table_privilege($1, schemaname || '.' || viewname, 'SELECT') AS readable
         FROM pg_views WHERE schemaname = 'reporting_v1' ORDER BY 1`,
        [reportRole],
      )
    ).rows;
  const before = await dump();
  await Promise.all([prepareReporting(city.inTransaction), prepareReporting(city.inTransaction)]);
  expect(await dump()).toEqual(before);
  expect(before.every(({ readable }) => readable)).toBe(true);
  const { rows } = await city.pool.query('SELECT rolcanlogin FROM pg_roles WHERE rolname = $1', [reportRole]);
  expect(rows).toEqual([{ rolcanlogin: false }]);
  await expect(reader.query('SELECT count(*) FROM reporting_v1.compound')).resolves.toBeDefined();
});

describe('a database user that may not create roles', () => {
  const asOwner = async () => {
    const own = new URL(await server.newDatabase());
    const name = `owner_${own.pathname.slice(-12)}`;
    await city.pool.query(`CREATE ROLE ${name} LOGIN PASSWORD 'owner'`);
    await city.pool.query(`ALTER DATABASE ${own.pathname.slice(1)} OWNER TO ${name}`);
    own.username = name;
    own.password = 'owner';
    const pool = openPool(own.href, { maxConnections: 2 });
    await migrate(transact(pool));
    for (const projection of city.projections) await prepareProjection(transact(pool), projection);
    const end = async (): Promise<void> => {
      await pool.end();
      await city.pool.query(`DROP DATABASE ${own.pathname.slice(1)} WITH (FORCE)`);
      await city.pool.query(`DROP ROLE ${name}`);
    };
    return { pool, end };
  };

  test('is told so when a login is asked for, and nothing is half done', async () => {
    const { pool, end } = await asOwner();
    const refused = prepareReporting(transact(pool), { password: 'grafana' });
    await expect(refused).rejects.toThrow(/HUB_REPORT_PASSWORD.*CREATEROLE/s);
    await expect(refused).rejects.toBeInstanceOf(StartRefused);
    const { rows } = await pool.query(`SELECT FROM pg_namespace WHERE nspname = 'reporting_v1'`);
    expect(rows).toEqual([]);
    await end();
  });

  test('lets the role read that an administrator made', async () => {
    const { pool, end } = await asOwner();
    expect(await prepareReporting(transact(pool))).toEqual({ role: 'ready' });
    const { rows } = await pool.query(`SELECT has_table_privilege($1, 'reporting_v1.compound', 'SELECT') AS may`, [
      reportRole,
    ]);
    expect(rows).toEqual([{ may: true }]);
    await end();
  });
});

test('a view says of a device what the hub says', async () => {
  const { rows } = await reader.query<{ device: string; state: string }>(
    'SELECT device, state FROM reporting_v1.device',
  );
  const expected = await allHealth(city);
  expect(Object.fromEntries(rows.map(({ device, state }) => [device, state]))).toEqual(expected);
  expect(new Set(Object.values(expected))).toEqual(new Set(['online', 'offline', 'silent', 'never-heard']));
});

describe('a rebuild while Grafana reads', () => {
  const rowsOf = async (): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const { name } of reportingViews) {
      const { rows } = await reader.query<{ count: string }>(`SELECT count(*) FROM reporting_v1.${name}`);
      counts[name] = Number(rows[0]?.count);
    }
    return counts;
  };

  test('no query fails, and in the end all is as before', async () => {
    const before = await rowsOf();
    let reading = true;
    let queries = 0;
    const look = async (): Promise<void> => {
      while (reading) {
        await rowsOf();
        queries += 1;
      }
    };
    const looking = [look(), look()];
    const readModels = city.projections.filter(({ rebuildable, prepare }) => rebuildable !== false && !prepare);
    expect(readModels.length).toBeGreaterThan(4);
    for (const projection of readModels) {
      await city.inTransaction((sql) => resetProjection(sql, projection));
      await catchUp(city.log, city.inTransaction, projection);
    }
    reading = false;
    await Promise.all(looking);
    expect(queries).toBeGreaterThan(0);
    expect(await rowsOf()).toEqual(before);
  }, 60_000);

  test.each(['another version of the tables', 'tables that depend on the server'])(
    'after %s the views are back in the same transaction, and readable',
    async (which) => {
      const before = await rowsOf();
      const changed = city.projections.find(({ name }) =>
        which.startsWith('another') ? name === 'registry' : name === 'time-series',
      )!;
      await city.pool.query('UPDATE hub.projection_checkpoint SET version = 0 WHERE projection = $1', [changed.name]);
      await city.inTransaction((sql) => resetProjection(sql, changed));
      expect(Object.keys(await rowsOf())).toEqual(Object.keys(before));
      await catchUp(city.log, city.inTransaction, changed);
      expect(await rowsOf()).toEqual(before);
    },
  );
});
