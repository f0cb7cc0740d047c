/**
 * Whoever waits for something, told once. For the way from the socket to the log: where thousands of messages wait for
 * a commit, the promises and closures of each step are most of what the garbage collector has to copy.
 */
export interface Waiting<Value> {
  done(value: Value): void;
  failed(error: unknown): void;
}

/** The same as a promise, for everywhere else. */
export const promised = <Value>(start: (waiting: Waiting<Value>) => void): Promise<Value> =>
  new Promise((resolve, reject) => start({ done: resolve, failed: reject }));

/** Tells how a promise ends. */
export const tell = <Value>(promise: Promise<Value>, waiting: Waiting<Value>): void => {
  promise.then(
    (value) => waiting.done(value),
    (error: unknown) => waiting.failed(error),
  );
};
