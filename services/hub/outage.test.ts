import { expect, test } from '@jest/globals';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { createRegistryIndex } from '../registry/registry-index.ts';
import { silentLogger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';
import { createBeat, recordOutage } from './outage.ts';

const startMs = Date.parse('2026-03-01T00:00:00.000Z');
const minuteMs = 60_000;

const hub = () => {
  const state = { nowMs: startMs, steadyMs: 0, boot: 'first', reasons: [] as string[] };
  let row: unknown = { at: new Date(startMs), boot: null, clocksMs: null };
  const query = async (text: string, [at, boot, clocksMs]: unknown[] = []) => {
    if (text.startsWith('INSERT')) row = { at: new Date(String(at)), boot, clocksMs };
    return { rows: [row] as never[], rowCount: 1 };
  };
  const log = createMemoryEventLog();
  const index = createRegistryIndex();
  const compound = { profile: 'retrofit' as const, households: 100, timeZone: 'Asia/Shanghai', figures: {} };
  const compounds = [{ ...compound, id: 'garden', name: 'Garden', buildings: [], positions: [] }];
  index.load({ compounds, devices: [], credentials: [], revisions: [] });
  const parts = {
    sql: { query } as Sql,
    opened: { log, verify: log.verify, sealed: log.sealed },
    index,
    logger: silentLogger,
    untaken: () => state.reasons,
  };
  const gaps = async () => (await log.readAll(null, 10)).map(({ data }) => data);
  const clocks = {
    clock: { now: () => state.nowMs },
    // A container's own clock begins anew, and the machine's stands while it sleeps: the longer one is right.
    steady: () => ({ boot: state.boot, clocksMs: [state.steadyMs, state.steadyMs / 2] }),
  };
  const beat = createBeat(parts, clocks);
  /** So much later, and the time of day was put on by `putOnMs` meanwhile. */
  const beatAfter = (ms: number, putOnMs = 0): Promise<void> => {
    state.nowMs += ms + putOnMs;
    state.steadyMs += ms;
    return beat();
  };
  const startAfter = (ms: number, putOnMs = 0): Promise<void> => {
    state.nowMs += ms + putOnMs;
    state.steadyMs += ms;
    return recordOutage(parts, clocks, { cause: 'hub-stopped' });
  };
  return { state, gaps, beatAfter, startAfter };
};

test('while the log takes nothing the hub is not alive, and afterwards that time is a gap', async () => {
  const { state, gaps, beatAfter } = hub();
  await beatAfter(0);
  state.reasons = ['the event log takes nothing'];
  await beatAfter(10 * minuteMs);
  expect(await gaps()).toEqual([]);
  state.reasons = [];
  await beatAfter(5 * minuteMs);
  const gap = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-01T00:15:00.000Z', cause: 'log-unavailable' };
  expect(await gaps()).toEqual([gap]);
  await beatAfter(10_000);
  expect(await gaps()).toEqual([gap]);
});

test('a moment without the log is no gap', async () => {
  const { gaps, beatAfter } = hub();
  await beatAfter(30_000);
  expect(await gaps()).toEqual([]);
});

test('a time of day that is put on is no outage, and an outage is no longer for it', async () => {
  const { gaps, beatAfter } = hub();
  await beatAfter(0);
  await beatAfter(10_000, 60 * minuteMs);
  expect(await gaps()).toEqual([]);
  await beatAfter(10_000);
  await beatAfter(2 * minuteMs, 60 * minuteMs);
  const gap = { from: '2026-03-01T02:00:20.000Z', to: '2026-03-01T02:02:20.000Z', cause: 'log-unavailable' };
  expect(await gaps()).toEqual([gap]);
});

test('a machine that slept was away', async () => {
  const { gaps, beatAfter } = hub();
  await beatAfter(0);
  await beatAfter(60 * minuteMs);
  expect(await gaps()).toHaveLength(1);
});

test('a time of day that is put on while the hub is stopped is no outage either', async () => {
  const { gaps, beatAfter, startAfter } = hub();
  await beatAfter(0);
  await startAfter(30_000, 60 * minuteMs);
  expect(await gaps()).toEqual([]);
  await startAfter(5 * minuteMs);
  const gap = { from: '2026-03-01T01:00:00.000Z', to: '2026-03-01T01:05:30.000Z', cause: 'hub-stopped' };
  expect(await gaps()).toEqual([gap]);
});

test('of a machine that was started anew nobody knows better than its time of day', async () => {
  const { state, gaps, beatAfter, startAfter } = hub();
  await beatAfter(0);
  [state.boot, state.steadyMs] = ['second', 0];
  await startAfter(5 * minuteMs);
  const gap = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-01T00:05:00.000Z', cause: 'hub-stopped' };
  expect(await gaps()).toEqual([gap]);
});
