import { type EventLog, WriterFenced, WrongExpectedRevision } from '../event-log/event-log.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';

/** A failure this old says nothing of now: with nobody who appends, nothing would ever say that it is over. */
const rememberedMs = 60_000;
/** An append that waits this long is no slow commit: the database doesn't answer, or lets nobody in. */
const answerMs = 3_000;

/**
 * The log, and whether it takes what it is given: on a full disk it can be read, and so seems well, while every device
 * is turned away. Neither a wrong revision nor a batch that is no batch is the log's fault.
 */
export const watchAppends = (log: EventLog, clock: Clock) => {
  let failing: { sinceMs: number; lastMs: number } | undefined;
  let fenced: WriterFenced | undefined;
  let watchedAppend: Promise<unknown> | undefined;
  let watchedSinceMs = 0;
  let newest: Promise<unknown> | undefined;
  /** One of those under way is enough, for a look at each would wait with each; the newest of all always gets its turn. */
  const watch = (): void => {
    watchedAppend = newest;
    watchedSinceMs = clock.now();
    watchedAppend?.then(took, failed);
  };
  const next = (): void => {
    if (newest === watchedAppend) newest = undefined;
    watch();
  };
  const took = (): void => {
    failing = undefined;
    next();
  };
  const failed = (error: unknown): void => {
    const isCallers = error instanceof WrongExpectedRevision || error instanceof RangeError;
    if (error instanceof WriterFenced) fenced = error;
    else if (!isCallers) failing = { sinceMs: failing?.sinceMs ?? clock.now(), lastMs: clock.now() };
    next();
  };
  const watched: EventLog = {
    append(batch) {
      const appended = log.append(batch);
      newest = appended;
      if (watchedAppend === undefined) watch();
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
    if (fenced !== undefined) return [fenced.message];
    if (watchedAppend !== undefined && clock.now() - watchedSinceMs > answerMs) {
      return [`the event log has not answered since ${isoTime(watchedSinceMs)}; the hub's log says why`];
    }
    if (failing === undefined || clock.now() - failing.lastMs > rememberedMs) return [];
    return [`the event log takes nothing since ${isoTime(failing.sinceMs)}; the hub's log says why`];
  };
  return { log: watched, untaken };
};
