import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from './logger.ts';

const retryMs = 2_000;

export interface Looking {
  /** Looks once and does what is due; `'more'` when more is due than one look takes. */
  look(signal: AbortSignal): Promise<'more' | undefined>;
  everyMs: number;
  /** What stands still while looking fails: "rounds are not being started". */
  failure: string;
  logger: Pick<Logger, 'error'>;
}

export interface Keeper {
  /** Empty while all is well. */
  trouble(): string[];
  /** Resolves once the last look is over. */
  stop(): Promise<void>;
}

/** Looks again and again until it is stopped, also after looks that fail, of which the first of a row is logged. */
export const keepLooking = ({ look, everyMs, failure, logger }: Looking): Keeper => {
  const stopping = new AbortController();
  const { signal } = stopping;
  let failing: string | undefined;
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      let restMs = everyMs;
      try {
        if ((await look(signal)) === 'more') restMs = 0;
        failing = undefined;
      } catch (error) {
        if (signal.aborted) return;
        if (failing === undefined) logger.error({ err: error }, `${failure}, trying again`);
        failing = (error as Error).message;
        restMs = Math.max(everyMs, retryMs);
      }
      await sleep(restMs, undefined, { signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    trouble: () => (failing === undefined ? [] : [`${failure}: ${failing}`]),
    async stop() {
      stopping.abort();
      await running;
    },
  };
};
