import type { Logger } from '../runtime/logger.ts';

/** What has been started so far, stopped in the opposite order; each stop runs even if the one before it fails. */
export const createStops = (logger: Logger) => {
  const stops: { what: string; stop: () => unknown }[] = [];
  let waitingFor = 'nothing';
  return {
    add: (what: string, stop: () => unknown): void => void stops.unshift({ what, stop }),
    run: async (): Promise<void> => {
      for (const { what, stop } of stops.splice(0)) {
        waitingFor = what;
        try {
          await stop();
        } catch (error) {
          logger.error({ err: error }, `could not stop ${what}`);
        }
      }
    },
    /** What the stop under way is waiting for. */
    waitingFor: (): string => waitingFor,
  };
};

export type Stops = ReturnType<typeof createStops>;
