import { isoTime } from '../../runtime/clock.ts';
import type { Sql, Transact } from '../../runtime/sql.ts';
import {
  compressAfterDays,
  compressionGraceDays,
  dayMs,
  lockWaitSeconds,
  retentionBoundaryMs,
  settleSeconds,
} from './limits.ts';
import { createPartitions, missingMonths, monthsAhead, partitionsEndedBy } from './partitions.ts';
import { type Storage, storageOf, timescaleSupport } from './storage.ts';

export interface MaintenanceParts {
  /** Outside a transaction: TimescaleDB refreshes its aggregates only so. */
  sql: Sql;
  transact: Transact;
  nowMs: number;
}

interface Place extends MaintenanceParts {
  /** Where TimescaleDB's functions lie. */
  schema: string;
}

export type PolicyName = 'partitions-ahead' | 'retention' | 'compression' | 'aggregates';

/** What a policy did, in words; empty when there was nothing to do. */
type Policy = (place: Place) => Promise<string>;

export const policiesOf: Record<Storage, readonly PolicyName[]> = {
  partitions: ['partitions-ahead', 'retention'],
  timescale: ['retention', 'compression', 'aggregates'],
};

/** One hub at a time; a second one leaves the round to the first. */
const maintenanceLock = 7_809_004;
const lockNotAvailable = '55P03';
const alreadyCompressed = '42710';

const codeOf = (error: unknown): string | undefined => (error as { code?: string }).code;

const partitionsAhead: Policy = async ({ sql, transact, nowMs }) => {
  const months = monthsAhead(nowMs);
  if ((await missingMonths(sql, months)).length === 0) return '';
  const made = await transact((inside) => createPartitions(inside, months));
  return `made ${made.join(', ')}`;
};

const dropPartitions: Policy = async ({ sql, transact, nowMs }) => {
  const old = await partitionsEndedBy(sql, retentionBoundaryMs(nowMs));
  for (const name of old) {
    await transact(async (inside) => {
      await inside.query(`SET LOCAL lock_timeout = '${lockWaitSeconds}s'`);
      await inside.query(`DROP TABLE hub.${name}`);
    });
  }
  return old.length === 0 ? '' : `dropped ${old.join(', ')}`;
};

const dropChunks: Policy = async ({ sql, transact, schema, nowMs }) => {
  const boundary = isoTime(retentionBoundaryMs(nowMs));
  let dropped = 0;
  await sql.query(`DELETE FROM hub.reading_changed_day WHERE day <= $1::timestamptz - INTERVAL '1 day'`, [boundary]);
  for (const relation of ['hub.reading', 'hub.reading_hourly', 'hub.reading_daily']) {
    dropped += await transact(async (inside) => {
      await inside.query(`SET LOCAL lock_timeout = '${lockWaitSeconds}s'`);
      const { rows } = await inside.query(`SELECT ${schema}.drop_chunks($1::regclass, older_than => $2::timestamptz)`, [
        relation,
        boundary,
      ]);
      return rows.length;
    });
  }
  return dropped === 0 ? '' : `dropped ${dropped} chunks`;
};

/** The boundary comes first: nobody is shown a half-dropped month. */
const retention =
  (drop: Policy): Policy =>
  async (place) => {
    await place.sql.query(
      `INSERT INTO hub.reading_policy AS known (policy, boundary) VALUES ('retention', $1)
       ON CONFLICT (policy) DO UPDATE SET boundary = greatest(known.boundary, excluded.boundary)`,
      [isoTime(retentionBoundaryMs(place.nowMs))],
    );
    return drop(place);
  };

/** Chunks that the server's own job should have compressed by now, without those that wait to be dropped. */
export const uncompressedChunks = async (sql: Sql, nowMs: number): Promise<string[]> => {
  const { rows } = await sql.query<{ chunk: string }>(
    `SELECT format('%I.%I', chunk_schema, chunk_name) AS chunk FROM timescaledb_information.chunks
     WHERE hypertable_schema = 'hub' AND hypertable_name = 'reading' AND NOT is_compressed AND range_end < $1
       AND range_end > $2 ORDER BY range_end`,
    [isoTime(nowMs - (compressAfterDays + compressionGraceDays) * dayMs), isoTime(retentionBoundaryMs(nowMs))],
  );
  return rows.map(({ chunk }) => chunk);
};

