import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../runtime/clock.ts';

/** Looks at the clock again and again, so that one that is set while we wait counts at once. */
const sliceMs = 250;

/** Resolves once the clock shows that instant. Rejects when the signal aborts. */
export const waitUntil = async (clock: Clock, untilMs: number, signal: AbortSignal): Promise<void> => {
  for (let leftMs = untilMs - clock.now(); leftMs > 0; leftMs = untilMs - clock.now()) {
    await sleep(Math.min(leftMs, sliceMs), undefined, { signal });
  }
};

/** Does something again and again until the signal aborts; what it throws is told and doesn't end it. */
export const persistently = async (
  work: () => Promise<void>,
  { everyMs, signal, failed }: { everyMs: number; signal: AbortSignal; failed(error: unknown): void },
): Promise<void> => {
  while (!signal.aborted) {
    await work().catch((error: unknown) => {
      if (!signal.aborted) failed(error);
    });
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
};
