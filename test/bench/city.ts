import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { startEmbeddedPostgres } from '../../services/runtime/embedded-postgres.ts';
import { fillCity } from './city-fill.ts';
import { devicesPerCompound, fullDays } from './city-fleet.ts';
import { type HubProcess, startHubProcess, temporaryFolder } from './hub-process.ts';
import { keepMonthsAtOnce } from './kept-months.ts';
import type { BenchOptions } from './options.ts';
import { memoryMebibytes } from './process-cpu.ts';
import { type BenchResult, resultOf } from './result.ts';

/** Compounds with a whole month of what 300 devices say. */
const fullCompounds = 2;
const asked = 1_000;
/** Instants that a month is asked for, again and again: so many that three in ten questions are the first for their day. */
const instantsOfMonth = 200;
const overviewsAsked = 30;
const raterSeconds = 30;
const dayMs = 86_400_000;
/** Devices that speak between two questions for one compound: so many do in twelve seconds. */
const toldBetween = 5;

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;

const cpuMs = async (hub: HubProcess): Promise<number> => {
  const { hub: own, postgres } = await hub.cpu();
  return (own + postgres) / 1000;
};

/**
 * How long an answer takes, and the processor time of the hub and its PostgreSQL behind it; what is done `before` each
 * question is not timed. As often it is asked beforehand: a hub that has run for days has its code compiled.
 */
const timed = async (
  hub: HubProcess,
  times: number,
  ask: (nth: number) => Promise<unknown>,
  before: (nth: number) => Promise<unknown> = async () => undefined,
) => {
  const took: number[] = [];
  let beforeMs = 0;
  for (let nth = -times; nth < times; nth += 1) {
    if (nth === 0) beforeMs = await cpuMs(hub);
    await before(nth);
    const startMs = performance.now();
    await ask(nth);
    if (nth >= 0) took.push(performance.now() - startMs);
  }
  took.sort((left, right) => left - right);
  const processorMs = ((await cpuMs(hub)) - beforeMs) / times;
  return { p50Ms: percentile(took, 0.5), p99Ms: percentile(took, 0.99), processorMs };
};

/** A hub that has heard of one compound: a log that is not empty, tables that are made. Answers what it costs at rest. */
const begin = async (dataDir: string): Promise<number> => {
  const hub = await startHubProcess({ dataDir });
  try {
    await hub.api.post('/api/compounds', { id: 'first-yuan', name: '首园', profile: 'new', households: 1 });
    for (let rated = 0; rated === 0; await sleep(200)) {
      rated = (await hub.sql.query('SELECT FROM hub.rating_latest')).rows.length;
    }
    return await shareWhile(hub, async () => undefined);
  } finally {
    await hub.stop();
  }
};

const fill = async (dataDir: string, compounds: number): Promise<void> => {
  const server = await startEmbeddedPostgres({ dataDir });
  try {
    await fillCity(server.url, { compounds, full: Math.min(fullCompounds, compounds) });
  } finally {
    await server.stop();
  }
};

/** Share of a core that the hub and its PostgreSQL take while `tell` is done every second. */
const shareWhile = async (hub: HubProcess, tell: () => Promise<unknown>): Promise<number> => {
  const before = await cpuMs(hub);
  const startMs = performance.now();
  for (let second = 0; second < raterSeconds; second += 1) {
    await tell();
    await sleep(1000);
  }
  return ((await cpuMs(hub)) - before) / (performance.now() - startMs);
};

/** Something is told of every compound all the time, as in a city whose devices speak. */
const tellOfAll = (hub: HubProcess, atOnce: boolean) => () =>
  hub.sql.query(
    `INSERT INTO hub.rating_occasion SELECT id, $1 FROM hub.registry_compound
     ON CONFLICT (compound) DO UPDATE SET at_once = $1 WHERE rating_occasion.at_once <> $1`,
    [atOnce],
  );

/** The rater takes each occasion away before it rates. */
const ratingsMade = async ({ sql }: HubProcess): Promise<number> => {
  const { rows } = await sql.query<{ made: string }>(
    `SELECT n_tup_del AS made FROM pg_stat_user_tables WHERE relid = 'hub.rating_occasion'::regclass`,
  );
  return Number(rows[0]!.made);
};

