/**
 * Both clients start each append in an `async` executor whose promise nobody holds: when the server hangs and the
 * connection is then reset, every write that was still queued rejects twice, once where the log waits for it and once
 * into the void, which ends a Node process. Only these, gRPC's own errors, are held here; any other goes its usual way.
 */
const isLeaked = (reason: unknown): boolean => {
  const { code, details, metadata } = (reason ?? {}) as { code?: unknown; details?: unknown; metadata?: unknown };
  return typeof code === 'number' && typeof details === 'string' && metadata !== undefined;
};

const onRejection = (reason: unknown): void => {
  if (!isLeaked(reason)) throw reason;
};

let holders = 0;

/** Until the returned function is called. */
export const holdLeakedRejections = (): (() => void) => {
  if (holders === 0) process.on('unhandledRejection', onRejection);
  holders += 1;
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    holders -= 1;
    if (holders === 0) process.off('unhandledRejection', onRejection);
  };
};
