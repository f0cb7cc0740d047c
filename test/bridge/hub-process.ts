import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A hub in a process of its own, as it runs in a compound. */
export interface HubProcess {
  httpUrl: string;
  /** Ends it with that signal and waits until it is gone. Answers the exit code, `null` when it was killed. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export const adminPassword = 'correct-horse';

const isSettingOfThisRun = (name: string): boolean => /^(HUB_|DATABASE_URL|EVENT_LOG_URL|PG)/.test(name);

/** Rejects with what the hub said, when it doesn't come up. */
export const startHubProcess = async (settings: Record<string, string>): Promise<HubProcess> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'xingyuan-hub-'));
  const inherited = Object.entries(process.env).filter(([name]) => !isSettingOfThisRun(name));
  const hub = spawn(process.execPath, ['--import', 'tsx', 'services/hub/main.ts'], {
    cwd: root,
    env: {
      ...Object.fromEntries(inherited),
      ...{ HUB_DATA_DIR: dataDir, HUB_HOST: '127.0.0.1', HUB_MQTT_PORT: '0', HUB_HTTP_PORT: '0' },
      ...{ HUB_ADMIN_PASSWORD: adminPassword, HUB_LOG_LEVEL: 'warn', ...settings },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const ended = new Promise<number | null>((resolve) => {
    hub.once('exit', (code) => {
      rm(dataDir, { recursive: true, force: true }).then(() => resolve(code));
    });
  });
  const up = new Promise<string>((resolve) => {
    for (const stream of [hub.stdout, hub.stderr]) {
      stream.on('data', (chunk) => {
        said += String(chunk);
        const port = /http:\/\/localhost:(\d+)\//.exec(said)?.[1];
        if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
      });
    }
  });
  const httpUrl = await Promise.race([up, ended.then(() => undefined)]);
  if (httpUrl === undefined) throw new Error(said);
  return {
    httpUrl,
    end: (signal) => {
      hub.kill(signal);
      return ended;
    },
  };
};
