import type { Sql } from '../../runtime/sql.ts';
import { hourMs, overdueAfterSeconds } from './limits.ts';
import { changedDays, type PolicyName, policiesOf, uncompressedChunks } from './maintenance.ts';
import { storageOf, timescaleSupport } from './storage.ts';

export interface TimeSeriesPolicy {
  policy: PolicyName | 'storage';
  /** When the hub last carried it out without an error. */
  lastRunAt: string | null;
  /** Nobody carried it out for longer than three rounds. */
  overdue: boolean;
  /** TimescaleDB's own job is late or failing, and the hub does its work. */
  takenOver: boolean;
  detail: string;
}

interface PolicyRow {
  policy: string;
  made_at: Date;
  ran_at: Date | null;
  failed: string | null;
  detail: string | null;
}

interface JobRow {
  procedure: string;
  about: string;
  succeeded_at: Date | null;
  interval_seconds: number;
  status: string | null;
  failures: number;
}

const procedures: Partial<Record<PolicyName, string>> = {
  retention: 'policy_retention',
  compression: 'policy_compression',
  aggregates: 'policy_refresh_continuous_aggregate',
};

const readJobs = async (sql: Sql): Promise<JobRow[]> => {
  const { rows } = await sql.query<JobRow>(
    `SELECT jobs.proc_name AS procedure, jobs.hypertable_name AS about,
       nullif(stats.last_successful_finish, '-infinity') AS succeeded_at,
       extract(epoch FROM jobs.schedule_interval)::integer AS interval_seconds,
       stats.last_run_status AS status, coalesce(stats.total_failures, 0)::integer AS failures
     FROM timescaledb_information.jobs AS jobs
     LEFT JOIN timescaledb_information.job_stats AS stats ON stats.job_id = jobs.job_id
     WHERE jobs.hypertable_schema = 'hub' AND jobs.hypertable_name LIKE 'reading%' ORDER BY jobs.job_id`,
  );
  return rows;
};

/** It failed, or two of its own intervals and an hour went by without a success: it has missed its turn. */
const isLate = (job: JobRow, sinceMs: number, nowMs: number): boolean =>
  job.status === 'Failed' ||
  nowMs - (job.succeeded_at?.getTime() ?? sinceMs) > 2 * job.interval_seconds * 1000 + hourMs;

const inWords = (job: JobRow): string =>
  `TimescaleDB's job for ${job.about} ${
    job.succeeded_at === null ? 'has never succeeded' : `last succeeded at ${job.succeeded_at.toISOString()}`
  }${job.failures === 0 ? '' : `, ${job.failures} failures`}`;

const waiting = async (sql: Sql, policy: PolicyName, nowMs: number): Promise<string | undefined> => {
  if (policy === 'compression') {
    const count = (await uncompressedChunks(sql, nowMs)).length;
    return count === 0 ? undefined : `${count} chunks wait to be compressed`;
  }
  if (policy !== 'aggregates') return undefined;
  const count = (await changedDays(sql, nowMs)).length;
  return count === 0 ? undefined : `${count} days wait to be aggregated`;
};

const storagePolicy = async (
  sql: Sql,
  row: PolicyRow | undefined,
  storage: 'partitions' | 'timescale',
): Promise<TimeSeriesPolicy> => {
  const support = storage === 'partitions' ? await timescaleSupport(sql) : undefined;
  const better = support?.usable ? `${support.reason} can be used by now: npm run rebuild -- time-series` : undefined;
  const detail = [row?.detail ?? 'native partitions', better].filter((words) => words !== undefined).join('; ');
  return { policy: 'storage', lastRunAt: null, overdue: false, takenOver: false, detail };
};

/** How the readings are stored, and of every policy when it last ran; for readiness and metrics. */
export const timeSeriesPolicies = async (sql: Sql, nowMs: number): Promise<TimeSeriesPolicy[]> => {
  const storage = await storageOf(sql);
  const { rows } = await sql.query<PolicyRow>('SELECT policy, made_at, ran_at, failed, detail FROM hub.reading_policy');
  const known = new Map(rows.map((row) => [row.policy, row]));
  const chosenAtMs = known.get('storage')?.made_at.getTime() ?? nowMs;
  const jobs = storage === 'timescale' ? await readJobs(sql) : [];
  const policies = [await storagePolicy(sql, known.get('storage'), storage)];
  for (const policy of policiesOf[storage]) {
    const row = known.get(policy);
    const own = jobs.filter((job) => job.procedure === procedures[policy]);
    const late = own.filter((job) => isLate(job, chosenAtMs, nowMs));
    const words = [
      row?.failed == null ? row?.detail : `failed: ${row.failed}`,
      await waiting(sql, policy, nowMs),
      ...(late.length > 0 ? late : own).map(inWords),
    ];
    policies.push({
      policy,
      lastRunAt: row?.ran_at?.toISOString() ?? null,
      overdue: nowMs - (row?.ran_at?.getTime() ?? chosenAtMs) > overdueAfterSeconds * 1000,
      takenOver: late.length > 0,
      detail: words.filter((word) => word != null && word !== '').join('; '),
    });
  }
  return policies;
};
