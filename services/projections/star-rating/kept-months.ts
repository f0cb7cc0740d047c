import { createHash } from 'node:crypto';
import { DateTime } from 'luxon';
import type { Compound } from '../../registry/registry.ts';
import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import type { Additions } from './fold.ts';
import type { ToldParts } from './gather-past.ts';
import { joinedWithinMsMax, modelsSilentWithinADay } from './kind-silence.ts';
import { allHours, countCutsOf, lowMsOf, type Stretch } from './past.ts';
import { monthStatement } from './past-statement.ts';

/**
 * Of a month that is over, what a compound's devices and people told is kept as one row: a year of it is a hundred thousand
 * rows otherwise, and a replay of ratings reads it for each compound of a city. A row goes as soon as something more is
 * told of its month, or of the register, and is made anew.
 */
export const keptMonthsTable = `
  CREATE TABLE IF NOT EXISTS hub.rating_month (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, compound text NOT NULL, month timestamptz NOT NULL,
    -- What asked for it, and the hours of the day between which its counts are one.
    shape text NOT NULL, cuts integer[] NOT NULL,
    told json NOT NULL, bytes bytea NOT NULL, UNIQUE (compound, month));
  CREATE INDEX IF NOT EXISTS rating_month_month ON hub.rating_month (month)`;

const monthsLock = 7_809_020;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Words of its last day mostly come by then, and what is said from then on joins no run of it. */
const closedAfterMs = dayMs;
/** The first rating of a compound looks back over a window before the compound was registered. */
const monthsBefore = 3;

const monthStart = (atMs: number): number => {
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
};
const nextMonth = (monthMs: number): number => monthStart(monthMs + 31 * dayMs);

/** The UTC hours around the midnights of a zone, whatever the season. */
const midnightHours = (timeZone: string, monthMs: number): number[] => {
  const { year } = DateTime.fromMillis(monthMs, { zone: timeZone });
  return Array.from({ length: 12 }, (_, month) => {
    const midnightMs = DateTime.fromObject({ year, month: month + 1 }, { zone: timeZone }).toMillis();
    return [Math.floor(midnightMs / hourMs) % 24, Math.ceil(midnightMs / hourMs) % 24];
  }).flat();
};

/** What was told before it, no rating of the compound looks at. */
const firstMonthMs = (registeredMs: number): number => {
  const at = new Date(registeredMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - monthsBefore);
};

/** A row made for another question than this version of the hub asks serves nobody. */
const shape = createHash('sha256')
  .update(JSON.stringify([monthStatement(allHours), modelsSilentWithinADay]))
  .digest('hex')
  .slice(0, 16);

/** Months that are kept one after the other, and the instants between which nothing else is told of them. */
export interface KeptMonths {
  ids: readonly string[];
  fromMs: number;
  untilMs: number;
}

