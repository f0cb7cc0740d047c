import { deviceId, registerGates } from './bench-devices.ts';
import { connectLoad, driveHub, type LoadedHub } from './candidates/hub.ts';
import { startHubProcess } from './hub-process.ts';
import type { BenchOptions } from './options.ts';
import { logState } from './projection-lag.ts';
import { type BenchResult, resultOf } from './result.ts';

const fillSecondsAtOnce = 20;
const askedPerPath = 20;
/** What the control room asks for most. */
const paths = [
  '/api/compounds',
  '/api/compounds/bench-yuan/rating',
  '/api/devices?limit=50',
  `/api/devices/${deviceId(7)}`,
  `/api/devices/${deviceId(7)}/events?limit=50`,
  '/api/work-orders?limit=50',
  '/api/log/head',
];

/** Median milliseconds of an answer, by path. */
const apiLatency = async ({ hub }: LoadedHub): Promise<Record<string, number>> => {
  const medians: Record<string, number> = {};
  for (const path of paths) {
    const took: number[] = [];
    for (let nth = 0; nth < askedPerPath; nth += 1) {
      const startMs = performance.now();
      await hub.api.get(path);
      took.push(performance.now() - startMs);
    }
    took.sort((left, right) => left - right);
    medians[path] = Number(took[askedPerPath >> 1]!.toFixed(2));
  }
  return medians;
};

const withLoadedHub = async <T>(options: BenchOptions, work: (loaded: LoadedHub) => Promise<T>): Promise<T> => {
  const hub = await startHubProcess();
  try {
    const devices = await registerGates(hub, options.connections);
    const load = await connectLoad(hub.mqttPort, devices, options.mqttVersion);
    try {
      return await work({ hub, load });
    } finally {
      await load.stop();
    }
  } finally {
    await hub.stop();
  }
};

interface Measured {
  events: number;
  ratePerSecond: number;
  api: Record<string, number>;
}

const measure = async (loaded: LoadedHub, seconds: number): Promise<Measured> => {
  // Each begins with what was written flushed, so that neither pays for what came before.
  await loaded.hub.sql.query('CHECKPOINT');
  const { head: events } = await logState(loaded.hub.sql);
  const { ratePerSecond } = await driveHub(loaded, { seconds, warmUpSeconds: 3 });
  return { events, ratePerSecond, api: await apiLatency(loaded) };
};

const fill = async (loaded: LoadedHub, events: number): Promise<void> => {
  while ((await logState(loaded.hub.sql)).head < events) {
    await driveHub(loaded, { seconds: fillSecondsAtOnce, warmUpSeconds: 0 });
  }
};

/** The worst of all paths; below a millisecond a difference is the clock's. */
const worstRatio = (full: Measured['api'], empty: Measured['api']): number =>
  Math.max(...paths.map((path) => Math.max(1, full[path]!) / Math.max(1, empty[path]!)));

/**
 * The same hub with a full log against a fresh one, in turns: the full one is filled by its own ingest, so that every
 * read model is as large as it would be.
 */
export const growth = async (options: BenchOptions, emit: (result: BenchResult) => void): Promise<void> => {
  const { rounds, seconds, growthEvents } = options;
  const pairs = await withLoadedHub(options, async (grown) => {
    await fill(grown, growthEvents);
    const measured: { empty: Measured; full: Measured }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      measured.push({
        empty: await withLoadedHub(options, (fresh) => measure(fresh, seconds)),
        full: await measure(grown, seconds),
      });
    }
    return measured;
  });
  const rates = pairs.map(({ empty, full }) => full.ratePerSecond / empty.ratePerSecond);
  const latencies = pairs.map(({ empty, full }) => worstRatio(full.api, empty.api));
  const words = `with ${growthEvents} events in the log`;
  emit(
    resultOf('growth: ingest rate against an empty log', 'ratio', rates, {
      target: { atLeast: 0.9, words },
      details: pairs,
    }),
  );
  emit(
    resultOf('growth: API latency against an empty log, the worst path', 'ratio', latencies, {
      target: { atMost: 1.1, words },
    }),
  );
  // The loss per event so far, taken to be the same for ten times as many tens of millions.
  const { full, empty } = pairs.at(-1)!;
  const lossPerEvent = (1 - full.ratePerSecond / empty.ratePerSecond) / (full.events - empty.events);
  emit(resultOf('growth: ingest rate with 100 million events, from the slope', 'ratio', [1 - lossPerEvent * 1e8]));
};
