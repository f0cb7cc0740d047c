import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import type { Additions } from './fold.ts';
import { joinedWithinMs } from './kind-silence.ts';
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

/** Runs don't overlap, so of those that begin before the reach only the last can touch it. */
const runsWithin = async (sql: Sql, reaches: readonly Reach[]): Promise<DeviceRun[]> => {
  const { rows } = await sql.query<{ device: string; from_at: Date; to_at: Date }>(
    `SELECT run.device, run.from_at, run.to_at
     FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS reach (device, low, high)
     CROSS JOIN LATERAL (
       (SELECT device, from_at, to_at FROM hub.rating_heard
        WHERE device = reach.device AND from_at <= reach.low ORDER BY from_at DESC LIMIT 1)
       UNION ALL
       SELECT device, from_at, to_at FROM hub.rating_heard
       WHERE device = reach.device AND from_at > reach.low AND from_at <= reach.high) AS run`,
    [
      reaches.map(({ device }) => device),
      reaches.map(({ lowMs }) => isoTime(lowMs)),
      reaches.map(({ highMs }) => isoTime(highMs)),
    ],
  );
  return rows.map(({ device, from_at, to_at }) => ({ device, fromMs: from_at.getTime(), toMs: to_at.getTime() }));
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

/** Joins what was heard to the runs that are there: in the usual case one row per device moves its end. */
export const addHeard = async (
  sql: Sql,
  { heard }: Additions,
  kindOf: (device: string) => string | undefined,
): Promise<void> => {
  if (heard.size === 0) return;
  const news = [...heard].map(([device, instants]) => {
    const withinMs = joinedWithinMs(kindOf(device));
    const points = instants.map((atMs) => ({ fromMs: atMs, toMs: atMs }));
    return { device, withinMs, runs: joinRuns(points, withinMs) };
  });
  const reaches = news.map(({ device, withinMs, runs }) => ({
    device,
    lowMs: runs[0]!.fromMs - withinMs,
    highMs: runs.at(-1)!.toMs + withinMs,
  }));
  const existing = byDevice(await runsWithin(sql, reaches));
  const vanished: DeviceRun[] = [];
  const changed: DeviceRun[] = [];
  for (const { device, withinMs, runs } of news) {
    const before = existing.get(device) ?? [];
    const after = joinRuns([...before, ...runs], withinMs);
    const endByStart = new Map(before.map(({ fromMs, toMs }) => [fromMs, toMs]));
    const starts = new Set(after.map(({ fromMs }) => fromMs));
    vanished.push(...before.filter(({ fromMs }) => !starts.has(fromMs)));
    changed.push(
      ...after
        .filter(({ fromMs, toMs }) => endByStart.get(fromMs) !== toMs)
        .map(({ fromMs, toMs }) => ({ fromMs, toMs, device })),
    );
  }
  await write(sql, vanished, changed);
};

/** What devices said of their own sessions. */
export const addSessions = async (sql: Sql, { sessions }: Additions): Promise<void> => {
  if (sessions.length === 0) return;
  await sql.query(
    `INSERT INTO hub.rating_session (device, at, is_back)
     SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::boolean[]) ON CONFLICT DO NOTHING`,
    [
      sessions.map(({ device }) => device),
      sessions.map(({ atMs }) => isoTime(atMs)),
      sessions.map(({ isBack }) => isBack),
    ],
  );
};