/** The months with which a stretch begins, as far as they are kept; `undefined` for none. */
export const keptMonths = async (sql: Sql, compound: string, stretch: Stretch): Promise<KeptMonths | undefined> => {
  const { rows } = await sql.query<{ id: string; month: Date; since: Date }>(
    `SELECT id, month, since FROM hub.rating_month
     CROSS JOIN (SELECT min(at) AS since FROM hub.rating_register WHERE stream = 'compound-' || $1) AS registered
     WHERE compound = $1 AND month >= $2 AND month < $3 AND shape = $4 AND cuts @> $5 ORDER BY month`,
    [compound, isoTime(monthStart(lowMsOf(stretch))), isoTime(monthStart(stretch.toMs)), shape, countCutsOf(stretch)],
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  const fromMs = first.month.getTime();
  if (fromMs > Math.max(lowMsOf(stretch), firstMonthMs(first.since.getTime()))) return undefined;
  let untilMs = fromMs;
  const ids: string[] = [];
  for (const { id, month } of rows) {
    if (month.getTime() !== untilMs) break;
    ids.push(id);
    untilMs = nextMonth(untilMs);
  }
  return { ids, fromMs, untilMs };
};

/** What is kept of those months; `undefined` when something was told of one of them since they were asked for. */
export const readMonths = async (sql: Sql, { ids }: KeptMonths): Promise<ToldParts[] | undefined> => {
  const { rows } = await sql.query<ToldParts & object>('SELECT told, bytes FROM hub.rating_month WHERE id = ANY ($1)', [
    ids,
  ]);
  return rows.length === ids.length ? rows : undefined;
};

/** A compound, and by whose midnights its days begin. */
export type CompoundInZone = Pick<Compound, 'id' | 'timeZone'>;

export interface MonthOfCompound {
  compound: CompoundInZone;
  monthMs: number;
}

/** Months that are over and not kept, at most `limit` of them, the newest first. */
export const monthsToKeep = async (
  sql: Sql,
  compounds: readonly CompoundInZone[],
  { nowMs, limit }: { nowMs: number; limit: number },
): Promise<MonthOfCompound[]> => {
  const { rows } = await sql.query<CompoundInZone & { month: Date }>(
    `SELECT given.id, "timeZone", month FROM unnest($1::text[], $2::text[]) AS given (id, "timeZone")
     CROSS JOIN LATERAL (
       SELECT date_trunc('month', min(at) AT TIME ZONE 'UTC') - $3 * interval '1 month' AS first
       FROM hub.rating_register WHERE stream = 'compound-' || given.id) AS registered
     CROSS JOIN LATERAL generate_series(first, $4::timestamptz AT TIME ZONE 'UTC', '1 month') AS begins
     CROSS JOIN LATERAL (SELECT begins AT TIME ZONE 'UTC' AS month) AS of_zone
     WHERE NOT EXISTS (
       SELECT FROM hub.rating_month AS kept WHERE kept.compound = given.id AND kept.month = of_zone.month AND shape = $5)
     ORDER BY month DESC, given.id LIMIT $6`,
    [
      compounds.map(({ id }) => id),
      compounds.map(({ timeZone }) => timeZone),
      monthsBefore,
      isoTime(monthStart(monthStart(nowMs - closedAfterMs) - 1)),
      shape,
      limit,
    ],
  );
  return rows.map(({ id, timeZone, month }) => ({ compound: { id, timeZone }, monthMs: month.getTime() }));
};

/** Keeps one month of a compound, in a transaction of its own, while nobody adds to what it reads. */
export const keepMonth = async (sql: Sql, { compound, monthMs }: MonthOfCompound): Promise<void> => {
  const toMs = nextMonth(monthMs);
  const cuts = countCutsOf({ fromMs: monthMs, toMs, cutHours: midnightHours(compound.timeZone, monthMs) });
  await sql.query('SELECT pg_advisory_xact_lock($1)', [monthsLock]);
  await sql.query({ name: `keep-month ${cuts}`, text: monthStatement(cuts) }, [
    compound.id,
    isoTime(monthMs),
    isoTime(toMs),
    isoTime(monthMs),
    ...[isoTime(monthMs), isoTime(monthMs)],
    cuts,
    [0, ...allHours.map((hour) => hour + 1)],
    isoTime(monthMs),
    modelsSilentWithinADay,
    shape,
  ]);
};

/** Of which months something was told, by device and by compound; `null` for all of them. */
interface ToldOf {
  device: string | null;
  compound: string | null;
  monthMs: number | null;
}

/** Nearly all that is told is of the month that is not over: of that nothing is kept. */
const toldOf = (additions: Additions, beforeMs: number): ToldOf[] => {
  const told = new Map<string, ToldOf>();
  const add = (device: string | null, compound: string | null, atMs: number | null): void => {
    if (atMs !== null && atMs >= beforeMs) return;
    const monthMs = atMs === null ? null : monthStart(atMs);
    told.set(`${device} ${compound} ${monthMs}`, { device, compound, monthMs });
  };
  for (const { device, compound } of additions.register) {
    add(null, compound, null);
    if (device !== null) add(device, null, null);
  }
  for (const [device, words] of additions.heard) {
    for (const { atMs } of words) {
      // A word may join the runs on both sides of it.
      add(device, null, atMs - joinedWithinMsMax);
      add(device, null, atMs + joinedWithinMsMax);
    }
  }
  for (const { device, atMs } of [...additions.losses, ...additions.returns]) add(device, null, atMs);
  for (const { device, dayMs: atMs } of additions.counts.values()) add(device, null, atMs);
  for (const { device, at } of additions.retention) add(device, null, Date.parse(at));
  for (const { device, hourMs: atMs } of additions.readings.values()) add(device, null, atMs);
  for (const [compound, hours] of additions.compoundHours) for (const atMs of hours) add(null, compound, atMs);
  for (const { compound, atMs } of additions.facts) add(null, compound, atMs);
  return [...told.values()];
};

/**
 * Takes the rows away of which something more was told; at the end of a batch's transaction. The lock is what `keepMonth`
 * waits for, and it for that: so it either sees the batch, or the batch sees its row.
 */
export const forgetMonths = async (sql: Sql, additions: Additions): Promise<void> => {
  await sql.query('SELECT pg_advisory_xact_lock_shared($1)', [monthsLock]);
  const { rows } = await sql.query<{ newest: Date | null }>('SELECT max(month) AS newest FROM hub.rating_month');
  const { newest } = rows[0]!;
  if (newest === null) return;
  const told = toldOf(additions, nextMonth(newest.getTime()));
  if (told.length === 0) return;
  await sql.query(
    `DELETE FROM hub.rating_month AS kept USING (
       SELECT coalesce(register.compound, told.compound) AS compound, told.month
       FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS told (device, compound, month)
       LEFT JOIN hub.rating_register AS register ON register.device = told.device) AS told
     WHERE kept.compound = told.compound AND kept.month = coalesce(told.month, kept.month)`,
    [
      told.map(({ device }) => device),
      told.map(({ compound }) => compound),
      told.map(({ monthMs }) => (monthMs === null ? null : isoTime(monthMs))),
    ],
  );
};
