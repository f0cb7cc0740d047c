import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { jest } from '@jest/globals';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { silentLogger } from '../runtime/logger.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { StartRefused } from '../runtime/start-refused.ts';
import { DiskNearlyFull, type DiskSpace, floorOf, guardDisk, startFailure } from './disk-guard.ts';

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

test.each([
  ['an ordinary disk', 10 * gibibyte, 256 * mebibyte],
  ['a large one: two hundredths', 100 * gibibyte, 2 * gibibyte],
  ['a small one: a tenth', 1 * gibibyte, gibibyte / 10],
])('the floor of %s', (_name, totalBytes, floor) => {
  expect(floorOf(totalBytes)).toBeCloseTo(floor, 0);
});

const batch = (id: string) => [
  {
    stream: 'device-gate',
    expectedRevision: 'any' as const,
    events: [
      {
        ...{ id, type: 'device.seen', data: {} },
        meta: { schemaVersion: 1, occurredAt: '', receivedAt: '', clock: 'trusted' as const },
      },
    ],
  },
];
const [first, second] = [1, 2].map((digit) => batch(`00000000-0000-4000-8000-00000000000${digit}`));

describe('a disk that fills up', () => {
  const space: DiskSpace = { freeBytes: 0, totalBytes: 10 * gibibyte };
  const metrics = createMetrics();
  const refusing = async () => (await metrics.diskRefusing.get()).values[0]!.value;
  const startGuard = async (freeMebibytes: number) => {
    jest.useFakeTimers();
    space.freeBytes = freeMebibytes * mebibyte;
    const guard = await guardDisk({ folder: '/data', logger: silentLogger, metrics, look: async () => space });
    const memory = createMemoryEventLog();
    return {
      guard,
      memory,
      log: guard.guarded(memory),
      become: async (free: number) => {
        space.freeBytes = free * mebibyte;
        await jest.advanceTimersByTimeAsync(10_000);
      },
    };
  };
  afterEach(() => jest.useRealTimers());

  test('stops what devices say below the floor, not the reading nor anybody else, and recovers by itself', async () => {
    const { guard, memory, log, become } = await startGuard(1_000);
    await log.append(first!);
    await become(300);
    expect(guard.refusing()).toEqual([]);
    await become(255);
    await expect(log.append(second!)).rejects.toBeInstanceOf(DiskNearlyFull);
    expect(guard.refusing()).toEqual([expect.stringMatching(/holds \/data is nearly full \(255 MiB free\)/)]);
    expect(await refusing()).toBe(1);
    expect(await log.readAll(null, 10)).toHaveLength(1);
    expect((await memory.append(second!)).stored).toBe(1);
    await become(260);
    expect(guard.refusing()).toHaveLength(1);
    await become(300);
    expect(guard.refusing()).toEqual([]);
    expect(await refusing()).toBe(0);
    expect((await log.append(second!)).stored).toBe(0);
    guard.stop();
  });

  test('is looked at before the first message', async () => {
    const { guard, log } = await startGuard(10);
    await expect(log.append(first!)).rejects.toBeInstanceOf(DiskNearlyFull);
    guard.stop();
  });
});

test('the real disk is looked at', async () => {
  const metrics = createMetrics();
  const guard = await guardDisk({ folder: tmpdir(), logger: silentLogger, metrics });
  guard.stop();
  const { bsize, blocks } = await statfs(tmpdir());
  const free = (await metrics.diskFreeBytes.get()).values[0]!.value;
  expect(free).toBeGreaterThan(0);
  expect(free).toBeLessThanOrEqual(bsize * blocks);
});

describe('a start on a full disk', () => {
  test.each([
    ['PostgreSQL refuses a table', Object.assign(new Error('could not extend file'), { code: '53100' })],
    [
      'a migration failed for it',
      new Error('migration failed', { cause: Object.assign(new Error(), { code: '53100' }) }),
    ],
    ['the file system refuses', Object.assign(new Error('write'), { code: 'ENOSPC' })],
    ['PostgreSQL does not start', new StartRefused('did not start: FATAL: could not write: No space left on device')],
  ])('%s', (_name, error) => {
    const refusal = startFailure(error, '/data');
    expect(refusal).toBeInstanceOf(StartRefused);
    expect((refusal as Error).message).toMatch(/disk that holds \/data is full: free some space .*HUB_DATA_DIR/);
  });

  test('another failure is what it was', () => {
    const error = new Error('no route to host');
    expect(startFailure(error, '/data')).toBe(error);
    expect(startFailure('text', '/data')).toBe('text');
  });
});
