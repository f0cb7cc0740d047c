import type { Clock } from '../../../services/runtime/clock.ts';
import type { QueryKey } from '../api/query-keys.ts';
import type { Invalidations } from './invalidations.ts';

export interface RefreshPump {
  add(invalidations: Invalidations): void;
  stop(): void;
}

export const urgentDelayMs = 120;
export const calmDelayMs = 1_000;
/** Read models follow the log by a moment: what was refreshed for an event is looked at once more after this. */
export const secondLookMs = 600;

/**
 * Gathers what live messages made old and refreshes it in batches, never two at a time: under a flood the hub is asked
 * as often as it can answer, and no answer is thrown away for the next question.
 */
export function createRefreshPump(
  clock: Clock,
  refresh: (keys: QueryKey[]) => Promise<unknown>,
  /** How much of the time may go into refreshing: after one that took 300 ms, wait at least 300 ms. */
  restFactor = 1,
): RefreshPump {
  const due = new Map<string, { key: QueryKey; at: number }>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  let restUntil = 0;

  const put = (key: QueryKey, at: number): void => {
    const name = key.join('\u0000');
    const standing = due.get(name);
    if (standing === undefined || at < standing.at) due.set(name, { key, at });
  };
  const plan = (): void => {
    if (running) return;
    clearTimeout(timer);
    if (due.size === 0) return;
    const first = Math.min(...[...due.values()].map(({ at }) => at));
    timer = setTimeout(flush, Math.max(0, Math.max(first, restUntil) - clock.now()));
  };
  const flush = async (): Promise<void> => {
    const started = clock.now();
    const ready = [...due.entries()].filter(([, { at }]) => at <= started);
    for (const [name] of ready) due.delete(name);
    running = true;
    await refresh(ready.map(([, { key }]) => key)).catch(() => undefined);
    running = false;
    const ended = clock.now();
    restUntil = ended + (ended - started) * restFactor;
    plan();
  };

  const secondLooks = new Map<string, { key: QueryKey; timer: ReturnType<typeof setTimeout> }>();
  const lookAgain = (key: QueryKey): void => {
    const name = key.join('\u0000');
    clearTimeout(secondLooks.get(name)?.timer);
    const again = setTimeout(() => {
      secondLooks.delete(name);
      put(key, clock.now());
      plan();
    }, secondLookMs);
    secondLooks.set(name, { key, timer: again });
  };

  return {
    add({ urgent, calm }) {
      const now = clock.now();
      for (const key of urgent) {
        put(key, now + urgentDelayMs);
        lookAgain(key);
      }
      for (const key of calm) put(key, now + calmDelayMs);
      plan();
    },
    stop() {
      clearTimeout(timer);
      for (const look of secondLooks.values()) clearTimeout(look.timer);
      secondLooks.clear();
      due.clear();
    },
  };
}
