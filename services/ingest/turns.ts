interface Chain {
  tail: Promise<void>;
  /** Why one of the sender's messages failed while others waited. */
  failure: unknown;
}

/**
 * Keeps one sender's messages in order where one of them must wait for something (a key, a memory) before its append:
 * those behind it wait too, and fail when it fails, since the sender will say all of them again. Costs nothing while
 * nobody waits.
 */
export const createTurns = () => {
  const chains = new Map<string, Chain>();

  const failWaiting = (sender: string, error: unknown): void => {
    const chain = chains.get(sender);
    if (chain !== undefined) chain.failure ??= error;
  };

  const afterOthers = <T>(
    sender: string,
    prepare: (() => Promise<void>) | undefined,
    start: () => Promise<T>,
  ): Promise<T> => {
    const waiting = chains.get(sender);
    const chain: Chain = waiting ?? { tail: Promise.resolve(), failure: undefined };
    chains.set(sender, chain);
    let started: Promise<T> | undefined;
    const turn = chain.tail.then(prepare).then(() => {
      if (chain.failure !== undefined) throw chain.failure;
      started = start();
      started.catch((error: unknown) => failWaiting(sender, error));
    });
    chain.tail = turn;
    const leave = (): void => {
      if (chain.tail === turn) chains.delete(sender);
    };
    turn.then(leave, leave);
    return turn.then(() => started!);
  };

  const isFree = (sender: string): boolean => !chains.has(sender);

  const inTurn = <T>(
    sender: string,
    prepare: (() => Promise<void>) | undefined,
    start: () => Promise<T>,
  ): Promise<T> => (prepare === undefined && isFree(sender) ? start() : afterOthers(sender, prepare, start));

  /** `isFree`: nobody waits, the message may go at once. `failWaiting` is for a message that did not wait itself: those of its sender that wait are behind it. */
  return { inTurn, isFree, failWaiting };
};
