import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/**
 * `tsx test/with-debian-postgres.ts npm test -- test/contract`: runs a command against Debian's own PostgreSQL, which
 * it starts for that time in a folder of its own and names in TEST_POSTGRES_URL. As root it installs the package where
 * it is missing, and runs the server as `postgres`.
 */
const installed = '/usr/lib/postgresql';
const startSeconds = 60;
const isRoot = process.getuid?.() === 0;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const newestBin = (): string | undefined => {
  const versions = existsSync(installed) ? readdirSync(installed) : [];
  return versions
    .filter((version) => existsSync(join(installed, version, 'bin', 'initdb')))
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(installed, version, 'bin'))[0];
};

const install = (): void => {
  if (!isRoot) throw new Error(`there is no PostgreSQL in ${installed}: apt-get install postgresql`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) => execFileSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 2, 2] });
  apt('update');
  apt('install', '-y', '--no-install-recommends', 'postgresql-common');
  // Else the package starts a server of its own, which nobody here needs.
  const settings = '/etc/postgresql-common/createcluster.conf';
  const text = existsSync(settings) ? readFileSync(settings, 'utf8') : '';
  writeFileSync(settings, `${text.replace(/^\s*create_main_cluster.*$/m, '')}\ncreate_main_cluster = false\n`);
  apt('install', '-y', '--no-install-recommends', 'postgresql');
};

const account = (): { uid?: number; gid?: number } => {
  if (!isRoot) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
};

const startServer = async (folder: string) => {
  const bin = newestBin();
  if (bin === undefined) throw new Error(`the package postgresql brought nothing to ${installed}`);
  const as = account();
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  const password = randomBytes(12).toString('hex');
  writeFileSync(passwordFile, password);
  if (as.uid !== undefined) for (const path of [folder, passwordFile]) chownSync(path, as.uid, as.gid!);
  const options = { ...as, cwd: folder, env: { ...process.env, LC_ALL: 'C' } };
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'hub', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'],
    { ...options, stdio: ['ignore', 'ignore', 2] },
  );
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'off',
    shared_buffers: '64MB',
    max_connections: '100',
    timezone: 'UTC',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log: string[] = [];
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...flags], {
    ...options,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  server.stderr.setEncoding('utf8').on('data', (text: string) => log.push(...text.split('\n').slice(-20)));
  const ended = new Promise<void>((done) => server.once('close', () => done()));
  const isReady = () => {
    const file = join(data, 'postmaster.pid');
    return existsSync(file) && readFileSync(file, 'utf8').split('\n')[7]?.trim() === 'ready';
  };
  for (let waitedMs = 0; !isReady(); waitedMs += 100) {
    if (server.exitCode !== null || waitedMs > startSeconds * 1000)
      throw new Error(`PostgreSQL did not start: ${log.slice(-20).join('\n')}`);
    await sleep(100);
  }
  say(execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }).trim());
  return {
    url: `postgres://hub:${password}@127.0.0.1:${port}/postgres`,
    stop: async (): Promise<void> => {
      server.kill('SIGINT');
      await Promise.race([ended, sleep(20_000, undefined, { ref: false })]);
      server.kill('SIGKILL');
    },
  };
};

const run = (command: string[], env: Record<string, string>): Promise<number> =>
  new Promise((done) => {
    const options = { env: { ...process.env, ...env }, stdio: 'inherit', detached: true } as const;
    const child = spawn(command[0]!, command.slice(1), options);
    // The whole group: npm does not hand a signal on to what it runs.
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => child.pid !== undefined && process.kill(-child.pid, signal));
    child.once('error', (error) => {
      say(error.message);
      done(127);
    });
    child.once('close', (code) => done(code ?? 1));
  });

const main = async (): Promise<number> => {
  const command = process.argv.slice(2);
  if (command.length === 0)
    throw new Error('name a command: tsx test/with-debian-postgres.ts npm test -- test/contract');
  if (newestBin() === undefined) install();
  const folder = mkdtempSync(join(tmpdir(), 'xingyuan-debian-'));
  chmodSync(folder, 0o711);
  try {
    const server = await startServer(folder);
    try {
      return await run(command, { TEST_POSTGRES_URL: server.url });
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    say(error.message);
    process.exit(1);
  },
);
