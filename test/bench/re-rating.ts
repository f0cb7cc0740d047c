import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel } from '../../services/demo/in-parallel.ts';
import { standardInForce, standardName, standards } from '../../services/projections/star-rating/standards.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import { compoundOf, devicesOf, devicesPerCompound } from './city-fleet.ts';
import { embeddedServer, type HubProcess, startHubProcess } from './hub-process.ts';
import { keepMonthsAtOnce } from './kept-months.ts';
import { type BenchOptions, profilingFlags } from './options.ts';
import { type BenchResult, resultOf } from './result.ts';
import { fillYear } from './year-fill.ts';

/** Each is 300,000 rows. Half of them warm the threads up, which V8 needs some twenty compounds a thread for. */
const compoundsMax = 96;
const postsAtOnce = 8;
const cityCompounds = 3000;
/** Each look costs the hub what it takes to rate some days. */
const lookEveryMs = 250;
const dayMs = 86_400_000;
const days = 365;

const register = async (hub: HubProcess, compounds: number): Promise<void> => {
  for (let nth = 0; nth < compounds; nth += 1) {
    const compound = compoundOf(nth);
    await hub.api.post('/api/compounds', compound);
    const devices = devicesOf(compound.id).map(({ adopted: _, covers: __, ...device }) => device);
    await inParallel(devices, postsAtOnce, (device) => hub.api.post('/api/devices', device));
  }
  for (let known = 0; known < compounds * devicesPerCompound; await sleep(200)) {
    const { rows } = await hub.sql.query(
      `SELECT count(*)::integer AS known FROM hub.rating_register WHERE type = 'device.registered'`,
    );
    known = rows[0]!.known;
  }
};

const fill = async (hub: HubProcess): Promise<void> => {
  const { url } = await embeddedServer(hub.dataDir);
  const pool = openPool(url, { maxConnections: 1, statementTimeoutSeconds: 0 });
  try {
    await transact(pool, { durable: false })(fillYear);
    await pool.query('VACUUM ANALYZE');
  } finally {
    await pool.end();
  }
};

interface Replay {
  state: string;
  progress: { done: number };
  summary: object | null;
  failure: string | null;
}

/** How far the replay was at an instant, and what it had cost. */
interface Mark {
  done: number;
  atMs: number;
  cpu: Awaited<ReturnType<HubProcess['cpu']>>;
}

interface Replayed {
  replay: Replay;
  /** From when half of it was done on: a city is so long that the start of the threads and their warming up don't count. */
  half: Mark;
  end: Mark;
}

const replayYear = async (hub: HubProcess, standard: string, compounds: number): Promise<Replayed> => {
  const day = (back: number): string => isoTime(systemClock.now() - back * dayMs).slice(0, 10);
  const asked = { standard, from: day(days + 1), to: day(2) };
  const { id } = (await hub.api.post('/api/rating-replays', asked)) as { id: string };
  let half: Mark | undefined;
  let end: Mark | undefined;
  for (;;) {
    const replay = (await hub.api.get(`/api/rating-replays/${id}`)) as Replay;
    if (replay.failure !== null) throw new Error(replay.failure);
    const { done } = replay.progress;
    const mark = async (): Promise<Mark> => ({ done, atMs: performance.now(), cpu: await hub.cpu() });
    if (done >= Math.floor(compounds / 2)) half ??= await mark();
    if (done === compounds) end ??= await mark();
    if (replay.state === 'done' && half !== undefined && end !== undefined) return { replay, half, end };
    await sleep(lookEveryMs);
  }
};

/** A year of compounds with 300 devices each under another version of the standard, by a hub that does nothing else. */
export const reRating = async (options: BenchOptions, emit: (result: BenchResult) => void): Promise<void> => {
  const compounds = Math.min(options.cityCompounds, compoundsMax);
  const hub = await startHubProcess({ nodeFlags: profilingFlags(options) });
  try {
    await register(hub, compounds);
    await fill(hub);
    const secondsToKeepMonths = await keepMonthsAtOnce(hub, compounds);
    const inForce = standardName(standardInForce(isoTime(systemClock.now())));
    const other =
      standards()
        .map(standardName)
        .find((name) => name !== inForce) ?? inForce;
    const beganMs = performance.now();
    const { replay, half, end } = await replayYear(hub, other, compounds);
    const ratings = Math.max(1, end.done - half.done) * days;
    const ratingsPerSecond = (1000 * ratings) / (end.atMs - half.atMs);
    emit(
      resultOf('re-rating: days of compounds a second', 'ratings/s', [ratingsPerSecond], {
        target: { atLeast: (cityCompounds * days) / 300, words: 'so that a year of the city takes 5 min' },
        details: {
          ...{ compounds, standard: other, summary: replay.summary },
          secondsToKeepMonths,
          secondsToHalf: (half.atMs - beganMs) / 1000,
          cityMinutes: (cityCompounds * days) / ratingsPerSecond / 60,
          cpuMicrosPerRating: {
            hub: (end.cpu.hub - half.cpu.hub) / ratings,
            postgres: (end.cpu.postgres - half.cpu.postgres) / ratings,
          },
        },
      }),
    );
  } finally {
    await hub.stop();
  }
};
