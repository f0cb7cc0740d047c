import type { Position } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';

/** Lets others wait until a reader of the log has taken everything that the log held when they asked. */
export const createCaughtUp = (log: Pick<EventLog, 'head'>, limitSeconds: number) => {
  let latest: Position | null = null;
  const sinceAsked = new Set<Set<Position>>();
  const waiting = new Set<{ position: Position; done(): void }>();

  /** Positions are compared for sameness only, so what was taken while the head was asked for is written down. */
  const untilHead = async (): Promise<void> => {
    const before = latest;
    const taken = new Set<Position>();
    sinceAsked.add(taken);
    const { position } = await log.head().finally(() => sinceAsked.delete(taken));
    if (position === null || position === before || taken.has(position)) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(waiter);
        reject(new Error(`this process is more than ${limitSeconds} s behind the event log`));
      }, limitSeconds * 1000);
      const waiter = {
        position,
        done: (): void => {
          clearTimeout(timer);
          resolve();
        },
      };
      waiting.add(waiter);
    });
  };

  let asking: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  return {
    took(positions: readonly Position[]): void {
      for (const position of positions) {
        for (const taken of sinceAsked) taken.add(position);
        for (const waiter of waiting) {
          if (waiter.position !== position) continue;
          waiting.delete(waiter);
          waiter.done();
        }
      }
      latest = positions.at(-1) ?? latest;
    },
    /** Rejects when the reader stays behind. A thousand who ask at once share one look at the head. */
    caughtUp(): Promise<void> {
      if (asking === undefined) {
        asking = untilHead().finally(() => {
          asking = undefined;
        });
        return asking;
      }
      // A look that has begun may have seen an older head.
      next ??= asking
        .catch(() => undefined)
        .then(() => {
          next = undefined;
          asking = untilHead().finally(() => {
            asking = undefined;
          });
          return asking;
        });
      return next;
    },
  };
};
