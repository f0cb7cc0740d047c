import { type EventLog, WrongExpectedRevision } from '../event-log/event-log.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';

/** A failure this old says nothing of now: with nobody who appends, nothing would ever say that it is over. */
const rememberedMs = 60_000;

/**
 * The log, and whether it takes what it is given: on a full disk it can be read, and so seems well, while every device
 * is turned away. Neither a wrong revision nor a batch that is no batch is the log's fault.
 */
export const watchAppends = (log: EventLog, clock: Clock) => {
  let failing: { sinceMs: number; lastMs: number } | undefined;
  let isWatching = false;
  const took = (): void => {
    isWatching = false;
    failing = undefined;
  };
  const failed = (error: unknown): void => {
    isWatching = false;
    const isCallers = error instanceof WrongExpectedRevision || error instanceof RangeError;
    if (!isCallers) failing = { sinceMs: failing?.sinceMs ?? clock.now(), lastMs: clock.now() };
  };
  const watched: EventLog = {
    append(batch) {
      const appended = log.append(batch);
      // One of those under way tells enough: what fails is said again, and a look at each would wait with each.
      if (!isWatching) {
        isWatching = true;
        appended.then(took, failed);
      }
      return appended;
    },
    readStream: (stream, options) => log.readStream(stream, options),
    readAll: (from, maxCount, wants) => log.readAll(from, maxCount, wants),
    subscribe: (from, options) => log.subscribe(from, options),
    head: () => log.head(),
    close: () => log.close(),
  };
  /** A sentence while it takes nothing. */
  const untaken = (): string[] => {
    if (failing === undefined || clock.now() - failing.lastMs > rememberedMs) return [];
    return [`the event log takes nothing since ${isoTime(failing.sinceMs)}; the hub's log says why`];
  };
  return { log: watched, untaken };
};
