import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';

const everyMs = 10_000;
const causesMax = 100;

/**
 * Writes down what failed. When the log is away, thousands of devices fail of one cause in one second: of lines alike one
 * is written in ten seconds, with how many like it were left out since the last.
 */
export const tellFailures = (logger: Logger, clock: Clock): ((error: unknown, doing: string) => void) => {
  const told = new Map<string, { atMs: number; leftOut: number }>();
  return (error, doing) => {
    const cause = `${doing}: ${error instanceof Error ? error.message : error}`;
    const last = told.get(cause);
    const nowMs = clock.now();
    if (last !== undefined && nowMs - last.atMs < everyMs) {
      last.leftOut += 1;
      return;
    }
    if (told.size >= causesMax) told.clear();
    told.set(cause, { atMs: nowMs, leftOut: 0 });
    logger.error({ err: error, leftOut: last?.leftOut ?? 0 }, doing);
  };
};
