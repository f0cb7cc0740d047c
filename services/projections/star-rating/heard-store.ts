import { isoTime } from '../../runtime/clock.ts';
import { arrayText, type Sql } from '../../runtime/sql.ts';
import type { Additions, KnownDevice, Word } from './fold.ts';
import { type HeardRun, hear } from './heard-runs.ts';
import { joinedWithinMs } from './kind-silence.ts';

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
     SELECT device, to_timestamp(from_ms / 1000.0), to_timestamp(to_ms / 1000.0)
     FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS run (device, from_ms, to_ms)
     ON CONFLICT (device, from_at) DO UPDATE SET to_at = excluded.to_at`,
    // Devices that speak seldom bring a run with every word: as numbers they are written in half of the time.
    [
      changed.map(({ device }) => device),
      arrayText(changed.map(({ fromMs }) => fromMs)),
      arrayText(changed.map(({ toMs }) => toMs)),
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

/** What was told before this batch of the losses of devices and of the gateways above them, by device or gateway. */
const lossesWithin = async (sql: Sql, reaches: readonly Reach[]): Promise<Map<string, number[]>> => {
  const { rows } = await sql.query<{ device: string; at: Date[] }>(
    `SELECT session.device, array_agg(session.at) AS at
     FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS reach (device, low, high)
     JOIN hub.rating_session AS session
       ON session.device = reach.device AND session.at >= reach.low AND session.at <= reach.high AND NOT session.is_back
     GROUP BY session.device`,
    [
      reaches.map(({ device }) => device),
      reaches.map(({ lowMs }) => isoTime(lowMs)),
      reaches.map(({ highMs }) => isoTime(highMs)),
    ],
  );
  return new Map(rows.map(({ device, at }) => [device, at.map((instant) => instant.getTime())]));
};

const widest = (reaches: readonly Reach[]): Reach[] => {
  const byName = new Map<string, Reach>();
  for (const { device, lowMs, highMs } of reaches) {
    const own = byName.get(device);
    byName.set(device, {
      device,
      lowMs: Math.min(lowMs, own?.lowMs ?? lowMs),
      highMs: Math.max(highMs, own?.highMs ?? highMs),
    });
  }
  return [...byName.values()];
};

interface DeviceWords {
  device: string;
  words: readonly Word[];
  reach: Reach;
}

const deviceWords = (device: string, words: readonly Word[], withinMs: number): DeviceWords => {
  let lowMs = Number.POSITIVE_INFINITY;
  let highMs = Number.NEGATIVE_INFINITY;
  for (const { atMs } of words) {
    if (atMs < lowMs) lowMs = atMs;
    if (atMs > highMs) highMs = atMs;
  }
  return { device, words, reach: { device, lowMs: lowMs - withinMs, highMs: highMs + withinMs } };
};

/** What each device was heard with joins the runs that are there: usually one row per device moves its end. */
export const addHeard = async (
  sql: Sql,
  { heard, losses }: Additions,
  known: (device: string) => KnownDevice | undefined,
): Promise<void> => {
  if (heard.size === 0) return;
  const news = [...heard].map(([device, words]) => deviceWords(device, words, joinedWithinMs(known(device)?.kind)));
  const existing = byDevice(
    await runsWithin(
      sql,
      news.map(({ reach }) => reach),
    ),
  );
  const above = news.flatMap(({ words, reach }) => words.at(-1)!.gateways.map((device) => ({ ...reach, device })));
  const before = await lossesWithin(sql, widest([...news.map(({ reach }) => reach), ...above]));
  const inBatch = new Map<string, { atMs: number; index: number }[]>();
  for (const [index, { device, atMs }] of losses.entries()) {
    const own = inBatch.get(device);
    if (own === undefined) inBatch.set(device, [{ atMs, index }]);
    else own.push({ atMs, index });
  }
  const isLost = (subject: string, { lossCount }: Word, fromMs: number, toMs: number): boolean =>
    before.get(subject)?.some((lostMs) => lostMs >= fromMs && lostMs < toMs) ||
    inBatch.get(subject)?.some((loss) => loss.index < lossCount && loss.atMs >= fromMs && loss.atMs < toMs) ||
    false;
  const vanished: DeviceRun[] = [];
  const changed: DeviceRun[] = [];
  for (const { device, words } of news) {
    const stored = existing.get(device) ?? [];
    const endByStart = new Map(stored.map(({ fromMs, toMs }) => [fromMs, toMs]));
    const runs: HeardRun[] = stored.map(({ fromMs, toMs }) => ({ fromMs, toMs })).sort((a, b) => a.fromMs - b.fromMs);
    const { kind, models } = known(device) ?? {};
    let word = words[0]!;
    // One for all words: most batches hold tens of thousands and not a single loss.
    const isOneRun = (fromMs: number, toMs: number): boolean =>
      toMs - fromMs <= joinedWithinMs(kind, models, toMs) &&
      !isLost(device, word, fromMs, toMs) &&
      !word.gateways.some((gateway) => isLost(gateway, word, fromMs, toMs));
    for (word of words) hear(runs, word.atMs, isOneRun);
    const starts = new Set(runs.map(({ fromMs }) => fromMs));
    vanished.push(...stored.filter(({ fromMs }) => !starts.has(fromMs)));
    for (const { fromMs, toMs } of runs) if (endByStart.get(fromMs) !== toMs) changed.push({ device, fromMs, toMs });
  }
  await write(sql, vanished, changed);
};

/** What devices said of their own sessions. */
export const addSessions = async (sql: Sql, { losses, returns }: Additions): Promise<void> => {
  const sessions = [
    ...losses.map((loss) => ({ ...loss, isBack: false })),
    ...returns.map((back) => ({ ...back, isBack: true })),
  ];
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
