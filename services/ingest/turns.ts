/**
 * Keeps one sender's messages in order where one of them must wait for something (a key, a memory) before its append:
 * those behind it wait too. Costs nothing while nobody waits.
 */
export const createTurns = () => {
  const tails = new Map<string, Promise<void>>();
  return <T>(sender: string, prepare: (() => Promise<void>) | undefined, start: () => Promise<T>): Promise<T> => {
    const before = tails.get(sender);
    if (before === undefined && prepare === undefined) return start();
    let started: Promise<T> | undefined;
    const turn = (before ?? Promise.resolve())
      .catch(() => undefined)
      .then(prepare)
      .then(() => {
        started = start();
        // Whoever asked gets the rejection; the chain only carries the order.
        started.catch(() => undefined);
      });
    tails.set(sender, turn);
    const leave = (): void => {
      if (tails.get(sender) === turn) tails.delete(sender);
    };
    turn.then(leave, leave);
    return turn.then(() => started!);
  };
};
