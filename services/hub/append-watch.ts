import { type AppendResult, type EventLog, WriterFenced, WrongExpectedRevision } from '../event-log/event-log.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import { promised, type Waiting } from '../runtime/waiting.ts';

/** A failure this old says nothing of now: with nobody who appends, nothing would ever say that it is over. */
const rememberedMs = 60_000;
/** An append that waits this long is no slow commit: the database doesn't answer, or lets nobody in. */
const answerMs = 3_000;

/** Learns how each append ends. */
interface Watch {
  took(): void;
  failed(error: unknown): void;
}

class WatchedAppend implements Waiting<AppendResult> {
  readonly #watch: Watch;
  readonly #waiting: Waiting<AppendResult>;

  constructor(watch: Watch, waiting: Waiting<AppendResult>) {
    this.#watch = watch;
    this.#waiting = waiting;
  }

  done(result: AppendResult): void {
    this.#watch.took();
    this.#waiting.done(result);
  }

  failed(error: unknown): void {
    this.#watch.failed(error);
    this.#waiting.failed(error);
  }
}

/**
 * The log, and whether it takes what it is given: on a full disk it can be read, and so seems well, while every device
 * is turned away. Neither a wrong revision nor a batch that is no batch is the log's fault.
 */
export const watchAppends = (log: EventLog, clock: Clock) => {
  let failing: { sinceMs: number; lastMs: number } | undefined;
  let fenced: WriterFenced | undefined;
  let underWay = 0;
  /** Since when no append was answered, while some are under way. */
  let unansweredSinceMs = 0;
  const answered = (): void => {
    underWay -= 1;
    unansweredSinceMs = clock.now();
  };
  const watch: Watch = {
    took() {
      failing = undefined;
      answered();
    },
    failed(error) {
      const isCallers = error instanceof WrongExpectedRevision || error instanceof RangeError;
      if (error instanceof WriterFenced) fenced = error;
      else if (!isCallers) failing = { sinceMs: failing?.sinceMs ?? clock.now(), lastMs: clock.now() };
      answered();
    },
  };
  const submit: EventLog['submit'] = (batch, waiting) => {
    if (underWay === 0) unansweredSinceMs = clock.now();
    underWay += 1;
    log.submit(batch, new WatchedAppend(watch, waiting));
  };
  const watched: EventLog = {
    submit,
    append: (batch) => promised((waiting) => submit(batch, waiting)),
    readStream: (stream, options) => log.readStream(stream, options),
    readAll: (from, maxCount, wants) => log.readAll(from, maxCount, wants),
    subscribe: (from, options) => log.subscribe(from, options),
    head: () => log.head(),
    close: () => log.close(),
  };
  /** A sentence while it takes nothing. */
  const untaken = (): string[] => {
    if (fenced !== undefined) return [fenced.message];
    if (underWay > 0 && clock.now() - unansweredSinceMs > answerMs) {
      return [`the event log has not answered since ${isoTime(unansweredSinceMs)}; the hub's log says why`];
    }
    if (failing === undefined || clock.now() - failing.lastMs > rememberedMs) return [];
    return [`the event log takes nothing since ${isoTime(failing.sinceMs)}; the hub's log says why`];
  };
  return { log: watched, untaken };
};
