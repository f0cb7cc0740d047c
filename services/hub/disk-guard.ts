import { statfs } from 'node:fs/promises';
import type { EventLog } from '../event-log/event-log.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { StartRefused } from '../runtime/start-refused.ts';

const mebibyte = 2 ** 20;
const lookEverySeconds = 3;
/** Room for what PostgreSQL must still write to go on: its own log, checkpoints, people's commands. */
const floorBytes = 256 * mebibyte;
const floorShare = 0.02;
/** Of a disk of less than 2.5 GiB the floor would be too much: of those it is a tenth. */
const smallDiskShare = 0.1;
/** Warned at twice the floor; taken in again at a tenth more than it, so that it doesn't go back and forth. */
const warnFactor = 2;
const againFactor = 1.1;

/** How much must stay free. */
export const floorOf = (totalBytes: number): number =>
  Math.max(Math.min(floorBytes, totalBytes * smallDiskShare), totalBytes * floorShare);

export interface DiskSpace {
  freeBytes: number;
  totalBytes: number;
}

const spaceOf = async (folder: string): Promise<DiskSpace> => {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
};

/** Thrown by an append while there is too little space: nothing was stored, and the sender is not answered. */
export class DiskNearlyFull extends Error {
  readonly code = 'event-log.disk-nearly-full';
}

const inMebibytes = (bytes: number): string => `${Math.floor(bytes / mebibyte)} MiB`;

interface Parts {
  folder: string;
  logger: Logger;
  metrics: Metrics;
  look?: (folder: string) => Promise<DiskSpace>;
}

/**
 * Looks at the disk under the log every few seconds. Below the floor what devices say is not taken in any more, before
 * PostgreSQL itself stands still; whoever reads, and people's commands, go on. It recovers by itself.
 */
export const guardDisk = async ({ folder, logger, metrics, look = spaceOf }: Parts) => {
  let level: 'well' | 'low' | 'refusing' = 'well';
  let freeBytes = 0;

  const next = ({ freeBytes: free, totalBytes }: DiskSpace): typeof level => {
    const floor = floorOf(totalBytes);
    if (free < floor || (level === 'refusing' && free < floor * againFactor)) return 'refusing';
    return free < floor * warnFactor ? 'low' : 'well';
  };
  const round = async (): Promise<void> => {
    try {
      const space = await look(folder);
      freeBytes = space.freeBytes;
      const before = level;
      level = next(space);
      metrics.diskFreeBytes.set(freeBytes);
      metrics.diskRefusing.set(level === 'refusing' ? 1 : 0);
      if (level === before) return;
      const facts = { folder, freeBytes, floorBytes: floorOf(space.totalBytes) };
      if (level === 'refusing') logger.error(facts, 'the disk is nearly full: nothing more is taken in from devices');
      else if (before === 'refusing') logger.warn(facts, 'there is space on the disk again: devices are heard again');
      else if (level === 'low') logger.warn(facts, 'the disk is filling up');
    } catch (error) {
      logger.warn({ err: error, folder }, 'could not look how full the disk is');
    }
  };
  await round();
  const timer = setInterval(() => void round(), lookEverySeconds * 1000);
  timer.unref();

  /** A sentence while nothing is taken in. */
  const refusing = (): string[] =>
    level === 'refusing'
      ? [
          `the disk that holds ${folder} is nearly full (${inMebibytes(freeBytes)} free): nothing is taken in from devices`,
        ]
      : [];
  const nearlyFull = (): DiskNearlyFull => new DiskNearlyFull(refusing()[0]);
  return {
    refusing,
    /** The log for those who speak for devices. */
    guarded: (log: EventLog): EventLog => ({
      ...log,
      append: (batch) => (level === 'refusing' ? Promise.reject(nearlyFull()) : log.append(batch)),
      submit: (batch, waiting) => (level === 'refusing' ? waiting.failed(nearlyFull()) : log.submit(batch, waiting)),
    }),
    stop: () => clearInterval(timer),
  };
};

const isFull = (error: unknown): boolean => {
  const { code, message, cause } = error as { code?: string; message?: string; cause?: unknown };
  if (code === '53100' || code === 'ENOSPC' || /No space left on device/.test(message ?? '')) return true;
  return cause !== undefined && isFull(cause);
};

/** What keeps a hub from starting, in words that tell what to do where the disk is full. */
export const startFailure = (error: unknown, folder: string): unknown =>
  isFull(error)
    ? new StartRefused(
        `The disk that holds ${folder} is full: free some space there (at least ${inMebibytes(2 * floorBytes)}), or move the folder to a larger disk and set HUB_DATA_DIR, then start again.`,
      )
    : error;
