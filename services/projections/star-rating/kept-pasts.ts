import type { Position } from '../../event-log/event.ts';
import type { Sql } from '../../runtime/sql.ts';
import { createCutMemory, cutterOf } from './cut.ts';
import { type LoadedPast, loadPastSince } from './load-past.ts';

const dayMs = 86_400_000;
/** Each takes a megabyte and a half for three hundred devices. */
const keptMax = 16;

export interface PastWanted {
  compound: string;
  atMs: number;
  windowDays: number;
}

/** A past as of a log position, ready to be cut. */
export interface PastToCut {
  position: Position | null;
  cut: ReturnType<typeof cutterOf>;
}

interface Kept {
  loaded?: LoadedPast;
  memory: ReturnType<typeof createCutMemory>;
}

/**
 * Pasts that were asked for lately, for whoever looks at one compound again and again: only what changed since is read
 * and worked out. A past is read for all of a UTC day, so that it serves each instant of it.
 */
export const createKeptPasts = (sql: Sql) => {
  const kept = new Map<string, Kept>();
  return async ({ compound, atMs, windowDays }: PastWanted): Promise<PastToCut> => {
    const fromMs = Math.floor(atMs / dayMs) * dayMs;
    const key = `${compound} ${fromMs} ${windowDays}`;
    const { loaded: known, memory } = kept.get(key) ?? { memory: createCutMemory() };
    const loaded = await loadPastSince(sql, compound, { fromMs, toMs: fromMs + dayMs, windowDays }, known);
    // To the end, behind those that nobody asked for since.
    kept.delete(key);
    kept.set(key, { loaded, memory });
    if (kept.size > keptMax) kept.delete(kept.keys().next().value!);
    return { position: loaded.past.position, cut: cutterOf(loaded.past, memory) };
  };
};
export type KeptPasts = ReturnType<typeof createKeptPasts>;
