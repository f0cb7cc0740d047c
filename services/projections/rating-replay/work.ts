import { setTimeout as sleep } from 'node:timers/promises';
import type { Compound } from '../../registry/registry.ts';
import { type Clock, isoTime } from '../../runtime/clock.ts';
import type { Sql, Transact } from '../../runtime/sql.ts';
import { countsOf, stretchesOf } from './compare.ts';
import { comparedDays } from './rate-days.ts';
import type { Counts, RequestedData } from './replay.ts';

const attemptsMax = 3;
const retrySeconds = 1;
/** Replays whose results stay; each is a few megabytes for a year of a city. */
const keptMax = 20;

export interface OpenReplay extends RequestedData {
  id: string;
}

/** The oldest replay that nobody has finished: they run one after the other. */
export const oldestOpen = async (sql: Sql): Promise<OpenReplay | undefined> => {
  const { rows } = await sql.query<OpenReplay>(
    `SELECT id, standard, from_day::text AS "from", to_day::text AS "to", compounds
     FROM hub.rating_replay WHERE ended IS NULL ORDER BY requested_at, id LIMIT 1`,
  );
  return rows[0];
};

/** Writes down which compounds are to be rated, once. */
export const plan = (
  transact: Transact,
  replay: OpenReplay,
  { all, clock }: { all: readonly Pick<Compound, 'id' | 'timeZone'>[]; clock: Clock },
): Promise<void> =>
  transact(async (sql) => {
    const { rowCount } = await sql.query(
      'INSERT INTO hub.rating_replay_run (replay, planned_at) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [replay.id, isoTime(clock.now())],
    );
    if (rowCount === 0) return;
    const wanted = replay.compounds === null ? all : all.filter(({ id }) => replay.compounds?.includes(id));
    await sql.query(
      `INSERT INTO hub.rating_replay_compound (replay, compound, time_zone)
       SELECT $1, * FROM unnest($2::text[], $3::text[]) ON CONFLICT DO NOTHING`,
      [replay.id, wanted.map(({ id }) => id), wanted.map(({ timeZone }) => timeZone)],
    );
    await sql.query(
      `DELETE FROM hub.rating_replay_run WHERE replay IN (
         SELECT replay FROM hub.rating_replay_run ORDER BY planned_at DESC, replay OFFSET $1)`,
      [keptMax],
    );
  });

interface Claimed {
  compound: string;
  timeZone: string;
}

