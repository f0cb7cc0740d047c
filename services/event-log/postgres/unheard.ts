import { setTimeout as sleep } from 'node:timers/promises';
import type { Bell } from '../follow.ts';

interface UnheardParts {
  /** Position of the newest commit in the database; 0 while the log is empty. */
  newest(): Promise<number>;
  bell: Bell;
  everyMs: number;
  closed: AbortSignal;
}

/**
 * Looks for what was committed without a word to this process, once for all subscriptions: each for itself they were
 * three quarters of what a hub at rest asked its database.
 */
export const createUnheard = ({ newest, bell, everyMs, closed }: UnheardParts) => {
  let knownThrough: number | undefined;
  let isLooking = false;

  const look = async (): Promise<void> => {
    try {
      const found = await newest();
      if (knownThrough !== undefined && found <= knownThrough) return;
      knownThrough = found;
    } catch {
      // Each subscription then asks for itself, and tells its reader or tries again.
      knownThrough = undefined;
    }
    bell.ring();
  };
  const keepLooking = async (): Promise<void> => {
    for (;;) {
      await sleep(everyMs, undefined, { signal: closed }).catch(() => undefined);
      if (closed.aborted) return;
      await look();
    }
  };
  return {
    /** Looks from now on, until the log is closed. */
    begin(): void {
      if (isLooking) return;
      isLooking = true;
      void keepLooking();
    },
    heard(position: number): void {
      knownThrough = Math.max(knownThrough ?? 0, position);
      bell.ring();
    },
    /** Whether nothing is known of behind that position. */
    isAtEnd: (position: number): boolean => knownThrough !== undefined && position >= knownThrough,
  };
};
