import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import type { Additions, PresenceStretch } from './fold.ts';
import { silentAfterMs } from './kind-silence.ts';
import { type HeardRun, joinRuns } from './up-time.ts';

interface DeviceRun extends HeardRun {
  device: string;
}

/** Per device the stretch of time in which runs may join. */
interface Reach {
  device: string;
  lowMs: number;
  highMs: number;
}

const reachOf = (device: string, heardMs: readonly number[], kind: string | undefined): Reach => {
  const sorted = [...heardMs].sort((a, b) => a - b);
  const aroundMs = silentAfterMs(kind);
  return { device, lowMs: sorted[0]! - aroundMs, highMs: sorted.at(-1)! + aroundMs };
};

const reachColumns = (reaches: readonly Reach[]): unknown[] => [
  reaches.map(({ device }) => device),
  reaches.map(({ lowMs }) => isoTime(lowMs)),
  reaches.map(({ highMs }) => isoTime(highMs)),
];

/** Runs don't overlap, so of those that begin before the reach only the last can touch it. */
export const runsWithin = async (sql: Sql, reaches: readonly Reach[]): Promise<DeviceRun[]> => {
  const { rows } = await sql.query<{ device: string; from_at: Date; to_at: Date }>(
    `SELECT run.device, run.from_at, run.to_at
     FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS reach (device, low, high)
     CROSS JOIN LATERAL (
       (SELECT device, from_at, to_at FROM hub.rating_heard
        WHERE device = reach.device AND from_at <= reach.low ORDER BY from_at DESC LIMIT 1)
       UNION ALL
       SELECT device, from_at, to_at FROM hub.rating_heard
       WHERE device = reach.device AND from_at > reach.low AND from_at <= reach.high) AS run`,
    reachColumns(reaches),
  );
  return rows.map(({ device, from_at, to_at }) => ({ device, fromMs: from_at.getTime(), toMs: to_at.getTime() }));
};

export const disconnectsWithin = async (sql: Sql, reaches: readonly Reach[]): Promise<Map<string, number[]>> => {
  const { rows } = await sql.query<{ device: string; at: Date }>(
    `SELECT gone.device, gone.at FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS reach (device, low, high)
     JOIN hub.rating_disconnect AS gone ON gone.device = reach.device AND gone.at BETWEEN reach.low AND reach.high`,
    reachColumns(reaches),
  );
  const byDevice = new Map<string, number[]>();
  for (const { device, at } of rows) byDevice.set(device, [...(byDevice.get(device) ?? []), at.getTime()]);
  return byDevice;
};

const write = async (sql: Sql, gone: readonly DeviceRun[], changed: readonly DeviceRun[]): Promise<void> => {
  if (gone.length > 0) {
    await sql.query(
      `DELETE FROM hub.rating_heard USING unnest($1::text[], $2::timestamptz[]) AS gone (device, from_at)
       WHERE rating_heard.device = gone.device AND rating_heard.from_at = gone.from_at`,
      [gone.map(({ device }) => device), gone.map(({ fromMs }) => isoTime(fromMs))],
    );
  }
  if (changed.length === 0) return;
  await sql.query(
    `INSERT INTO hub.rating_heard (device, from_at, to_at)
     SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[])
     ON CONFLICT (device, from_at) DO UPDATE SET to_at = excluded.to_at`,
    [
      changed.map(({ device }) => device),
      changed.map(({ fromMs }) => isoTime(fromMs)),
      changed.map(({ toMs }) => isoTime(toMs)),
    ],
  );
};

const byDevice = (runs: readonly DeviceRun[]): Map<string, DeviceRun[]> => {
  const grouped = new Map<string, DeviceRun[]>();
  for (const run of runs) {
    const own = grouped.get(run.device);
    if (own === undefined) grouped.set(run.device, [run]);
    else own.push(run);
  }
  return grouped;
};

const writeDisconnects = async (sql: Sql, presence: Additions['presence']): Promise<void> => {
  const gone = [...presence].flatMap(([device, stretches]) =>
    stretches.flatMap(({ goneMs }) => (goneMs === null ? [] : [{ device, goneMs }])),
  );
  if (gone.length === 0) return;
  await sql.query(
    `INSERT INTO hub.rating_disconnect (device, at) SELECT * FROM unnest($1::text[], $2::timestamptz[])
     ON CONFLICT DO NOTHING`,
    [gone.map(({ device }) => device), gone.map(({ goneMs }) => isoTime(goneMs))],
  );
};

/**
 * The runs with what was told since joined to them. A disconnection counts for what is told after it, so that the runs
 * don't depend on how the log was cut into batches.
 */
const joinStretches = (
  before: readonly HeardRun[],
  disconnectsMs: readonly number[],
  stretches: readonly PresenceStretch[],
  aroundMs: number,
): HeardRun[] => {
  const known = [...disconnectsMs];
  let runs = [...before];
  for (const { heardMs, goneMs } of stretches) {
    const heard = heardMs.map((atMs) => ({ fromMs: atMs, toMs: atMs }));
    if (heard.length > 0) runs = joinRuns([...runs, ...heard], known, aroundMs);
    if (goneMs !== null) known.push(goneMs);
  }
  return runs;
};

/** Joins what was heard to the runs that are there: in the usual case one row per device moves its end. */
export const addHeard = async (
  sql: Sql,
  { presence }: Additions,
  kindOf: (device: string) => string | undefined,
): Promise<void> => {
  if (presence.size === 0) return;
  const reaches = [...presence].flatMap(([device, stretches]) => {
    const heardMs = stretches.flatMap((stretch) => stretch.heardMs);
    return heardMs.length === 0 ? [] : [reachOf(device, heardMs, kindOf(device))];
  });
  const existing = byDevice(await runsWithin(sql, reaches));
  // The run before the reach may end long before it: what happened since is asked for too, or it would be joined.
  const widened = reaches.map((reach) => ({
    ...reach,
    lowMs: Math.min(reach.lowMs, ...(existing.get(reach.device) ?? []).map(({ toMs }) => toMs)),
  }));
  const disconnects = await disconnectsWithin(sql, widened);
  await writeDisconnects(sql, presence);
  const vanished: DeviceRun[] = [];
  const changed: DeviceRun[] = [];
  for (const [device, stretches] of presence) {
    const before = existing.get(device) ?? [];
    const after = joinStretches(before, disconnects.get(device) ?? [], stretches, silentAfterMs(kindOf(device)));
    const endByStart = new Map(before.map(({ fromMs, toMs }) => [fromMs, toMs]));
    const starts = new Set(after.map(({ fromMs }) => fromMs));
    vanished.push(...before.filter(({ fromMs }) => !starts.has(fromMs)));
    changed.push(
      ...after.filter(({ fromMs, toMs }) => endByStart.get(fromMs) !== toMs).map((run) => ({ ...run, device })),
    );
  }
  await write(sql, vanished, changed);
};
