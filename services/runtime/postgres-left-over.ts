import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { StartRefused } from './start-refused.ts';

const run = promisify(execFile);
const pollMs = 100;

interface ProcessFacts {
  parent: number;
  commandLine: string;
}

const processFacts = async (pid: number): Promise<ProcessFacts | undefined> => {
  try {
    if (platform() === 'linux') {
      const status = await readFile(`/proc/${pid}/stat`, 'utf8');
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      // The name in parentheses may hold blanks: count from its end.
      const [, parent] = status.slice(status.lastIndexOf(')') + 2).split(' ');
      return { parent: Number(parent), commandLine: commandLine.replaceAll('\0', ' ') };
    }
    const { stdout } = await run('ps', ['-o', 'ppid=,command=', '-p', String(pid)]);
    const [, parent, commandLine] = /^\s*(\d+)\s+(.*)$/s.exec(stdout) ?? [];
    return parent === undefined ? undefined : { parent: Number(parent), commandLine: commandLine ?? '' };
  } catch {
    return undefined;
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** A zombie answers to its id until somebody collects it; it holds no files any more. */
const hasGone = async (pid: number): Promise<boolean> => {
  if (!isAlive(pid)) return true;
  if (platform() !== 'linux') return false;
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status === '' || status.slice(status.lastIndexOf(')') + 2).startsWith('Z');
};

const endProcess = async (pid: number, signal: NodeJS.Signals, limitSeconds: number): Promise<boolean> => {
  try {
    process.kill(pid, signal);
  } catch {
    return hasGone(pid);
  }
  for (let waitedMs = 0; waitedMs < limitSeconds * 1000; waitedMs += pollMs) {
    if (await hasGone(pid)) return true;
    await sleep(pollMs);
  }
  return false;
};

/**
 * Ends a PostgreSQL that outlived a killed hub. One whose hub still lives is left alone and the start refused;
 * a `postmaster.pid` whose number now belongs to another program is removed, as the server would stop at it.
 */
export const stopLeftOver = async (cluster: string, hubPidFile: string, log: (line: string) => void): Promise<void> => {
  const pidFile = join(cluster, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!(pid > 0) || (await hasGone(pid))) return;
  const facts = await processFacts(pid);
  if (facts === undefined) return;
  if (!facts.commandLine.includes('postgres') || !facts.commandLine.includes(cluster)) {
    await rm(pidFile, { force: true });
    return;
  }
  const hubPid = Number.parseInt(await readFile(hubPidFile, 'utf8').catch(() => ''), 10);
  if (facts.parent === hubPid) {
    throw new StartRefused(
      `Another hub (process ${hubPid}) runs on ${cluster}: stop it first, or set HUB_DATA_DIR to another folder.`,
    );
  }
  log(`a PostgreSQL of an earlier run (process ${pid}) is still up: stopping it`);
  if (await endProcess(pid, 'SIGINT', 60)) return;
  if (await endProcess(pid, 'SIGQUIT', 15)) return;
  throw new StartRefused(`A PostgreSQL of an earlier run (process ${pid}) does not stop: end it with kill -9 ${pid}.`);
};
