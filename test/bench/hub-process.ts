import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectHub } from '../../services/client/hub-client.ts';
import { openPool } from '../../services/runtime/postgres.ts';
import { openAsker } from './asker.ts';
import { cpuMicrosOf } from './process-cpu.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const adminPassword = 'bench-bench-bench';
const startSeconds = 120;

export interface HubOptions {
  /** An earlier hub's folder; left out, a fresh one that goes with the hub. */
  dataDir?: string | undefined;
  /** Settings beside the ports and the folder. */
  env?: Record<string, string> | undefined;
  /** Flags of Node, e.g. `--cpu-prof`. */
  nodeFlags?: readonly string[] | undefined;
}

export interface ImportedCredential {
  device: string;
  username: string;
  password: string;
}

/** A folder that the account of the embedded PostgreSQL can reach too. */
export const temporaryFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'xingyuan-bench-'));
  await chmod(folder, 0o711);
  return folder;
};

/** The embedded PostgreSQL of a data folder: its process, and the way in. */
export const embeddedServer = async (dataDir: string): Promise<{ pid: number; url: string }> => {
  const lines = (await readFile(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8')).split('\n');
  const password = (await readFile(join(dataDir, 'password'), 'utf8')).trim();
  return { pid: Number(lines[0]), url: `postgres://hub:${password}@127.0.0.1:${lines[3]}/hub` };
};

const portsIn = (said: string): { http: number; mqtt: number } | undefined => {
  const http = /http:\/\/localhost:(\d+)/.exec(said)?.[1];
  const mqtt = /mqtt:\/\/localhost:(\d+)/.exec(said)?.[1];
  return http === undefined || mqtt === undefined || !said.includes('Try ')
    ? undefined
    : { http: Number(http), mqtt: Number(mqtt) };
};

const launch = (dataDir: string, { env, nodeFlags }: HubOptions) =>
  spawn(process.execPath, [...(nodeFlags ?? []), '--import', 'tsx', 'services/hub/main.ts'], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      HUB_MQTT_PORT: '0',
      HUB_HTTP_PORT: '0',
      HUB_HOST: '127.0.0.1',
      HUB_LOG_LEVEL: 'warn',
      HUB_ADMIN_PASSWORD: adminPassword,
      // A hundred devices stand for a whole city's.
      HUB_MQTT_QUOTA_PER_DEVICE: '0',
      HUB_DATA_DIR: dataDir,
      ...env,
    },
  });

/** Starts the hub as a user does, in a process of its own, and waits until it says that it is up. */
export const startHubProcess = async (options: HubOptions = {}) => {
  const dataDir = options.dataDir ?? (await temporaryFolder());
  const child = launch(dataDir, options);
  const ended = once(child, 'exit');
  let said = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-10_000);
  });
  const kill = async (): Promise<void> => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 30_000);
    await ended;
    clearTimeout(late);
  };
  const forget = async (): Promise<void> => {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  let ports: ReturnType<typeof portsIn>;
  for (let waitedMs = 0; ports === undefined; waitedMs += 50) {
    if (child.exitCode !== null || waitedMs > startSeconds * 1000) {
      if (child.exitCode === null) await kill();
      await forget();
      throw new Error(`the hub did not start: ${said}`);
    }
    await sleep(50);
    ports = portsIn(said);
  }
  const pid = child.pid!;
  const postgres = await embeddedServer(dataDir);
  const pool = openPool(postgres.url, { maxConnections: 2, statementTimeoutSeconds: 0 });
  const url = `http://127.0.0.1:${ports.http}`;
  return {
    ...{ pid, dataDir, url, sql: pool, postgresPid: postgres.pid },
    mqttPort: ports.mqtt,
    api: await connectHub(url, 'admin', adminPassword),
    ask: await openAsker(url, 'admin', adminPassword),
    /** Registers devices by CSV, and answers what was told once. */
    async importCsv(csv: string): Promise<ImportedCredential[]> {
      const authorization = `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`;
      const response = await fetch(`${url}/api/devices/import`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'text/csv' },
        body: csv,
      });
      const report = (await response.json()) as { applied: boolean; credentials: ImportedCredential[] };
      if (!report.applied) throw new Error(`the import was refused: ${JSON.stringify(report).slice(0, 500)}`);
      return report.credentials;
    },
    /** CPU microseconds so far, the hub's own and those of its PostgreSQL. */
    cpu: async () => ({
      hub: await cpuMicrosOf(pid, [postgres.pid]),
      postgres: await cpuMicrosOf(postgres.pid),
    }),
    /** Stops the hub; its folder goes with it unless it was given. */
    async stop(): Promise<void> {
      await pool.end();
      await kill();
      await forget();
    },
  };
};

export type HubProcess = Awaited<ReturnType<typeof startHubProcess>>;