/** Beyond what a hub costs that has nothing to rate. */
const raterCost = async (hub: HubProcess, idle: number, emit: (result: BenchResult) => void): Promise<void> => {
  for (const [name, atOnce] of [
    ['devices speak', false],
    ['orders and registers change', true],
  ] as const) {
    const before = await ratingsMade(hub);
    const share = await shareWhile(hub, tellOfAll(hub, atOnce));
    const ratingsPerSecond = ((await ratingsMade(hub)) - before) / raterSeconds;
    emit(
      resultOf(`city: share of a core for ratings while ${name} everywhere`, 'cores', [Math.max(0, share - idle)], {
        target: { atMost: 0.15 },
        details: { idle, ratingsPerSecond },
      }),
    );
  }
};

/** Some devices of the compound have spoken since it was rated last, so what was kept of them doesn't hold any more. */
const tellMore = (hub: HubProcess, compound: string, nth: number): Promise<unknown> => {
  const devices = Array.from(
    { length: toldBetween },
    (_, of) => (nth * toldBetween + of + devicesPerCompound) % devicesPerCompound,
  );
  const streams = devices.flatMap((of) => ['device', 'telemetry'].map((stream) => `${stream}-${compound}-d-${of}`));
  return hub.sql.query('UPDATE hub.rating_stream SET revision = revision + 1 WHERE stream = ANY($1)', [streams]);
};

const measure = async (hub: HubProcess, compounds: number, emit: (result: BenchResult) => void): Promise<void> => {
  const words = `with ${compounds} compounds of 300 devices`;
  const overview = await timed(hub, overviewsAsked, () => hub.ask('/api/overview'));
  emit(resultOf('city: overview, p99', 'ms', [overview.p99Ms], { target: { atMost: 300, words }, details: overview }));
  const list = await timed(hub, overviewsAsked, () => hub.ask('/api/compounds'));
  emit(resultOf('city: all compounds with their positions, p99', 'ms', [list.p99Ms], { details: list }));
  const page = await timed(hub, overviewsAsked, () => hub.ask('/api/devices?limit=100'));
  emit(resultOf('city: a page of all devices, p99', 'ms', [page.p99Ms], { details: page }));
  const fullCompound = (nth: number): string => `yuan-${(nth + asked) % Math.min(fullCompounds, compounds)}`;
  const full = (nth: number): string => `/api/compounds/${fullCompound(nth)}`;
  const one = await timed(hub, asked, (nth) => hub.ask(full(nth)));
  emit(resultOf('city: one compound as it stands, p99', 'ms', [one.p99Ms], { details: one }));
  const now = await timed(
    hub,
    asked,
    (nth) => hub.ask(`${full(nth)}/rating`),
    (nth) => tellMore(hub, fullCompound(nth), nth),
  );
  emit(
    resultOf('city: rating of one compound, p99', 'ms', [now.p99Ms], { target: { atMost: 30, words }, details: now }),
  );
  const past = await timed(hub, asked, (nth) => {
    const at = isoTime(
      systemClock.now() - (((nth + asked) % instantsOfMonth) / instantsOfMonth) * (fullDays - 1) * dayMs,
    );
    return hub.ask(`${full(nth)}/rating?at=${at}`);
  });
  emit(
    resultOf('city: rating of a past day, p99', 'ms', [past.p99Ms], { target: { atMost: 100, words }, details: past }),
  );
};

/** A hub over the tables of a whole city: what it answers, and what keeping its ratings current costs. */
export const city = async ({ cityCompounds }: BenchOptions, emit: (result: BenchResult) => void): Promise<void> => {
  const dataDir = await temporaryFolder();
  try {
    const idle = await begin(dataDir);
    await fill(dataDir, cityCompounds);
    const startMs = performance.now();
    const hub = await startHubProcess({ dataDir });
    try {
      const startSeconds = (performance.now() - startMs) / 1000;
      const memory = await memoryMebibytes(hub.pid);
      emit(resultOf('city: start of the hub', 's', [startSeconds], { details: { memoryMebibytes: memory } }));
      // Once a month, and not what a hub is doing on most days.
      await keepMonthsAtOnce(hub, cityCompounds);
      await measure(hub, cityCompounds, emit);
      await raterCost(hub, idle, emit);
    } finally {
      await hub.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
};
