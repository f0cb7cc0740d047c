import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import { connectMqtt, registerOnce, registerWithCredential, until } from '../../services/client/hub-client.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { openPool } from '../../services/runtime/postgres.ts';
import { visitEmbeddedPostgres } from '../../services/runtime/visit-embedded.ts';
import { exitOf, type HubUnderTest, newDataDir, removeDataDir, spawnHub, startHubProcess } from './hub-under-test.ts';

/** What whoever keeps the log does with it: looks whether it is whole, takes a backup, restores it. */
let hub: HubUnderTest;
let gate: MqttClient;
let folder: string;
const compound = {
  id: 'harbour-view',
  name: '海景苑',
  profile: 'retrofit',
  households: 120,
  buildings: [],
  positions: [],
};

beforeAll(async () => {
  folder = await newDataDir();
  hub = await startHubProcess();
  await registerOnce(hub.client, '/api/compounds', compound);
  const device = { id: 'gate-1', compound: compound.id, name: 'gate-1', kind: 'access-gate' };
  gate = await connectMqtt(hub.mqttUrl, await registerWithCredential(hub.client, device));
});
afterAll(async () => {
  gate?.end(true);
  await hub?.stop();
  await removeDataDir(hub.dataDir);
  await removeDataDir(folder);
});

const pass = (): Promise<unknown> =>
  gate.publishAsync(
    `xy/v1/${compound.id}/gate-1/events`,
    JSON.stringify({ type: 'gate.passed', time: isoTime(systemClock.now()), data: {} }),
    { qos: 1 },
  );

/** Runs `npm run log -- …` as a stranger would. */
const log = async (words: string[], environment: Record<string, string> = {}) => {
  const command = spawnHub('services/log/main.ts', { HUB_DATA_DIR: hub.dataDir, ...environment }, words);
  const code = await exitOf(command.process);
  return { code, said: command.said() };
};

interface Devices {
  items: { id: string }[];
}
const passages = async (of: HubUnderTest): Promise<number> => {
  const { items } = await of.client.get<{ items: { type: string }[] }>('/api/devices/gate-1/events?limit=500');
  return items.filter(({ type }) => type === 'gate.passed').length;
};

test('beside a running hub: verify, head and a backup under load, and the backup becomes a hub', async () => {
  for (let index = 0; index < 20; index += 1) await pass();
  expect(await log(['verify'])).toEqual({ code: 0, said: expect.stringMatching(/The log is whole: \d+ events/) });
  const head = await log(['head']);
  expect(head.said).toMatch(/^\d+:[0-9a-f]{64}\n$/);
  expect((await log(['verify', '--head', head.said.trim()])).said).toMatch('it fits 1 kept heads');

  const load = { on: true };
  const writing = (async () => {
    while (load.on) await pass();
  })();
  const file = join(folder, 'log.backup');
  const backup = await log(['backup', file]);
  load.on = false;
  await writing;
  expect(backup).toEqual({ code: 0, said: expect.stringMatching(/Written to .*: \d+ events, head \d+:/) });
  const events = Number(/: (\d+) events/.exec(backup.said)![1]);

  const dataDir = join(folder, 'restored');
  const restored = await log(['restore', file], { HUB_DATA_DIR: dataDir });
  expect(restored.said).toMatch(new RegExp(`Restored: ${events} events[\\s\\S]*The log is whole: ${events} events`));
  expect(restored.code).toBe(0);
  expect(await log(['restore', file], { HUB_DATA_DIR: dataDir })).toEqual({
    code: 1,
    said: expect.stringMatching(/holds events already.*HUB_DATA_DIR/),
  });

  const second = await startHubProcess({ dataDir });
  try {
    await until(30, 'the read models are there', async () => (await passages(second)) >= 20);
    expect((await second.client.get<Devices>('/api/devices')).items.map(({ id }) => id)).toEqual(['gate-1']);
    expect(await passages(second)).toBeLessThanOrEqual(await passages(hub));
  } finally {
    await second.stop();
  }
});

test('without a hub: the heads that it wrote down show that the end was cut off', async () => {
  gate.end(true);
  expect(await hub.stop()).toBe(0);
  const heads = join(hub.dataDir, 'heads.jsonl');
  expect(await log(['verify', '--heads', heads])).toEqual({
    code: 0,
    said: expect.stringMatching(/fits \d+ kept heads/),
  });
  const { url, stop } = await visitEmbeddedPostgres(hub.dataDir);
  const pool = openPool(url, { maxConnections: 1 });
  await pool.query(
    `WITH cut AS (DELETE FROM hub.seal WHERE last_position = (SELECT max(last_position) FROM hub.seal) RETURNING first_position)
     DELETE FROM hub.event USING cut WHERE position >= first_position`,
  );
  await pool.end();
  await stop();
  expect((await log(['verify'])).code).toBe(0);
  expect(await log(['verify', '--heads', heads])).toEqual({
    code: 1,
    said: expect.stringMatching(/The log is broken at position \d+: the log ends at position \d+.* cut off/),
  });
});

test('what can’t be done is one sentence and an exit code', async () => {
  const nothing = { HUB_DATA_DIR: join(folder, 'nothing') };
  expect(await log(['verify'], nothing)).toEqual({
    code: 1,
    said: expect.stringMatching(/no hub's data in .*HUB_DATA_DIR/),
  });
  expect(await log(['verify', '--head', 'x'])).toEqual({ code: 1, said: expect.stringMatching(/"x" is no head/) });
  expect(await log([])).toEqual({ code: 1, said: expect.stringMatching(/npm run log -- verify/) });
  const elsewhere = { EVENT_LOG_URL: 'kurrentdb://localhost:2113' };
  expect(await log(['backup', 'x'], elsewhere)).toEqual({ code: 1, said: expect.stringMatching(/server's own tools/) });
});
