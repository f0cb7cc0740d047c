import { setTimeout as sleep } from 'node:timers/promises';
import type { Position, RecordedEvent } from './event.ts';
import type { SubscribeOptions, Wants } from './event-log.ts';

const pageDefault = 500;
const firstRetryMs = 100;
const longestRetryMs = 5_000;

/** Wakes subscriptions when something was committed. */
export const createBell = () => {
  let rung = 0;
  const waiting = new Set<() => void>();
  return {
    count: () => rung,
    ring(): void {
      rung += 1;
      for (const wake of [...waiting]) wake();
    },
    /** Resolves at the first ring after `seen`, when the signal aborts, or after `limitMs`. */
    after(seen: number, signal: AbortSignal, limitMs?: number): Promise<void> {
      if (rung !== seen || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          clearTimeout(timer);
          resolve();
        };
        const timer = limitMs === undefined ? undefined : setTimeout(wake, limitMs);
        waiting.add(wake);
        signal.addEventListener('abort', wake);
      });
    },
  };
};

export type Bell = ReturnType<typeof createBell>;

interface FollowParts {
  read(from: Position | null, maxCount: number, wants?: Wants): Promise<RecordedEvent[]>;
  bell: Bell;
  /** Errors of `read` after which it is worth trying again. */
  isTransient(error: unknown): boolean;
  closed: AbortSignal;
}

/** Keeps a page in which nothing is wanted, until its time is up or a later page stands for it too. */
const createKept = ({ patienceMs = 0, wants }: Pick<SubscribeOptions, 'patienceMs' | 'wants'>) => {
  let page: RecordedEvent[] | undefined;
  let isDue = false;
  let timer: NodeJS.Timeout | undefined;
  return {
    /** Whether the page was taken in. */
    keep(next: RecordedEvent[]): boolean {
      if (patienceMs === 0 || isDue || wants === undefined || next.some(({ type }) => wants(type))) return false;
      page = next;
      timer ??= setTimeout(() => {
        isDue = true;
      }, patienceMs).unref();
      return true;
    },
    due: (): RecordedEvent[] | undefined => (isDue ? page : undefined),
    leave(): void {
      clearTimeout(timer);
      [page, isDue, timer] = [undefined, false, undefined];
    },
    /** How long to wait at most for what is called. */
    waitMs: (): number | undefined => (page === undefined ? undefined : patienceMs),
  };
};

/** Pages while behind, then one page per ring of the bell: order and gaplessness come from `read` alone. */
export async function* follow(
  { read, bell, isTransient, closed }: FollowParts,
  from: Position | null,
  { signal, maxCount = pageDefault, wants, patienceMs }: SubscribeOptions,
): AsyncGenerator<RecordedEvent[], void, undefined> {
  const end = AbortSignal.any([signal, closed]);
  let position = from;
  let retryMs = firstRetryMs;
  const kept = createKept({ patienceMs, wants });
  const readNext = () => ({ rung: bell.count(), reading: read(position, maxCount, wants) });
  /** The page after a full one is read while its taker is at work. */
  let ahead: ReturnType<typeof readNext> | undefined;
  while (!end.aborted) {
    const { rung, reading } = ahead ?? readNext();
    ahead = undefined;
    let page: RecordedEvent[];
    try {
      page = await reading;
      retryMs = firstRetryMs;
    } catch (error) {
      if (end.aborted) return;
      if (!isTransient(error)) throw error;
      await sleep(retryMs, undefined, { signal: end }).catch(() => {});
      retryMs = Math.min(retryMs * 2, longestRetryMs);
      continue;
    }
    if (end.aborted) return;
    const newest = page.at(-1);
    if (newest === undefined) {
      const due = kept.due();
      if (due !== undefined) {
        kept.leave();
        yield due;
        continue;
      }
      await bell.after(rung, end, kept.waitMs());
      continue;
    }
    position = newest.position;
    if (kept.keep(page)) continue;
    kept.leave();
    if (page.length >= maxCount) {
      ahead = readNext();
      ahead.reading.catch(() => undefined);
    }
    yield page;
  }
}
