import { setTimeout as sleep } from 'node:timers/promises';
import { standardInForce, standardName, standards } from '../../services/projections/star-rating/standards.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import { compoundOf, devicesOf, devicesPerCompound } from './city-fleet.ts';
import { embeddedServer, type HubProcess, startHubProcess } from './hub-process.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, resultOf } from './result.ts';
import { fillYear } from './year-fill.ts';

/** Each is a million rows; the figure is per compound and day, and a city is only more of them. */
const compoundsMax = 8;
const cityCompounds = 3000;
const dayMs = 86_400_000;
const days = 365;

const register = async (hub: HubProcess, compounds: number): Promise<void> => {
  for (let nth = 0; nth < compounds; nth += 1) {
    const compound = compoundOf(nth);
    await hub.api.post('/api/compounds', compound);
    const devices = devicesOf(compound.id).map(({ adopted: _, covers: __, ...device }) => device);
    for (const device of devices) await hub.api.post('/api/devices', device);
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

const replayYear = async (hub: HubProcess, standard: string): Promise<Replay> => {
  const day = (back: number): string => isoTime(systemClock.now() - back * dayMs).slice(0, 10);
  const asked = { standard, from: day(days + 1), to: day(2) };
  const { id } = (await hub.api.post('/api/rating-replays', asked)) as { id: string };
  for (;;) {
    const replay = (await hub.api.get(`/api/rating-replays/${id}`)) as Replay;
    if (replay.failure !== null) throw new Error(replay.failure);
    if (replay.state === 'done') return replay;
    await sleep(200);
  }
};

/** A year of compounds with 300 devices each under another version of the standard, by a hub that does nothing else. */
export const reRating = async (options: BenchOptions, emit: (result: BenchResult) => void): Promise<void> => {
  const compounds = Math.min(options.cityCompounds, compoundsMax);
  const hub = await startHubProcess();
  try {
    await register(hub, compounds);
    await fill(hub);
    const inForce = standardName(standardInForce(isoTime(systemClock.now())));
    const other =
      standards()
        .map(standardName)
        .find((name) => name !== inForce) ?? inForce;
    const before = await hub.cpu();
    const beganMs = performance.now();
    const { summary } = await replayYear(hub, other);
    const seconds = (performance.now() - beganMs) / 1000;
    const after = await hub.cpu();
    const ratings = compounds * days;
    const citySeconds = (seconds * cityCompounds) / compounds;
    emit(
      resultOf('re-rating: days of compounds a second', 'ratings/s', [ratings / seconds], {
        target: { atLeast: (cityCompounds * days) / 300, words: 'so that a year of the city takes 5 min' },
        details: {
          ...{ compounds, seconds, standard: other, summary, cityMinutes: citySeconds / 60 },
          cpuMicrosPerRating: {
            hub: (after.hub - before.hub) / ratings,
            postgres: (after.postgres - before.postgres) / ratings,
          },
        },
      }),
    );
  } finally {
    await hub.stop();
  }
};
