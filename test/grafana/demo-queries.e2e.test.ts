import { connectHub, until } from '../../services/client/hub-client.ts';
import { demoConfig, demoPassword } from '../../services/demo/demo-config.ts';
import { type RunningDemo, runDemo } from '../../services/demo/run-demo.ts';
import type { WorkOrderItem } from '../../services/projections/work-order-board/board.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { silentLogger } from '../../services/runtime/logger.ts';
import { openPool } from '../../services/runtime/postgres.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { createReportReader, queriesSuite } from './queries-suite.ts';

let server: PostgresForTests;
let demo: RunningDemo;

const compound = 'shengde-hemei-jiayuan';

/** As a visitor of the demo would: takes one of the orders that stand open and sends somebody there. */
const takeAnOrder = async (url: string): Promise<void> => {
  const hub = await connectHub(url, 'admin', demoPassword);
  const open = async () =>
    (await hub.get<{ items: WorkOrderItem[] }>(`/api/work-orders?state=open&compound=${compound}`)).items;
  await until(60, 'an order without hurry', async () => (await open()).some(({ priority }) => priority === 'P2'));
  const { id } = (await open()).find(({ priority }) => priority === 'P2')!;
  await hub.post(`/api/work-orders/${id}/acknowledge`);
  await hub.post(`/api/work-orders/${id}/dispatch`, { assignee: '值班员' });
  await hub.post(`/api/work-orders/${id}/arrive`);
};

const reader = createReportReader(async () => {
  server = await postgresForTests();
  const url = await server.newDatabase();
  const config = demoConfig({ HUB_HTTP_PORT: '0', HUB_MQTT_PORT: '0', DATABASE_URL: url });
  demo = await runDemo({ config, logger: silentLogger });
  await takeAnOrder(`http://127.0.0.1:${demo.httpPort}`);
  const pool = openPool(url, { maxConnections: 1 });
  const has = (sql: string) => async (): Promise<boolean> => (await pool.query(sql)).rows.length > 0;
  await until(60, 'the weeks before', has(`SELECT FROM hub.reading WHERE at < now() - interval '39 days' LIMIT 1`));
  await until(150, 'the star that is lost', has('SELECT FROM reporting_v1.rating_change WHERE fell'));
  await pool.end();
  return { url, nowMs: systemClock.now(), compound };
});
const { answer } = reader;
afterAll(async () => {
  await demo?.stop();
  await server?.stop();
}, 60_000);

// A company is assessed once a month under its contract has ended.
queriesSuite(reader, ['物业公司月度考核']);

test('the programme of the year counts the compound that reached its stars, also after it lost them', async () => {
  const { rows } = await answer('SELECT compound, holds_now FROM reporting_v1.programme WHERE reached_at IS NOT NULL');
  expect(rows).toEqual([{ compound: 'haiyu-lanting', holds_now: false }]);
});

test('the fire water has a month of readings on the first day', async () => {
  const { rows } = await answer(
    `SELECT count(DISTINCT date_trunc('day', time))::integer AS days FROM reporting_v1.reading
     WHERE quantity = 'pressureKPa' AND compound = '${compound}' AND time > now() - interval '30 days'`,
  );
  expect(Number(rows[0]?.days)).toBeGreaterThanOrEqual(30);
});
