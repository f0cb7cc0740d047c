import type { z } from 'zod';
import type { Compound, Device } from '../../registry/registry.ts';
import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import { type BandHour, timeInBand } from './band-time.ts';
import { tell } from './fact-stories.ts';
import type { DeviceFacts, RatingFacts } from './facts.ts';
import type { KeptFact } from './fold.ts';
import { disconnectsWithin, runsWithin } from './heard-store.ts';
import { clip, type Interval } from './intervals.ts';
import { longestSilenceMs, silentAfterMs } from './kind-silence.ts';
import { ratingWindow } from './rate.ts';
import { type PreviousRating, type RatingChangedData, ratingChangedData } from './rater.ts';
import type { ratingChange } from './rating.ts';
import { type Heard, upTime } from './up-time.ts';

export interface RatingFactsRequest {
  compound: Compound;
  devices: readonly (Device & { registeredAt: string; retiredAt?: string | null })[];
  at: string;
  windowDays: number;
}

const yearMs = 365 * 86_400_000;
const hourMs = 3_600_000;

type ByDevice<Item> = Map<string, Item>;

const group = <Row extends { device: string }, Item>(
  rows: readonly Row[],
  item: (row: Row) => Item,
): ByDevice<Item[]> => {
  const grouped: ByDevice<Item[]> = new Map();
  for (const row of rows) {
    const own = grouped.get(row.device);
    if (own === undefined) grouped.set(row.device, [item(row)]);
    else own.push(item(row));
  }
  return grouped;
};

/** Runs and disconnections that matter to the window, and when each device was first heard. */
const heardOf = async (sql: Sql, devices: readonly string[], window: Interval) => {
  // Before the window, so that a word said shortly before it still stands at its beginning.
  const lowMs = window.fromMs - longestSilenceMs;
  const reaches = devices.map((device) => ({ device, lowMs, highMs: window.toMs }));
  const runs = group(await runsWithin(sql, reaches), ({ fromMs, toMs }) => ({ fromMs, toMs }));
  const disconnects = await disconnectsWithin(sql, reaches);
  const { rows: first } = await sql.query<{ device: string; at: Date }>(
    `SELECT asked.device, first.from_at AS at FROM unnest($1::text[]) AS asked (device)
     CROSS JOIN LATERAL (SELECT from_at FROM hub.rating_heard
       WHERE device = asked.device AND from_at <= $2 ORDER BY from_at LIMIT 1) AS first`,
    [devices, isoTime(window.toMs)],
  );
  const firstHeardMs = new Map(first.map(({ device, at }) => [device, at.getTime()]));
  const heard = (device: string): Heard => ({
    runs: runs.get(device) ?? [],
    disconnectsMs: (disconnects.get(device) ?? []).sort((a, b) => a - b),
  });
  return { heard, firstHeardMs };
};

const countsOf = async (
  sql: Sql,
  devices: readonly string[],
  window: Interval,
): Promise<ByDevice<Record<string, number>>> => {
  const { rows } = await sql.query<{ device: string; counter: string; count: string }>(
    `SELECT device, counter, sum(count) AS count FROM hub.rating_count
     WHERE device = ANY($1) AND hour > $2::timestamptz - interval '1 hour' AND hour < $3 GROUP BY device, counter`,
    [devices, isoTime(window.fromMs), isoTime(window.toMs)],
  );
  const grouped = group(rows, ({ counter, count }) => [counter, Number(count)] as const);
  return new Map([...grouped].map(([device, entries]) => [device, Object.fromEntries(entries)]));
};

const retentionOf = async (sql: Sql, devices: readonly string[], window: Interval): Promise<ByDevice<number>> => {
  const { rows } = await sql.query<{ device: string; days: number }>(
    `SELECT DISTINCT ON (device) device, retained_days AS days FROM hub.rating_retention
     WHERE device = ANY($1) AND at >= $2 AND at <= $3 ORDER BY device, at DESC, revision DESC`,
    [devices, isoTime(window.fromMs), isoTime(window.toMs)],
  );
  return new Map(rows.map(({ device, days }) => [device, days]));
};

const bandHoursOf = async (sql: Sql, devices: readonly string[], window: Interval): Promise<ByDevice<BandHour[]>> => {
  const { rows } = await sql.query<{ device: string; hour: Date; in_minutes: string; out_minutes: string }>(
    `SELECT device, hour, in_minutes, out_minutes FROM hub.rating_band
     WHERE device = ANY($1) AND hour >= $2 AND hour <= $3`,
    [devices, isoTime(window.fromMs - longestSilenceMs - hourMs), isoTime(window.toMs)],
  );
  return group(rows, ({ hour, in_minutes, out_minutes }) => ({
    hourMs: hour.getTime(),
    inMinutes: BigInt(in_minutes),
    outMinutes: BigInt(out_minutes),
  }));
};

const heardHoursOf = async (sql: Sql, compound: string, window: Interval): Promise<number[]> => {
  const { rows } = await sql.query<{ hour: Date }>(
    `SELECT hour FROM hub.rating_compound_hour
     WHERE compound = $1 AND hour > $2::timestamptz - interval '1 hour' AND hour < $3 ORDER BY hour`,
    [compound, isoTime(window.fromMs), isoTime(window.toMs)],
  );
  return rows.map(({ hour }) => hour.getTime());
};

