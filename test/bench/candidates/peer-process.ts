import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const peersFolder = fileURLToPath(new URL('../peers/', import.meta.url));
const readySeconds = 60;

/**
 * Installs a peer by its own lock file in a folder outside of the project, so that no user and no tool of the project
 * stumbles over it. Kept for the next run: the folder's name holds the hash of the lock file and the peer's own code.
 */
const installPeer = async (name: string): Promise<string> => {
  const source = join(peersFolder, name);
  const lock = await readFile(join(source, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).update(process.versions.node).digest('hex').slice(0, 12);
  const folder = join(tmpdir(), 'xingyuan-bench-peers', `${name}-${hash}`);
  if ((await stat(folder).catch(() => undefined)) === undefined) {
    const making = `${folder}-${process.pid}`;
    await mkdir(making, { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) await cp(join(source, file), join(making, file));
    try {
      const flags = ['ci', '--prefix', making, '--ignore-scripts', '--no-audit', '--no-fund'];
      await promisify(execFile)('npm', flags, { maxBuffer: 16 * 1024 * 1024 });
      await rename(making, folder);
    } catch (error) {
      await rm(making, { recursive: true, force: true });
      throw error;
    }
  }
  await cp(source, folder, { recursive: true });
  return folder;
};

export interface PeerProcess {
  pid: number;
  /** What it has written to its standard output. */
  said(): string;
  ended: Promise<unknown>;
}

/** A peer in a process of its own, once it has said that it is `ready`, for as long as `work` takes. */
export const withPeer = async <T>(
  name: string,
  { args, env, ready }: { args(folder: string): string[]; env: Record<string, string>; ready: RegExp },
  work: (peer: PeerProcess) => Promise<T>,
): Promise<T> => {
  const folder = await installPeer(name);
  const child = spawn(process.execPath, args(folder), {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-100_000);
    });
  }
  try {
    for (let waitedMs = 0; !ready.test(said); waitedMs += 50) {
      if (child.exitCode !== null || waitedMs > readySeconds * 1000) throw new Error(`${name} did not start: ${said}`);
      await sleep(50);
    }
    return await work({ pid: child.pid!, said: () => said, ended });
  } finally {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  }
};
