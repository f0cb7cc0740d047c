import { readdir, readFile } from 'node:fs/promises';

/** Linux counts in hundredths of a second on every machine that Node runs on (USER_HZ). */
const microsPerTick = 10_000;

interface Stat {
  pid: number;
  parent: number;
  ticks: number;
}

/** Own time of a process and of the children that it has waited for; `undefined` when it has gone. */
const statOf = async (pid: number): Promise<Stat | undefined> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The name stands in brackets and may hold anything; what follows the last bracket is numbers.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
  return { pid, parent: Number(fields[1]), ticks };
};

/** CPU microseconds spent so far by a process and all beneath it, but not by the trees in `without`. */
export const cpuMicrosOf = async (root: number, without: readonly number[] = []): Promise<number> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = (await Promise.all(pids.map(statOf))).filter((stat) => stat !== undefined);
  const sum = (pid: number): number =>
    stats
      .filter((stat) => stat.parent === pid && !without.includes(stat.pid))
      .reduce((total, stat) => total + sum(stat.pid), stats.find((stat) => stat.pid === pid)?.ticks ?? 0);
  return sum(root) * microsPerTick;
};

/** Resident memory of one process, in MiB, and the most that it ever was. */
export const memoryMebibytes = async (pid: number): Promise<{ now: number; peak: number }> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  return { now: kibibytes('VmRSS') / 1024, peak: kibibytes('VmHWM') / 1024 };
};