/** An outage that was recorded after `at` still explains what was silent before it. */
const gapsOf = async (sql: Sql, compound: string, window: Interval): Promise<Interval[]> => {
  const { rows } = await sql.query<{ from: string; to: string }>(
    `SELECT data ->> 'from' AS "from", data ->> 'to' AS "to" FROM hub.rating_fact
     WHERE compound = $1 AND type = 'compound.gap-recorded' AND at >= $2`,
    [compound, isoTime(window.fromMs - longestSilenceMs)],
  );
  const gaps = rows.map(({ from, to }) => ({ fromMs: Date.parse(from), toMs: Date.parse(to) }));
  return clip(gaps, { fromMs: window.fromMs - longestSilenceMs, toMs: window.toMs });
};

/** A year of them, because meetings are quarterly. */
const keptFactsOf = async (sql: Sql, compound: string, window: Interval): Promise<KeptFact[]> => {
  const { rows } = await sql.query<Omit<KeptFact, 'at'> & { at: Date }>(
    `SELECT stream, revision, compound, type, at, data FROM hub.rating_fact
     WHERE compound = $1 AND at <= $4 AND (
       at >= $2 AND type LIKE ANY (ARRAY['work-order.%', 'whistle.%', 'platform.%'])
       OR at >= $3 AND type LIKE 'meeting.%')`,
    [compound, isoTime(window.fromMs), isoTime(window.toMs - 2 * yearMs), isoTime(window.toMs)],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
};

/** What the measures look at, as it was at `at` (what was told late about earlier times included). */
export const ratingFacts = async (sql: Sql, request: RatingFactsRequest): Promise<RatingFacts> => {
  const { compound, at, windowDays } = request;
  const window = ratingWindow(at, compound.timeZone, windowDays);
  const standing = request.devices.filter(
    ({ compound: of, registeredAt, retiredAt }) =>
      of === compound.id &&
      Date.parse(registeredAt) <= window.toMs &&
      (retiredAt == null || Date.parse(retiredAt) > window.toMs),
  );
  const ids = [...new Set(standing.flatMap(({ id, gateway }) => (gateway === undefined ? [id] : [id, gateway])))];
  const { heard, firstHeardMs } = await heardOf(sql, ids, window);
  const counts = await countsOf(sql, ids, window);
  const retention = await retentionOf(sql, ids, window);
  const band = await bandHoursOf(sql, ids, window);
  const gaps = await gapsOf(sql, compound.id, window);
  const heardHoursMs = await heardHoursOf(sql, compound.id, window);
  const kept = await keptFactsOf(sql, compound.id, window);
  const devices = standing.map(({ registeredAt, retiredAt: _, ...device }): DeviceFacts => {
    const silence = silentAfterMs(device.kind);
    const gateway = device.gateway === undefined ? undefined : heard(device.gateway);
    return {
      device,
      registeredAtMs: Date.parse(registeredAt),
      firstHeardAtMs: firstHeardMs.get(device.id) ?? null,
      up: clip(upTime(heard(device.id), { silentAfterMs: silence, gaps, gateway }), window),
      inBand: timeInBand(band.get(device.id) ?? [], { window, silentAfterMs: silence, gaps }),
      counts: counts.get(device.id) ?? {},
      retainedDays: retention.get(device.id) ?? null,
    };
  });
  return {
    compound,
    atMs: window.toMs,
    window,
    devices,
    gaps: clip(gaps, window),
    heardHoursMs,
    ...tell(kept, window.fromMs),
  };
};

export type RatingChange = z.infer<typeof ratingChange>;

/** Changes of a compound's stars, newest first. */
export const ratingHistory = async (sql: Sql, compound: string, limit: number): Promise<RatingChange[]> => {
  const { rows } = await sql.query<{ at: Date; data: RatingChangedData }>(
    `SELECT at, data FROM hub.rating_fact WHERE compound = $1 AND type = 'rating.changed'
     ORDER BY at DESC, revision DESC LIMIT $2`,
    [compound, limit],
  );
  return rows.map(({ at, data: { criteria: _, ...change } }) => ({ at: at.toISOString(), ...change }));
};

/** What the newest change of a compound left behind; `null` before its first rating. */
export const lastRating = async (sql: Sql, compound: string): Promise<PreviousRating | null> => {
  const { rows } = await sql.query<{ data: unknown }>(
    `SELECT data FROM hub.rating_fact WHERE compound = $1 AND type = 'rating.changed'
     ORDER BY at DESC, revision DESC LIMIT 1`,
    [compound],
  );
  return rows[0] === undefined ? null : ratingChangedData.parse(rows[0].data);
};

/** Today's stars by compound; a compound that was never rated is missing. */
export const latestStars = async (sql: Sql): Promise<Map<string, number>> => {
  const { rows } = await sql.query<{ compound: string; stars: number }>(
    `SELECT DISTINCT ON (compound) compound, (data ->> 'to')::integer AS stars FROM hub.rating_fact
     WHERE type = 'rating.changed' ORDER BY compound, at DESC, revision DESC`,
  );
  return new Map(rows.map(({ compound, stars }) => [compound, stars]));
};
