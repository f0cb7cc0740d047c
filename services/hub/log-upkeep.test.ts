import { jest } from '@jest/globals';
import { silentLogger } from '../runtime/logger.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { startLogUpkeep } from './log-upkeep.ts';

const hourMs = 3_600_000;
afterEach(() => jest.useRealTimers());

const start = () => {
  jest.useFakeTimers();
  const state = { nowMs: 0, rounds: 0, refusal: undefined as Error | undefined };
  const metrics = createMetrics();
  const upkeep = startLogUpkeep({
    opened: {
      expire: async () => {
        state.rounds += 1;
        if (state.refusal !== undefined) throw state.refusal;
        return [];
      },
    },
    clock: { now: () => state.nowMs },
    logger: silentLogger,
    metrics,
  });
  const pass = async (hours: number): Promise<void> => {
    for (let hour = 0; hour < hours; hour += 1) {
      state.nowMs += hourMs;
      await jest.advanceTimersByTimeAsync(hourMs);
    }
  };
  const lastRun = async () => (await metrics.logRetentionLastRun.get()).values[0]?.value;
  return { state, upkeep, pass, lastRun };
};

test('retention is carried out at the start and every hour', async () => {
  const { state, upkeep, pass, lastRun } = start();
  await pass(3);
  expect(state.rounds).toBe(4);
  expect(await lastRun()).toBe(3 * 3_600);
  expect(upkeep.overdue()).toEqual([]);
  await upkeep.stop();
});

test('one that fails for hours is overdue, with the reason, until it has run again', async () => {
  const { state, upkeep, pass } = start();
  await pass(1);
  state.refusal = new Error('canceling statement due to statement timeout');
  await pass(3);
  expect(upkeep.overdue()).toEqual([]);
  await pass(1);
  expect(upkeep.overdue()).toEqual([expect.stringMatching(/retention last ran 1970-01-01T01:00.*statement timeout/)]);
  state.refusal = undefined;
  await pass(1);
  expect(upkeep.overdue()).toEqual([]);
  await upkeep.stop();
});

test('a log that drops nothing itself needs none', async () => {
  jest.useFakeTimers();
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const upkeep = startLogUpkeep({ opened: {}, clock, logger: silentLogger, metrics: createMetrics() });
  clock.nowMs = 2 * hourMs;
  await jest.advanceTimersByTimeAsync(2 * hourMs);
  clock.nowMs = 4 * hourMs;
  expect(upkeep.overdue()).toEqual([]);
  await upkeep.stop();
});
