import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '../event-log/decider.ts';
import type { Position, RecordedEvent } from '../event-log/event.ts';
import type { EventLog, Wants } from '../event-log/event-log.ts';
import { type Projection, wantsOf } from '../event-log/projection.ts';
import type { Clock } from '../runtime/clock.ts';
import { faultPoint } from '../runtime/fault-points.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Sql, Transact } from '../runtime/sql.ts';
import { keepingViews } from './reporting/keep-views.ts';

const retrySeconds = 1;
const batchMax = 30_000;
/**
 * Where batches follow each other within `busyMs` they gather for so long, longer where they are large: a transaction
 * costs the same for one event as for hundreds. A single event is applied at once: somebody may be looking.
 */
const gatherMs = { small: 200, large: 500 };
const largeFrom = 1_000;
const busyMs = 100;
/** How far a checkpoint may stay behind of what a projection doesn't look at. */
const patienceMs = 500;

/** Another process moved the checkpoint: start again from where it stands. */
class CheckpointMoved extends Error {}

interface Checkpoint {
  version: number;
  position: Position | null;
}

const readCheckpoint = async (sql: Sql, name: string, lock: '' | 'FOR UPDATE'): Promise<Checkpoint | undefined> => {
  const { rows } = await sql.query<Checkpoint>(
    `SELECT version, position FROM hub.projection_checkpoint WHERE projection = $1 ${lock}`,
    [name],
  );
  return rows[0];
};

const makeTables = async (sql: Sql, projection: Projection): Promise<void> => {
  for (const table of [...projection.tables].reverse()) await sql.query(`DROP TABLE IF EXISTS ${table} CASCADE`);
  await sql.query(projection.schema);
  await projection.prepare?.(sql);
};

/**
 * Empties a projection so that it replays the log from the first event. Where nothing can have changed about its
 * tables they are truncated, so that whoever waits to read a reporting view finds it; else they are made anew, and the
 * views with them.
 */
export const resetProjection = async (sql: Sql, projection: Projection): Promise<void> => {
  const before = await readCheckpoint(sql, projection.name, 'FOR UPDATE');
  // The checkpoint first, as a batch does it: a batch under way holds it and then wants the tables.
  await sql.query(
    `INSERT INTO hub.projection_checkpoint (projection, version, position) VALUES ($1, $2, NULL)
     ON CONFLICT (projection) DO UPDATE SET version = $2, position = NULL, updated_at = now()`,
    [projection.name, projection.version],
  );
  const stays = before?.version === projection.version && projection.prepare === undefined;
  if (!stays) return keepingViews(sql, () => makeTables(sql, projection));
  await sql.query(projection.schema);
  if (projection.tables.length > 0) await sql.query(`TRUNCATE ${projection.tables.join(', ')}`);
};

/** Creates tables and checkpoint where they are missing, and resets a projection whose version changed. */
export const prepareProjection = async (transact: Transact, projection: Projection): Promise<Position | null> =>
  transact(async (sql) => {
    // A row to lock, so that processes which start together wait for each other. Never the table: whoever holds a row
    // already and writes it next would wait for us, and we for the row.
    await sql.query(
      'INSERT INTO hub.projection_checkpoint (projection, version) VALUES ($1, 0) ON CONFLICT DO NOTHING',
      [projection.name],
    );
    const checkpoint = await readCheckpoint(sql, projection.name, 'FOR UPDATE');
    if (checkpoint?.version !== projection.version) {
      await resetProjection(sql, projection);
      return null;
    }
    return checkpoint.position;
  });

/** Applies one batch and moves the checkpoint, both or neither. */
export const applyBatch = async (
  transact: Transact,
  projection: Projection,
  from: Position | null,
  events: RecordedEvent[],
  wants: Wants = wantsOf(projection),
): Promise<Position | null> => {
  const wanted = events.filter((event) => wants(event.type));
  const to = events.at(-1)?.position ?? from;
  await transact(async (sql) => {
    const checkpoint = await readCheckpoint(sql, projection.name, 'FOR UPDATE');
    if (checkpoint?.position !== from || checkpoint.version !== projection.version) throw new CheckpointMoved();
    if (wanted.length > 0) await projection.apply(sql, wanted);
    faultPoint('projection-folded');
    await sql.query('UPDATE hub.projection_checkpoint SET position = $2, updated_at = now() WHERE projection = $1', [
      projection.name,
      to,
    ]);
  });
  faultPoint('projection-committed');
  return to;
};

/**
 * Reads the log to its end through one projection; for starts, rebuilds and tests. Resolves to the number of events
 * read. Another process may be doing the same: whoever finds the checkpoint moved goes on from where it stands.
 */