const compression: Policy = async ({ sql, transact, schema, nowMs }) => {
  const chunks = await uncompressedChunks(sql, nowMs);
  for (const chunk of chunks) {
    await transact(async (inside) => {
      await inside.query(`SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '${lockWaitSeconds}s'`);
      await inside.query(`SELECT ${schema}.compress_chunk($1::regclass, true)`, [chunk]);
    }).catch((error: unknown) => {
      if (codeOf(error) !== alreadyCompressed) throw error;
    });
  }
  return chunks.length === 0 ? '' : `compressed ${chunks.length} chunks`;
};

interface ChangedDay {
  day: Date;
  mark: string;
}

/** Days that are over and still read from the raw readings. */
export const changedDays = async (sql: Sql, nowMs: number): Promise<ChangedDay[]> => {
  const { rows } = await sql.query<ChangedDay>(
    `SELECT day, mark FROM hub.reading_changed_day WHERE day <= $1 ORDER BY day`,
    [isoTime(nowMs - dayMs - settleSeconds * 1000)],
  );
  return rows;
};

/** A day's mark goes only if no reading came in between; the next round would see the new mark. */
const aggregateDay = async ({ sql, schema }: Place, { day, mark }: ChangedDay): Promise<void> => {
  const window = `'${day.toISOString()}'::timestamptz, '${isoTime(day.getTime() + dayMs)}'::timestamptz`;
  for (const name of ['reading_hourly', 'reading_daily'])
    await sql.query(`CALL ${schema}.refresh_continuous_aggregate('hub.${name}', ${window})`);
  await sql.query('DELETE FROM hub.reading_changed_day WHERE day = $1 AND mark = $2', [day, mark]);
};

const aggregates: Policy = async (place) => {
  const days = await changedDays(place.sql, place.nowMs);
  let left = 0;
  for (const day of days) {
    await aggregateDay(place, day).catch((error: unknown) => {
      // The server's own job is at it: its days are confirmed in the next round.
      if (codeOf(error) !== lockNotAvailable) throw error;
      left += 1;
    });
  }
  const done = days.length - left === 0 ? '' : `aggregated ${days.length - left} days`;
  return left === 0 ? done : `${done} and left ${left} to the job that is at it`;
};

const steps: Record<Storage, Partial<Record<PolicyName, Policy>>> = {
  partitions: { 'partitions-ahead': partitionsAhead, retention: retention(dropPartitions) },
  timescale: { retention: retention(dropChunks), compression, aggregates },
};

const record = (
  { sql, nowMs }: Place,
  policy: PolicyName,
  outcome: { did: string } | { failed: string },
): Promise<unknown> =>
  'did' in outcome
    ? sql.query(
        `INSERT INTO hub.reading_policy AS known (policy, ran_at, detail) VALUES ($1, $2, nullif($3, ''))
         ON CONFLICT (policy) DO UPDATE
           SET ran_at = excluded.ran_at, failed = NULL, detail = coalesce(excluded.detail, known.detail)`,
        [policy, isoTime(nowMs), outcome.did],
      )
    : sql.query(
        `INSERT INTO hub.reading_policy (policy, failed) VALUES ($1, $2)
         ON CONFLICT (policy) DO UPDATE SET failed = excluded.failed`,
        [policy, outcome.failed],
      );

export interface MaintenanceResult {
  policy: PolicyName;
  /** What was done, in words; empty when there was nothing to do. */
  did: string;
  failed?: string;
}

const carryOut = async (place: Place, policy: PolicyName, work: Policy): Promise<MaintenanceResult> => {
  try {
    const did = await work(place);
    await record(place, policy, { did });
    return { policy, did };
  } catch (error) {
    const failed = (error as Error).message;
    await record(place, policy, { failed });
    return { policy, did: '', failed };
  }
};

/**
 * What keeps the readings in shape, done by the hub itself at its start and every `maintainEverySeconds`, because a
 * job of the server that doesn't run is noticed by nobody. A policy that fails holds up none of the others. Answers
 * nothing when another hub is at it. Needs two connections at once.
 */
export const maintainTimeSeries = async (parts: MaintenanceParts): Promise<MaintenanceResult[]> =>
  parts.transact(async (holdingLock) => {
    const { rows } = await holdingLock.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
      maintenanceLock,
    ]);
    if (!rows[0]?.mine) return [];
    const storage = await storageOf(parts.sql);
    const schema = storage === 'timescale' ? (await timescaleSupport(parts.sql)).schema : '';
    const results: MaintenanceResult[] = [];
    for (const policy of policiesOf[storage])
      results.push(await carryOut({ ...parts, schema }, policy, steps[storage][policy]!));
    return results;
  });
