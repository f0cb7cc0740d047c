import { maintainEverySeconds } from '../projections/time-series/limits.ts';
import { maintainTimeSeries } from '../projections/time-series/maintenance.ts';
import { timeSeriesPolicies } from '../projections/time-series/policies.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Sql, Transact } from '../runtime/sql.ts';

const lookEverySeconds = 60;

interface Parts {
  sql: Sql;
  transact: Transact;
  logger: Logger;
  metrics: Metrics;
}

export interface Upkeep {
  /** A sentence for each policy that nobody carried out in time. */
  overdue(): string[];
  stop(): Promise<void>;
}

/** Carries the readings' policies out every hour, and looks every minute whether one is overdue. */
export const startUpkeep = async ({ sql, transact, logger, metrics }: Parts): Promise<Upkeep> => {
  let reasons: string[] = [];
  let maintainedAtMs = 0;

  const maintain = async (nowMs: number): Promise<void> => {
    if (nowMs - maintainedAtMs < maintainEverySeconds * 1000) return;
    maintainedAtMs = nowMs;
    for (const { policy, failed } of await maintainTimeSeries({ sql, transact, nowMs })) {
      if (failed !== undefined) logger.error({ policy, failed }, 'a policy of the readings could not be carried out');
    }
  };
  const look = async (nowMs: number): Promise<void> => {
    const policies = await timeSeriesPolicies(sql, nowMs);
    for (const { policy, lastRunAt, overdue, takenOver } of policies) {
      metrics.timeSeriesPolicyOverdue.set({ policy }, overdue ? 1 : 0);
      metrics.timeSeriesPolicyTakenOver.set({ policy }, takenOver ? 1 : 0);
      if (lastRunAt !== null) metrics.timeSeriesPolicyLastRun.set({ policy }, Date.parse(lastRunAt) / 1000);
    }
    reasons = policies
      .filter(({ overdue }) => overdue)
      .map(({ policy, lastRunAt, detail }) => `readings: ${policy} last ran ${lastRunAt ?? 'never'}; ${detail}`);
  };
  const round = async (): Promise<void> => {
    const nowMs = systemClock.now();
    try {
      await maintain(nowMs);
      await look(nowMs);
    } catch (error) {
      logger.error({ err: error }, 'could not look after the readings');
    }
  };

  let running = round();
  await running;
  const timer = setInterval(() => {
    running = running.then(round);
  }, lookEverySeconds * 1000);
  return {
    overdue: () => reasons,
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
};
