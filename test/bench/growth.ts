import { deviceId, registerGates } from './bench-devices.ts';
import { connectLoad, driveHub, type LoadedHub } from './candidates/hub.ts';
import { startHubProcess } from './hub-process.ts';
import { type BenchOptions, steadyAfterSeconds } from './options.ts';
import { logState } from './projection-lag.ts';
import { type BenchResult, resultOf, spreadOf } from './result.ts';

const fillSecondsAtOnce = 20;
const askedPerPath = 50;
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

/** Milliseconds that an answer took, by path. */
type Latency = Record<string, number>;

/** Medians by path of each of the hubs, asked in turns: a shared machine drifts by more than a full log could cost. */
const apiLatencies = async (hubs: readonly LoadedHub[]): Promise<Latency[]> => {
  const medians = hubs.map((): Latency => ({}));
  for (const path of paths) {
    const took = hubs.map((): number[] => []);
    for (let nth = 0; nth < askedPerPath; nth += 1) {
      for (const [place, { hub }] of hubs.entries()) {
        const startMs = performance.now();
        await hub.api.get(path);
        took[place]!.push(performance.now() - startMs);
      }
    }
    for (const [place, values] of took.entries()) medians[place]![path] = Number(spreadOf(values).median.toFixed(2));
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
  api: Latency;
}

/** What was written is flushed first, so that no measurement pays for what came before. */
const flush = ({ hub }: LoadedHub): Promise<unknown> => hub.sql.query('CHECKPOINT');

const measureRate = async (loaded: LoadedHub, seconds: number): Promise<Omit<Measured, 'api'>> => {
  await flush(loaded);
  const { head: events } = await logState(loaded.hub.sql);
  const { ratePerSecond } = await driveHub(loaded, { seconds, warmUpSeconds: steadyAfterSeconds });
  return { events, ratePerSecond };
};

interface Pair {
  empty: Measured;
  full: Measured;
}

const measurePair = async (fresh: LoadedHub, grown: LoadedHub, seconds: number): Promise<Pair> => {
  const [empty, full] = [await measureRate(fresh, seconds), await measureRate(grown, seconds)];
  await Promise.all([flush(fresh), flush(grown)]);
  const [emptyApi, fullApi] = await apiLatencies([fresh, grown]);
  return { empty: { ...empty, api: emptyApi! }, full: { ...full, api: fullApi! } };
};

const fill = async (loaded: LoadedHub, events: number): Promise<void> => {
  while ((await logState(loaded.hub.sql)).head < events) {
    await driveHub(loaded, { seconds: fillSecondsAtOnce, warmUpSeconds: 0 });
  }
};

/** The worst of all paths; below a millisecond a difference is the clock's. */
const worstRatio = (full: Latency, empty: Latency): number =>
  Math.max(...paths.map((path) => Math.max(1, full[path]!) / Math.max(1, empty[path]!)));

/**
 * The same hub with a full log against a fresh one, in turns: the full one is filled by its own ingest, so that every
 * read model is as large as it would be.
 */
export const growth = async (options: BenchOptions, emit: (result: BenchResult) => void): Promise<void> => {
  const { rounds, seconds, growthEvents } = options;
  const pairs = await withLoadedHub(options, async (grown) => {
    await fill(grown, growthEvents);
    const measured: Pair[] = [];
    for (let round = 0; round < rounds; round += 1) {
      measured.push(await withLoadedHub(options, (fresh) => measurePair(fresh, grown, seconds)));
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
