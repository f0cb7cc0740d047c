import type { Sql } from '../../runtime/sql.ts';
import { type LoadedPast, loadPastSince } from './load-past.ts';
import type { CompoundPast } from './past.ts';

const dayMs = 86_400_000;
/** Each takes about a megabyte for three hundred devices. */
const keptMax = 16;

export interface PastWanted {
  compound: string;
  atMs: number;
  windowDays: number;
}

/**
 * Pasts that were asked for lately, for whoever looks at one compound again and again: only what changed since is read. A
 * past is read for all of a UTC day, so that it serves each instant of it.
 */
export const createKeptPasts = (sql: Sql) => {
  const kept = new Map<string, LoadedPast>();
  return async ({ compound, atMs, windowDays }: PastWanted): Promise<CompoundPast> => {
    const fromMs = Math.floor(atMs / dayMs) * dayMs;
    const key = `${compound} ${fromMs} ${windowDays}`;
    const loaded = await loadPastSince(sql, compound, { fromMs, toMs: fromMs + dayMs, windowDays }, kept.get(key));
    // To the end, behind those that nobody asked for since.
    kept.delete(key);
    kept.set(key, loaded);
    if (kept.size > keptMax) kept.delete(kept.keys().next().value!);
    return loaded.past;
  };
};
export type KeptPasts = ReturnType<typeof createKeptPasts>;
