import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.ts';

/** A real Mosquitto with the project's own configuration, on a port of its own and with its files in a throw-away folder. */
export interface Mosquitto {
  port: number;
  url: string;
  /** Of the broker that runs now. */
  pid(): number;
  /** Writes its store and ends, as an orderly stop does. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Again, on the same port and with the same files. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

const configuration = new URL('../../infra/mosquitto/', import.meta.url);
const notInstalled =
  'Mosquitto is not installed, and these tests need it: apt-get install -y mosquitto (Debian), brew install mosquitto (macOS).';
// Debian keeps it where the path of a person's shell doesn't lead.
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` };

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** The configuration as it is in `infra/mosquitto`, with this machine's paths, and with `changes` to single settings. */
const configFor = (folder: string, port: number, changes: Record<string, string>): string => {
  const own: Record<string, string> = {
    listener: `${port} 127.0.0.1`,
    password_file: join(folder, 'passwords'),
    acl_file: join(folder, 'access.acl'),
    persistence_location: `${folder}/data/`,
    sys_interval: '1',
    ...changes,
  };
  const asRoot = process.getuid?.() === 0 ? 'user root\n' : '';
  const lines = readFileSync(new URL('mosquitto.conf', configuration), 'utf8').split('\n');
  const given = new Set(lines.map((line) => line.split(' ')[0]));
  for (const name of Object.keys(own)) if (!given.has(name)) throw new Error(`mosquitto.conf doesn't set ${name}`);
  return (
    asRoot +
    lines
      .map((line) => {
        const name = line.split(' ')[0]!;
        return own[name] === undefined ? line : `${name} ${own[name]}`;
      })
      .join('\n')
  );
};

const writeAccounts = (folder: string, accounts: Record<string, string>): void => {
  const file = join(folder, 'passwords');
  try {
    for (const [name, password] of Object.entries(accounts)) {
      execFileSync('mosquitto_passwd', ['-b', file, name, password], { env, stdio: 'pipe' });
    }
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? new Error(notInstalled) : error;
  }
};

/** `accounts`: name to password. `changes`: settings of `mosquitto.conf` that a test wants otherwise. */
export const startMosquitto = async (
  accounts: Record<string, string>,
  changes: Record<string, string> = {},
): Promise<Mosquitto> => {
  const folder = await mkdtemp(join(tmpdir(), 'xingyuan-mosquitto-'));
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'passwords'), '', { mode: 0o600 });
  writeAccounts(folder, accounts);
  await writeFile(join(folder, 'access.acl'), readFileSync(new URL('access.acl', configuration)), { mode: 0o600 });
  const port = await freePort();
  await writeFile(join(folder, 'mosquitto.conf'), configFor(folder, port, changes));
  let broker: ChildProcess | undefined;
  let said = '';

  const start = async (): Promise<void> => {
    const started = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    broker = started;
    let failed: Error | undefined;
    started.once('error', (error: NodeJS.ErrnoException) => {
      failed = error.code === 'ENOENT' ? new Error(notInstalled) : error;
    });
    const listen = (chunk: unknown): void => {
      said += String(chunk);
    };
    started.stdout.on('data', listen);
    started.stderr.on('data', listen);
    for (let tries = 0; tries < 100; tries += 1) {
      if (failed !== undefined) throw failed;
      if (started.exitCode !== null) throw new Error(`Mosquitto ended at once: ${said}`);
      if (await answers(port)) return;
      await sleep(50);
    }
    throw new Error(`Mosquitto doesn't listen after five seconds: ${said}`);
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    const ending = broker;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await ended;
  };
  await start();
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    pid: () => broker!.pid!,
    start,
    stop,
    remove: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
