import type { OpenedEventLog } from '../event-log/open.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';

const everySeconds = 3_600;
/** Three rounds missed are no accident. */
const overdueAfterSeconds = 3 * everySeconds;

interface Parts {
  opened: Pick<OpenedEventLog, 'expire' | 'gather'>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

/**
 * Drops what is past its retention and gathers the newest seals, at the start and every hour, and tells when nobody
 * could drop for long.
 */
export const startLogUpkeep = ({ opened, clock, logger, metrics }: Parts) => {
  let lastRunMs = clock.now();
  let failed = '';

  const round = async (): Promise<void> => {
    try {
      const months = (await opened.expire?.()) ?? [];
      if (months.length > 0) logger.info({ months }, 'telemetry past its retention was dropped from the log');
      lastRunMs = clock.now();
      failed = '';
      metrics.logRetentionLastRun.set(lastRunMs / 1000);
    } catch (error) {
      failed = (error as Error).message;
      logger.error({ err: error }, 'telemetry past its retention could not be dropped from the log');
    }
  };

  // Left undone it only makes proofs longer, until the next hour.
  const gather = async (): Promise<void> => {
    await opened
      .gather?.()
      .catch((error: unknown) => logger.warn({ err: error }, "the log's newest seals could not be gathered"));
  };

  let running = round().then(gather);
  const timer = setInterval(() => {
    running = running.then(round).then(gather);
  }, everySeconds * 1000);
  return {
    overdue: (): string[] =>
      clock.now() - lastRunMs > overdueAfterSeconds * 1000
        ? [`event log: retention last ran ${isoTime(lastRunMs)}; ${failed === '' ? 'it is not done yet' : failed}`]
        : [],
    stop: async (): Promise<void> => {
      clearInterval(timer);
      await running;
    },
  };
};
