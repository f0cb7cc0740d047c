import { createServer, type Server } from 'node:net';
import { exitOf, type HubUnderTest, newDataDir, removeDataDir, spawnHub, startHubProcess } from './hub-under-test.ts';

/** What a person sees when the hub can't start: one sentence with the remedy, an exit code, and nothing left running. */
let hub: HubUnderTest;
let folder: string;

beforeAll(async () => {
  hub = await startHubProcess();
  folder = await newDataDir();
});
afterAll(async () => {
  await hub.stop();
  await removeDataDir(hub.dataDir);
  await removeDataDir(folder);
});

const refusedStart = async (environment: Record<string, string>): Promise<string> => {
  const start = spawnHub('services/hub/main.ts', {
    HUB_DATA_DIR: folder,
    HUB_MQTT_PORT: '0',
    HUB_HTTP_PORT: '0',
    HUB_HOST: '127.0.0.1',
    HUB_LOG_LEVEL: 'fatal',
    ...environment,
  });
  expect(await exitOf(start.process)).toBe(1);
  return start.said();
};
const portOf = (url: string): string => new URL(url).port;

test('a taken MQTT or HTTP port is named with the variable that changes it', async () => {
  expect(await refusedStart({ HUB_MQTT_PORT: portOf(hub.mqttUrl) })).toMatch(/MQTT port \d+ is taken.*HUB_MQTT_PORT/);
  expect(await refusedStart({ HUB_HTTP_PORT: portOf(hub.url) })).toMatch(/HTTP port \d+ is taken.*HUB_HTTP_PORT/);
});

test('a data folder that cannot be written is named, whatever is in the way', async () => {
  for (const path of ['/proc/xingyuan', '/dev/null/xingyuan']) {
    expect(await refusedStart({ HUB_DATA_DIR: path })).toContain(`The data folder ${path} can't be written`);
  }
});

test('a second hub on the same data is refused, and the first goes on', async () => {
  expect(await refusedStart({ HUB_DATA_DIR: hub.dataDir })).toMatch(/Another hub \(process \d+\) runs on/);
  expect(await hub.client.get('/health/ready')).toEqual({ status: 'ready', reasons: [] });
});

test('wrong settings are named by variable', async () => {
  const said = await refusedStart({ HUB_MQTT_PORT: 'many', HUB_ROLES: 'cook', HUB_ADMIN_PASSWORD: 'short' });
  for (const name of ['HUB_MQTT_PORT', 'HUB_ROLES', 'HUB_ADMIN_PASSWORD']) expect(said).toContain(name);
});

test('a database that does not answer is named', async () => {
  const silent: Server = createServer((socket) => socket.destroy());
  const port = await new Promise<number>((resolve) => {
    silent.listen(0, '127.0.0.1', () => resolve((silent.address() as { port: number }).port));
  });
  const said = await refusedStart({ DATABASE_URL: `postgres://hub:secret@127.0.0.1:${port}/hub` });
  silent.close();
  expect(said).toContain('DATABASE_URL');
  expect(said).not.toContain('secret');
});

test('a password of admin that does not count is told at the start', async () => {
  expect(hub.said()).not.toContain('at the first start only');
  await hub.stop();
  const environment = { HUB_ADMIN_PASSWORD: 'another password' };
  hub = await startHubProcess({ dataDir: hub.dataDir, environment });
  expect(hub.said()).toContain('not HUB_ADMIN_PASSWORD, which counts at the first start only');
  expect(hub.said()).not.toContain('$HUB_ADMIN_PASSWORD');
});
