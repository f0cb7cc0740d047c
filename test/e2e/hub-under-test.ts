import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectHub, type HubClient, until } from '../../services/client/hub-client.ts';
import { freePort } from '../free-port.ts';

const repository = join(import.meta.dirname, '../..');
export const adminPassword = 'a password for tests';

export interface HubUnderTest {
  url: string;
  mqttUrl: string;
  dataDir: string;
  client: HubClient;
  /** What it printed so far, both streams. */
  said(): string;
  /** Resolves to the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface Settings {
  dataDir?: string;
  mqttPort?: number;
  httpPort?: number;
  environment?: Record<string, string>;
}

export const newDataDir = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'xingyuan-hub-'));
  await chmod(folder, 0o755);
  return folder;
};
export const removeDataDir = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** Starts the hub's program as a stranger would, without waiting for it. */
export const spawnHub = (
  program: string,
  environment: Record<string, string>,
  words: readonly string[] = [],
): { process: ChildProcess; said(): string } => {
  // Without tsx' own wrapper process, so that a SIGKILL hits the hub itself.
  const child = spawn(process.execPath, ['--import', 'tsx', join(repository, program), ...words], {
    cwd: repository,
    env: { ...process.env, NODE_ENV: 'production', ...environment },
  });
  let said = '';
  child.stdout?.on('data', (chunk) => (said += chunk));
  child.stderr?.on('data', (chunk) => (said += chunk));
  return { process: child, said: () => said };
};

export const exitOf = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once('exit', (code) => resolve(code)));

/** A hub in a process of its own, ready to be used. */
export const startHubProcess = async (settings: Settings = {}): Promise<HubUnderTest> => {
  const dataDir = settings.dataDir ?? (await newDataDir());
  const [mqttPort, httpPort] = [settings.mqttPort ?? (await freePort()), settings.httpPort ?? (await freePort())];
  const hub = spawnHub('services/hub/main.ts', {
    HUB_DATA_DIR: dataDir,
    HUB_MQTT_PORT: String(mqttPort),
    HUB_HTTP_PORT: String(httpPort),
    HUB_HOST: '127.0.0.1',
    HUB_ADMIN_PASSWORD: adminPassword,
    HUB_LOG_LEVEL: 'warn',
    ...settings.environment,
  });
  const url = `http://127.0.0.1:${httpPort}`;
  await until(110, 'the hub is up', async () => {
    if (hub.process.exitCode !== null) throw new Error(`the hub ended: ${hub.said()}`);
    return hub.said().includes('is up after');
  });
  return {
    url,
    mqttUrl: `mqtt://127.0.0.1:${mqttPort}`,
    dataDir,
    client: await connectHub(url, 'admin', adminPassword),
    said: hub.said,
    stop: (signal = 'SIGTERM') => {
      hub.process.kill(signal);
      return exitOf(hub.process);
    },
  };
};
