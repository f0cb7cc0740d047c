import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../../../services/runtime/sql.ts';
import { brokerDevices, driveBounded, withMosquitto } from '../behind-broker.ts';
import { steadyAfterSeconds } from '../options.ts';
import { cpuMicrosOf } from '../process-cpu.ts';
import { withPostgres } from '../server.ts';
import { connectLoad } from './hub.ts';
import { withPeer } from './peer-process.ts';

const table = `
  CREATE TABLE bench_event (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    event jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now())`;
/** Enough to keep a peer busy, and no queue that grows. */
const aheadMax = 500;
/** The sequence costs nothing to ask, unlike a count; what was rolled back would show in the count at the end. */
const rowsSoFar = async (sql: Sql): Promise<number> => {
  const { rows } = await sql.query<{ rows: string | null }>(
    `SELECT pg_sequence_last_value(pg_get_serial_sequence('bench_event', 'position')) AS rows`,
  );
  return Number(rows[0]!.rows ?? 0);
};

const tsx = import.meta.resolve('tsx');

const peers = {
  'node-red': {
    args: (folder: string) => [
      'node_modules/node-red/red.js',
      '--settings',
      'settings.js',
      '--userDir',
      folder,
      'flow.json',
    ],
    ready: /Connected to broker/,
  },
  'nest-mqtt': { args: () => ['--import', tsx, 'main.ts'], ready: /listening/ },
};

/** A peer that listens at Mosquitto and inserts a row per message: the rate at which rows appear, none behind. */
export const insertPeer = (name: keyof typeof peers, connections: number, seconds: number) =>
  withPostgres(async ({ url, pid, sql }) => {
    await sql.query(table);
    const devices = brokerDevices(connections);
    return withMosquitto(devices, async (broker, account) => {
      const { hostname, port } = new URL(broker.url);
      const env = {
        ...{ DATABASE_URL: url, MQTT_HOST: hostname, MQTT_PORT: port },
        ...{ MQTT_USERNAME: account.username, MQTT_PASSWORD: account.password },
      };
      return withPeer(name, { ...peers[name], env }, async (peer) => {
        // It says so once it is connected; the broker's grant of the subscription follows.
        await sleep(1000);
        const load = await connectLoad(broker.port, devices, 4);
        try {
          const before = { peer: await cpuMicrosOf(peer.pid), postgres: await cpuMicrosOf(pid) };
          const run = await driveBounded(load, { aheadMax, seconds, warmUpSeconds: steadyAfterSeconds }, () =>
            rowsSoFar(sql),
          );
          const { rows } = await sql.query<{ count: string }>('SELECT count(*) FROM bench_event');
          const perEvent = async (root: number, spent: number): Promise<number> =>
            Number((((await cpuMicrosOf(root)) - spent) / run.stored).toFixed(1));
          const cpuMicrosPerEvent = {
            peer: await perEvent(peer.pid, before.peer),
            postgres: await perEvent(pid, before.postgres),
          };
          return {
            ratePerSecond: run.ratePerSecond,
            details: { ...run, rows: Number(rows[0]!.count), cpuMicrosPerEvent },
          };
        } finally {
          await load.stop();
        }
      });
    });
  });