/** Locks a compound that is still to be rated, past those that another worker holds. */
const claim = async (sql: Sql, replay: string): Promise<Claimed | undefined> => {
  const { rows } = await sql.query<Claimed>(
    `SELECT compound, time_zone AS "timeZone" FROM hub.rating_replay_compound
     WHERE replay = $1 AND done_at IS NULL AND EXISTS (SELECT FROM hub.rating_replay WHERE id = $1 AND ended IS NULL)
     ORDER BY compound LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [replay],
  );
  return rows[0];
};

const writeChanges = async (sql: Sql, replay: string, compound: string, days: Compared): Promise<void> => {
  const stretches = stretchesOf(days).map((stretch) => ({
    replay,
    compound,
    day: stretch.day,
    until_day: stretch.until,
    days: stretch.days,
    stars_in_force: stretch.starsInForce,
    stars_replayed: stretch.starsReplayed,
    criteria: stretch.criteria,
  }));
  if (stretches.length === 0) return;
  await sql.query(
    `INSERT INTO hub.rating_replay_change
       SELECT * FROM jsonb_populate_recordset(NULL::hub.rating_replay_change, $1::jsonb)`,
    [JSON.stringify(stretches)],
  );
};

type Compared = Awaited<ReturnType<typeof comparedDays>>;

/** Writes down what was found of a compound; with it, the compound is done. */
export const writeDays = async (
  sql: Sql,
  { replay, compound, doneAt }: { replay: string; compound: string; doneAt: string },
  days: Compared,
): Promise<void> => {
  await writeChanges(sql, replay, compound, days);
  await sql.query(
    `UPDATE hub.rating_replay_compound SET done_at = $3, stars_in_force = $4, stars_replayed = $5
     WHERE replay = $1 AND compound = $2`,
    [
      ...[replay, compound, doneAt],
      days.map((day) => day?.starsInForce ?? null),
      days.map((day) => day?.starsReplayed ?? null),
    ],
  );
};

const rateOne = async (sql: Sql, replay: OpenReplay, claimed: Claimed, clock: Clock): Promise<void> => {
  const days = await comparedDays(sql, { ...replay, ...claimed });
  await writeDays(sql, { replay: replay.id, compound: claimed.compound, doneAt: isoTime(clock.now()) }, days);
};

export interface WorkerParts {
  transact: Transact;
  clock: Clock;
  signal: AbortSignal;
  /** Called after each compound with the time it took, for whoever leaves the machine to others for a while. */
  rest(spentMs: number): Promise<void>;
}

/**
 * Rates one compound after the other until none is left, the replay is cancelled, or the signal aborts. Each compound is
 * one transaction with its results, so a crash takes no more than the one under way, and several workers share a replay.
 */
export const workOn = async ({ transact, clock, signal, rest }: WorkerParts, replay: OpenReplay): Promise<void> => {
  const attempts = new Map<string, number>();
  while (!signal.aborted) {
    const beganMs = clock.now();
    const under: { way?: Claimed } = {};
    try {
      await transact(async (sql) => {
        const claimed = await claim(sql, replay.id);
        if (claimed === undefined) return;
        under.way = claimed;
        await rateOne(sql, replay, claimed, clock);
      });
      if (under.way === undefined) return;
    } catch (error) {
      if (under.way === undefined) throw error;
      const { compound } = under.way;
      const attempt = (attempts.get(compound) ?? 0) + 1;
      attempts.set(compound, attempt);
      if (attempt === attemptsMax) await giveUp(transact, replay.id, compound, (error as Error).message, clock);
      else await sleep(retrySeconds * 1000, undefined, { signal }).catch(() => undefined);
    }
    await rest(clock.now() - beganMs);
  }
};

const giveUp = (transact: Transact, replay: string, compound: string, reason: string, clock: Clock): Promise<unknown> =>
  transact((sql) =>
    sql.query('UPDATE hub.rating_replay_compound SET done_at = $3, failure = $4 WHERE replay = $1 AND compound = $2', [
      replay,
      compound,
      isoTime(clock.now()),
      reason,
    ]),
  );

export type Outcome = { failure: string } | { summary: Counts; days: Counts };

interface ResultRow {
  compound: string;
  failure: string | null;
  in_force: (number | null)[];
  replayed: (number | null)[];
}

/** What came of a replay once every compound was rated; `undefined` before. */
export const outcomeOf = async (sql: Sql, replay: string): Promise<Outcome | undefined> => {
  const { rows } = await sql.query<ResultRow & { done: boolean }>(
    `SELECT compound, failure, stars_in_force AS in_force, stars_replayed AS replayed, done_at IS NOT NULL AS done
     FROM hub.rating_replay_compound WHERE replay = $1 ORDER BY compound`,
    [replay],
  );
  if (rows.some(({ done }) => !done)) return undefined;
  const failed = rows.filter(({ failure }) => failure !== null);
  if (failed.length > 0) {
    return {
      failure: `${failed.length} of ${rows.length} compounds could not be rated, first ${failed[0]!.compound}: ${failed[0]!.failure}`,
    };
  }
  const last: { starsInForce: number; starsReplayed: number }[] = [];
  const days: Counts = { up: 0, down: 0, same: 0 };
  for (const { in_force, replayed } of rows) {
    const pairs = in_force.flatMap((starsInForce, index) => {
      const starsReplayed = replayed[index];
      return starsInForce === null || starsReplayed == null ? [] : [{ starsInForce, starsReplayed }];
    });
    const own = countsOf(pairs);
    for (const way of ['up', 'down', 'same'] as const) days[way] += own[way];
    if (pairs.length > 0) last.push(pairs.at(-1)!);
  }
  return { summary: countsOf(last), days };
};
