import { newDataDir, removeDataDir } from '../../test/e2e/hub-under-test.ts';
import { createReportReader, queriesSuite } from '../../test/grafana/queries-suite.ts';
import { connectHub, type HubClient, until } from '../client/hub-client.ts';
import { rating } from '../projections/star-rating/rating.ts';
import type { WorkOrderItem } from '../projections/work-order-board/board.ts';
import { systemClock } from '../runtime/clock.ts';
import { silentLogger } from '../runtime/logger.ts';
import { openPool } from '../runtime/postgres.ts';
import { visitEmbeddedPostgres } from '../runtime/visit-embedded.ts';
import { demoConfig } from './demo-config.ts';
import { type RunningDemo, runDemo } from './run-demo.ts';

let demo: RunningDemo;
let hub: HubClient;
let dataDir: string;
const compound = 'shengde-hemei-jiayuan';

beforeAll(async () => {
  dataDir = await newDataDir();
  const config = demoConfig({ HUB_HTTP_PORT: '0', HUB_MQTT_PORT: '0', HUB_DATA_DIR: dataDir });
  demo = await runDemo({ config, logger: silentLogger });
  hub = await connectHub(`http://127.0.0.1:${demo.httpPort}`, 'admin', config.HUB_ADMIN_PASSWORD!);
});
afterAll(async () => {
  await demo?.stop();
  await removeDataDir(dataDir);
}, 60_000);

test('within a minute the demo has events, orders of several priorities, a dead letter and a rating with evidence', async () => {
  await until(60, 'orders of four priorities', async () => {
    const { items } = await hub.get<{ items: { priority: string }[] }>('/api/work-orders?state=open');
    return new Set(items.map(({ priority }) => priority)).size >= 4;
  });
  const { items: compounds } = await hub.get<{ items: { id: string; households: number }[] }>('/api/compounds');
  expect(compounds.find(({ id }) => id === compound)?.households).toBe(1312);
  const rated = rating.parse(await hub.get(`/api/compounds/${compound}/rating`));
  expect(rated.total).toBeGreaterThan(50);
  expect(rated.criteria.filter(({ verdict }) => verdict === 'no-evidence').length).toBeLessThan(8);
  expect(rated.missingFor[0]!.items.length).toBeGreaterThan(0);
  const letters = await hub.get<{ items: unknown[] }>('/api/dead-letters');
  expect(letters.items.length).toBeGreaterThanOrEqual(1);
  const events = await hub.get<{ items: { type: string }[] }>('/api/events?limit=500');
  const subjects = new Set(events.items.map(({ type }) => type.split('.')[0]));
  for (const subject of ['compound', 'device']) expect(subjects).toContain(subject);
});

/** As a visitor of the demo would: takes one of the orders that stand open and sends somebody there. */
const takeAnOrder = async (): Promise<void> => {
  const open = async () =>
    (await hub.get<{ items: WorkOrderItem[] }>(`/api/work-orders?state=open&compound=${compound}`)).items;
  await until(60, 'an order without hurry', async () => (await open()).some(({ priority }) => priority === 'P2'));
  const { id } = (await open()).find(({ priority }) => priority === 'P2')!;
  await hub.post(`/api/work-orders/${id}/acknowledge`);
  await hub.post(`/api/work-orders/${id}/dispatch`, { assignee: '值班员' });
  await hub.post(`/api/work-orders/${id}/arrive`);
};

describe('in Grafana', () => {
  const reader = createReportReader(async () => {
    await takeAnOrder();
    const { url } = await visitEmbeddedPostgres(dataDir);
    const pool = openPool(url, { maxConnections: 1 });
    const has = (sql: string) => async (): Promise<boolean> => (await pool.query(sql)).rows.length > 0;
    await until(60, 'the weeks before', has(`SELECT FROM hub.reading WHERE at < now() - interval '39 days' LIMIT 1`));
    await until(150, 'the star that is lost', has('SELECT FROM reporting_v1.rating_change WHERE fell'));
    await pool.end();
    return { url, nowMs: systemClock.now(), compound };
  });

  // A company is assessed once a month under its contract has ended.
  queriesSuite(reader, ['物业公司月度考核']);

  test('the programme of the year counts the compound that reached its stars, also after it lost them', async () => {
    const { rows } = await reader.answer(
      'SELECT compound, holds_now FROM reporting_v1.programme WHERE reached_at IS NOT NULL',
    );
    expect(rows).toEqual([{ compound: 'haiyu-lanting', holds_now: false }]);
  });

  test('the fire water has a month of readings on the first day', async () => {
    const { rows } = await reader.answer(
      `SELECT count(DISTINCT date_trunc('day', time))::integer AS days FROM reporting_v1.reading
       WHERE quantity = 'pressureKPa' AND compound = '${compound}' AND time > now() - interval '30 days'`,
    );
    expect(Number(rows[0]?.days)).toBeGreaterThanOrEqual(30);
  });
});