export const catchUp = async (
  log: Pick<EventLog, 'readAll'>,
  transact: Transact,
  projection: Projection,
): Promise<number> => {
  let position = await prepareProjection(transact, projection);
  let count = 0;
  const wants = wantsOf(projection);
  let page = log.readAll(position, batchMax, wants);
  for (;;) {
    const events = await page;
    const newest = events.at(-1);
    if (newest === undefined) return count;
    // The log reads on while the database is at work on the batch.
    page = log.readAll(newest.position, batchMax, wants);
    page.catch(() => undefined);
    try {
      position = await applyBatch(transact, projection, position, events, wants);
      count += events.length;
    } catch (error) {
      if (!(error instanceof CheckpointMoved)) throw error;
      position = await prepareProjection(transact, projection);
      page = log.readAll(position, batchMax, wants);
    }
  }
};

interface RunnerParts {
  log: EventLog;
  transact: Transact;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

export interface ProjectionStatus {
  projection: string;
  position: Position | null;
  /** Seconds between the newest applied event's receipt and now; 0 once caught up. */
  lagSeconds: number;
  failing: string | null;
  /** How many events it was handed since the start. */
  events: number;
}

/** Runs every projection in a loop of its own, so that a slow or failing one holds up nobody else. */
export const createRunner = ({ log, transact, clock, logger, metrics }: RunnerParts, projections: Projection[]) => {
  const stop = new AbortController();
  const restarts = new Map<string, AbortController>();
  const status = new Map<string, ProjectionStatus>();
  const loops: Promise<void>[] = [];

  const follow = async (projection: Projection, signal: AbortSignal): Promise<void> => {
    let position = await prepareProjection(transact, projection);
    const state = status.get(projection.name)!;
    if (state.failing !== null && (await log.readAll(position, 1)).length === 0) {
      // What failed was the database, not an event: with nothing left to apply, no batch would say that it is over.
      state.failing = null;
      metrics.projectionFailing.set({ projection: projection.name }, 0);
    }
    const wants = wantsOf(projection);
    let endedMs = 0;
    for await (const events of log.subscribe(position, { signal, maxCount: batchMax, wants, patienceMs })) {
      const isBusy = clock.now() - endedMs < busyMs;
      position = await applyBatch(transact, projection, position, events, wants);
      const newest = events.at(-1)!;
      state.position = position;
      state.failing = null;
      const behind = events.length < batchMax ? 0 : (clock.now() - Date.parse(newest.meta.receivedAt)) / 1000;
      state.lagSeconds = Math.max(0, behind);
      metrics.projectionLagSeconds.set({ projection: projection.name }, state.lagSeconds);
      metrics.projectionFailing.set({ projection: projection.name }, 0);
      state.events += events.length;
      metrics.projectionEvents.inc({ projection: projection.name }, events.length);
      if (isBusy && events.length < batchMax) {
        const restMs = events.length < largeFrom ? gatherMs.small : gatherMs.large;
        await sleep(restMs, undefined, { signal }).catch(() => undefined);
      }
      endedMs = clock.now();
    }
  };

  const run = async (projection: Projection): Promise<void> => {
    while (!stop.signal.aborted) {
      const restart = new AbortController();
      restarts.set(projection.name, restart);
      try {
        await follow(projection, AbortSignal.any([stop.signal, restart.signal]));
        // Ended without an error, yet nobody wished it: not at once again, or a log that ends would keep a core busy.
        if (!stop.signal.aborted && !restart.signal.aborted) await sleep(retrySeconds * 1000);
      } catch (error) {
        if (error instanceof CheckpointMoved || stop.signal.aborted) continue;
        status.get(projection.name)!.failing = (error as Error).message;
        metrics.projectionFailing.set({ projection: projection.name }, 1);
        logger.error({ projection: projection.name, err: error }, 'projection failed, trying again');
        await sleep(retrySeconds * 1000);
      }
    }
  };

  return {
    /** Prepares all tables, then follows the log until `stop`. */
    async start(): Promise<void> {
      for (const projection of projections) {
        const position = await prepareProjection(transact, projection);
        status.set(projection.name, { projection: projection.name, position, lagSeconds: 0, failing: null, events: 0 });
        metrics.projectionLagSeconds.set({ projection: projection.name }, 0);
        metrics.projectionFailing.set({ projection: projection.name }, 0);
      }
      for (const projection of projections) loops.push(run(projection));
    },
    /** Empties a projection and lets it replay. Throws when there is none of that name. */
    async rebuild(name: string): Promise<void> {
      const projection = projections.find((candidate) => candidate.name === name);
      if (projection === undefined) throw new Error(`no projection ${name}`);
      if (projection.rebuildable === false)
        throw new Refusal('projection.not-rebuildable', `${name} writes to the log; it is never replayed`);
      await transact((sql) => resetProjection(sql, projection));
      restarts.get(name)?.abort();
    },
    status: (): ProjectionStatus[] => [...status.values()],
    async stop(): Promise<void> {
      stop.abort();
      await Promise.allSettled(loops);
    },
  };
};

export type Runner = ReturnType<typeof createRunner>;
