import { setTimeout as sleep } from 'node:timers/promises';
import { type Mosquitto, startMosquitto } from '../bridge/mosquitto.ts';
import { canonicalMessage, deviceId } from './bench-devices.ts';
import type { RunOptions } from './load/generator.ts';
import type { LatencySummary } from './load/latency-histogram.ts';
import type { LoadDevice } from './load/load-connection.ts';
import type { Load } from './load/load-process.ts';

const listener = { username: 'hub', password: 'hub-secret' };
const pollMs = 5;

/** Access gates with an account each at the broker, whose access list lets them write on their own topics only. */
export const brokerDevices = (count: number): LoadDevice[] =>
  Array.from({ length: count }, (_, nth) => {
    const id = deviceId(nth);
    return { clientId: id, username: id, password: `secret-of-${id}`, messages: [canonicalMessage(id)] };
  });

/** Mosquitto with the project's own settings and access list. */
export const withMosquitto = async <T>(
  devices: readonly LoadDevice[],
  work: (broker: Mosquitto, account: typeof listener) => Promise<T>,
): Promise<T> => {
  const accounts = Object.fromEntries(devices.map(({ username, password }) => [username!, password!]));
  const broker = await startMosquitto({ ...accounts, [listener.username]: listener.password });
  try {
    return await work(broker, listener);
  } finally {
    await broker.remove();
  }
};

export interface BoundedRun {
  /** Rows per second while the measured time lasted. */
  ratePerSecond: number;
  stored: number;
  sent: number;
  publisherLatency: LatencySummary;
}

/** Drives a load that stays just ahead of what is stored, and counts what is stored meanwhile. */
export const driveBounded = async (
  load: Load,
  options: RunOptions & { aheadMax: number },
  storedSoFar: () => Promise<number>,
  drainSeconds = 20,
): Promise<BoundedRun> => {
  const before = await storedSoFar();
  let running = true;
  const samples: { atMs: number; stored: number }[] = [];
  const startMs = performance.now();
  const relaying = (async () => {
    while (running) {
      const stored = (await storedSoFar()) - before;
      samples.push({ atMs: performance.now() - startMs, stored });
      load.stored(stored);
      await sleep(pollMs);
    }
  })();
  const result = await load.run(options);
  running = false;
  await relaying;
  const endMs = (options.warmUpSeconds + options.seconds) * 1000;
  const measured = samples.filter(({ atMs }) => atMs >= options.warmUpSeconds * 1000 && atMs <= endMs);
  const [first, last] = [measured[0]!, measured.at(-1)!];
  let stored = last.stored;
  for (let waitedMs = 0; waitedMs < drainSeconds * 1000; waitedMs += 100) {
    stored = (await storedSoFar()) - before;
    if (stored >= result.sent) break;
    await sleep(100);
  }
  return {
    ratePerSecond: ((last.stored - first.stored) * 1000) / (last.atMs - first.atMs),
    ...{ stored, sent: result.sent, publisherLatency: result.latency },
  };
};
