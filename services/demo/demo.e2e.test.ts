import { newDataDir, removeDataDir } from '../../test/e2e/hub-under-test.ts';
import { connectHub, type HubClient, until } from '../client/hub-client.ts';
import { rating } from '../projections/star-rating/rating.ts';
import { silentLogger } from '../runtime/logger.ts';
import { demoConfig } from './demo-config.ts';
import { type RunningDemo, runDemo } from './run-demo.ts';

let demo: RunningDemo;
let hub: HubClient;
let dataDir: string;

beforeAll(async () => {
  dataDir = await newDataDir();
  const config = demoConfig({ HUB_HTTP_PORT: '0', HUB_MQTT_PORT: '0', HUB_DATA_DIR: dataDir });
  demo = await runDemo({ config, logger: silentLogger });
  hub = await connectHub(`http://127.0.0.1:${demo.httpPort}`, 'admin', config.HUB_ADMIN_PASSWORD!);
});
afterAll(async () => {
  await demo?.stop();
  await removeDataDir(dataDir);
});

test('within a minute the demo has events, orders of several priorities, a dead letter and a rating with evidence', async () => {
  await until(60, 'orders of four priorities', async () => {
    const { items } = await hub.get<{ items: { priority: string }[] }>('/api/work-orders?state=open');
    return new Set(items.map(({ priority }) => priority)).size >= 4;
  });
  const { items: compounds } = await hub.get<{ items: { id: string; households: number }[] }>('/api/compounds');
  const main = compounds.find(({ households }) => households === 1312)!;
  const rated = rating.parse(await hub.get(`/api/compounds/${main.id}/rating`));
  expect(rated.total).toBeGreaterThan(50);
  expect(rated.criteria.filter(({ verdict }) => verdict === 'no-evidence').length).toBeLessThan(8);
  expect(rated.missingFor[0]!.items.length).toBeGreaterThan(0);
  const letters = await hub.get<{ items: unknown[] }>('/api/dead-letters');
  expect(letters.items.length).toBeGreaterThanOrEqual(1);
  const events = await hub.get<{ items: { type: string }[] }>('/api/events?limit=500');
  const subjects = new Set(events.items.map(({ type }) => type.split('.')[0]));
  for (const subject of ['compound', 'device']) expect(subjects).toContain(subject);
});
