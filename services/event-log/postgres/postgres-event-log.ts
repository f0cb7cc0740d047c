import type { Clock } from '../../runtime/clock.ts';
import { migrate } from '../../runtime/migrate.ts';
import { openPool, transact } from '../../runtime/postgres.ts';
import { promised } from '../../runtime/waiting.ts';
import { genesisHash } from '../chain.ts';
import type { Position } from '../event.ts';
import type { EventLog, LogHead, Wants } from '../event-log.ts';
import { createBell, follow } from '../follow.ts';
import { defaultRetentionDays } from '../retention.ts';
import { positionNumber, recordedOf } from '../stored-event.ts';
import type { Verdict } from '../verify-chain.ts';
import { type EventRow, eventColumns, storedOf } from './event-row.ts';
import { expireShelves } from './expire-shelves.ts';
import { openLogWriter } from './log-writer.ts';
import { readPage } from './read-page.ts';
import { type Commit, createRecentEvents } from './recent-events.ts';
import { type Proofs, proofsOf } from './sealed-log.ts';
import { isTransient } from './transient.ts';
import { createUnheard } from './unheard.ts';
import { verifyLog } from './verify-log.ts';

export interface PostgresEventLogOptions {
  url: string;
  clock: Clock;
  /** Reads and subscribes without becoming the writer; `append` then rejects. */
  readOnly?: boolean;
  /** How long to wait for another hub to let go of the log. */
  lockWaitSeconds?: number;
  /** A server that says nothing for so long is given up. */
  answerSeconds?: number;
  /** How long telemetry is kept at least; 0 for ever. */
  retentionDays?: number;
  /** Gives the writer a thread of its own. */
  writerInThread?: boolean;
}

export interface PostgresEventLog extends EventLog, Proofs {
  /** Recomputes the chain; `heads` were kept elsewhere. */
  verify(...heads: LogHead[]): Promise<Verdict>;
  /** Drops the months of telemetry that are older than the retention. Answers which. */
  expire(): Promise<string[]>;
  /** Hands every commit of this writer on, for the `take` of a reader in another thread. */
  passOn(listener: (commit: Commit) => void): void;
  /** What a writer in another thread has just committed, so that a reader need not ask the database for it. */
  take(commit: Commit): void;
}

/** How often what nobody told is looked for: rarely where this process is the writer. */
const lookEveryMs = { reader: 500, writer: 5_000 };

/** Who follows in the writer's own thread is called at each commit and never far behind. */
const writersRecentBytes = 8 * 1024 * 1024;

const everything: Wants = () => true;

const readOnlyWriter: Pick<EventLog, 'submit' | 'close'> = {
  submit: (_batch, waiting) => waiting.failed(new Error('this event log was opened for reading only')),
  close: async () => {},
};

/**
 * The log in PostgreSQL, schema `hub`: one fenced writer that gives out positions itself and commits in order, so a
 * reader that pages by position never skips an event. Throws `StartRefused` when another hub holds the log.
 */
export const openPostgresEventLog = async (options: PostgresEventLogOptions): Promise<PostgresEventLog> => {
  const { url, clock, readOnly = false, lockWaitSeconds = 10, answerSeconds = 30 } = options;
  // What is kept for ever still gets months of its own as long as it is likely to come late.
  const retentionDays = options.retentionDays || defaultRetentionDays;
  const pool = openPool(url, { maxConnections: 8, applicationName: 'xingyuan event log' });
  const bell = createBell();
  const recent = createRecentEvents(readOnly ? undefined : writersRecentBytes);
  const listeners: ((commit: Commit) => void)[] = [];
  const closing = new AbortController();
  const head = async (): Promise<LogHead> => {
    const { rows } = await pool.query<{ last_position: string; hash: string }>(
      'SELECT last_position, hash FROM hub.seal ORDER BY last_position DESC LIMIT 1',
    );
    return { position: rows[0]?.last_position ?? null, hash: rows[0]?.hash ?? genesisHash };
  };
  const unheard = createUnheard({
    newest: async () => positionNumber((await head()).position),
    everyMs: readOnly ? lookEveryMs.reader : lookEveryMs.writer,
    ...{ bell, closed: closing.signal },
  });
  const hear = (commit: Commit): void => {
    recent.add(commit);
    unheard.heard(commit.lastPosition);
  };
  const open = async () => {
    await migrate(transact(pool));
    if (readOnly) return readOnlyWriter;
    return openLogWriter(
      { url, lockWaitSeconds, answerSeconds, retentionDays },
      {
        ...{ clock, hasThread: options.writerInThread ?? false },
        onCommit(commit) {
          for (const listener of listeners) listener(commit);
          hear(commit);
        },
      },
    );
  };
  const writer = await open().catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });

  const read = async (from: Position | null, maxCount: number, wants?: Wants) => {
    const after = positionNumber(from);
    return recent.after(after, maxCount, wants) ?? readPage(pool, after, maxCount, wants ?? everything);
  };
  const readNew: typeof read = async (from, maxCount, wants) =>
    unheard.isAtEnd(positionNumber(from)) ? [] : read(from, maxCount, wants);

  const append: EventLog['append'] = (batch) => promised((waiting) => writer.submit(batch, waiting));

  let closed: Promise<void> | undefined;
  return {
    append,
    submit: writer.submit,
    async readStream(stream, { fromRevision, maxCount, backwards = false } = {}) {
      const [condition, order] = backwards ? ['revision <= $2', 'DESC'] : ['revision >= $2', 'ASC'];
      const { rows } = await pool.query<EventRow>(
        `SELECT ${eventColumns} FROM hub.event WHERE stream = $1 AND ($2::integer IS NULL OR ${condition})
         ORDER BY revision ${order} LIMIT $3`,
        [stream, fromRevision ?? null, maxCount ?? null],
      );
      return rows.map((row) => recordedOf(storedOf(row)));
    },
    readAll: (from, maxCount, wants) => read(from, maxCount, wants),
    subscribe(from, subscribeOptions) {
      positionNumber(from);
      unheard.begin();
      return follow({ read: readNew, bell, isTransient, closed: closing.signal }, from, subscribeOptions);
    },
    head,
    close() {
      closed ??= (async () => {
        await writer.close();
        closing.abort();
        await pool.end();
      })();
      return closed;
    },
    verify: (...heads) => verifyLog({ sql: pool, url, alone: readOnly }, heads),
    passOn: (listener) => void listeners.push(listener),
    take: hear,
    ...proofsOf({ pool, append, clock }),
    expire: () => expireShelves({ pool, append, clock }, options.retentionDays ?? 0),
  };
};
