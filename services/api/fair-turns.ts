/** Thrown where one who asks, or all of them, have more waiting than will be looked at in time. */
export class TooManyWaiting extends Error {
  readonly code = 'turns.too-many-waiting';
}

export interface TurnLimits {
  atOnceMax: number;
  waitingMax: number;
  waitingPerOneMax: number;
}

/**
 * Lets work through a few at a time, those who ask in turn: whoever floods waits behind himself, and what the next one
 * asks is looked at next.
 */
export const createFairTurns = ({ atOnceMax, waitingMax, waitingPerOneMax }: TurnLimits) => {
  const waiting = new Map<string, (() => void)[]>();
  let running = 0;
  let count = 0;

  const next = (): void => {
    const first = waiting.entries().next().value;
    if (first === undefined || running >= atOnceMax) return;
    const [asker, queue] = first;
    const start = queue.shift()!;
    // To the end of the round.
    waiting.delete(asker);
    if (queue.length > 0) waiting.set(asker, queue);
    count -= 1;
    running += 1;
    start();
  };

  return async <Done>(asker: string, work: () => Promise<Done>): Promise<Done> => {
    const queue = waiting.get(asker) ?? [];
    if (count >= waitingMax || queue.length >= waitingPerOneMax) throw new TooManyWaiting();
    await new Promise<void>((resolve) => {
      queue.push(resolve);
      waiting.set(asker, queue);
      count += 1;
      next();
    });
    try {
      return await work();
    } finally {
      running -= 1;
      next();
    }
  };
};
