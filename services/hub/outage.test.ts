import { expect, test } from '@jest/globals';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { createRegistryIndex } from '../registry/registry-index.ts';
import { silentLogger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';
import { beat } from './outage.ts';

const startMs = Date.parse('2026-03-01T00:00:00.000Z');
const minuteMs = 60_000;

const hub = () => {
  const state = { nowMs: startMs, aliveMs: startMs, reasons: [] as string[] };
  const query = async (text: string): Promise<{ rows: never[]; rowCount: number }> => {
    if (text.startsWith('INSERT')) state.aliveMs = state.nowMs;
    return { rows: [{ at: new Date(state.aliveMs) }] as never[], rowCount: 1 };
  };
  const log = createMemoryEventLog();
  const index = createRegistryIndex();
  const compound = { profile: 'retrofit' as const, households: 100, timeZone: 'Asia/Shanghai', figures: {} };
  const compounds = [{ ...compound, id: 'garden', name: 'Garden', buildings: [], positions: [] }];
  index.load({ compounds, devices: [], credentials: [], revisions: [] });
  const parts = {
    sql: { query } as Sql,
    opened: { log, verify: log.verify },
    index,
    logger: silentLogger,
    untaken: () => state.reasons,
  };
  const gaps = async () => (await log.readAll(null, 10)).map(({ data }) => data);
  const beatAt = (ms: number): Promise<void> => {
    state.nowMs = ms;
    return beat(parts, { now: () => state.nowMs });
  };
  return { state, gaps, beatAt };
};

test('while the log takes nothing the hub is not alive, and afterwards that time is a gap', async () => {
  const { state, gaps, beatAt } = hub();
  await beatAt(startMs);
  state.reasons = ['the event log takes nothing'];
  await beatAt(startMs + 10 * minuteMs);
  expect(await gaps()).toEqual([]);
  state.reasons = [];
  await beatAt(startMs + 15 * minuteMs);
  const gap = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-01T00:15:00.000Z', cause: 'log-unavailable' };
  expect(await gaps()).toEqual([gap]);
  await beatAt(startMs + 15 * minuteMs + 10_000);
  expect(await gaps()).toEqual([gap]);
});

test('a moment without the log is no gap', async () => {
  const { gaps, beatAt } = hub();
  await beatAt(startMs + 30_000);
  expect(await gaps()).toEqual([]);
});
