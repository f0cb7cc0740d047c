import type { Clock } from '../../runtime/clock.ts';
import { migrate } from '../../runtime/migrate.ts';
import { openPool, transact } from '../../runtime/postgres.ts';
import type { Sql } from '../../runtime/sql.ts';
import { genesisHash } from '../chain.ts';
import type { EventLog, LogHead } from '../event-log.ts';
import { createBell, follow } from '../follow.ts';
import { draftOf, positionNumber, recordedOf, type StoredEvent } from '../stored-event.ts';
import { type ChainSource, type Seal, type Verdict, verifyChain } from '../verify-chain.ts';
import { createGroupWriter } from './group-writer.ts';
import { isTransient } from './transient.ts';
import { openWriterSession } from './writer-session.ts';

export interface PostgresEventLogOptions {
  url: string;
  clock: Clock;
  /** Reads and subscribes without becoming the writer; `append` then rejects. */
  readOnly?: boolean;
  /** How long to wait for another hub to let go of the log. */
  lockWaitSeconds?: number;
  /** A server that says nothing for so long is given up. */
  answerSeconds?: number;
}

export interface PostgresEventLog extends EventLog {
  verify(expected?: LogHead): Promise<Verdict>;
}

/** How often a subscription looks for itself: rarely where this process is the writer and rings the bell. */
const pollMs = { reader: 500, writer: 5_000 };
const columns = 'position, stream, revision, id, type, data, meta';

type EventRow = Omit<StoredEvent, 'position'> & { position: string };
const storedOf = (row: EventRow): StoredEvent => ({ ...row, position: Number(row.position) });

const chainSource = (sql: Sql): ChainSource => ({
  async sealsAfter(position, limit) {
    const { rows } = await sql.query<Record<'first_position' | 'last_position' | 'root' | 'hash', string>>(
      `SELECT first_position, last_position, root, hash FROM hub.seal
       WHERE first_position > $1 ORDER BY first_position LIMIT $2`,
      [position, limit],
    );
    return rows.map(
      (row): Seal => ({
        firstPosition: Number(row.first_position),
        lastPosition: Number(row.last_position),
        root: row.root,
        hash: row.hash,
      }),
    );
  },
  async eventsBetween(first, last) {
    const { rows } = await sql.query<EventRow>(
      `SELECT ${columns} FROM hub.event WHERE position BETWEEN $1 AND $2 ORDER BY position`,
      [first, last],
    );
    return rows.map(storedOf);
  },
  async firstUnsealed() {
    const { rows } = await sql.query<{ position: string }>(
      `SELECT position FROM hub.event WHERE position > coalesce((SELECT max(last_position) FROM hub.seal), 0)
       ORDER BY position LIMIT 1`,
    );
    return rows[0] === undefined ? null : Number(rows[0].position);
  },
});

const readOnlyWriter = {
  append: () => Promise.reject(new Error('this event log was opened for reading only')),
  close: async () => {},
};

/**
 * The log in PostgreSQL, schema `hub`: one fenced writer that gives out positions itself and commits in order, so a
 * reader that pages by position never skips an event. Throws `StartRefused` when another hub holds the log.
 */
export const openPostgresEventLog = async (options: PostgresEventLogOptions): Promise<PostgresEventLog> => {
  const { url, clock, readOnly = false, lockWaitSeconds = 10, answerSeconds = 30 } = options;
  const pool = openPool(url, { maxConnections: 8, applicationName: 'xingyuan event log' });
  const bell = createBell();
  const closing = new AbortController();
  const open = async () => {
    await migrate(transact(pool));
    if (readOnly) return readOnlyWriter;
    return createGroupWriter({
      openSession: (ownEpoch) => openWriterSession({ url, lockWaitSeconds, answerSeconds }, ownEpoch),
      clock,
      onCommit: bell.ring,
    });
  };
  const writer = await open().catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });

  const readAll: EventLog['readAll'] = async (from, maxCount) => {
    const { rows } = await pool.query<EventRow>(
      `SELECT ${columns} FROM hub.event WHERE position > $1 ORDER BY position LIMIT $2`,
      [positionNumber(from), maxCount],
    );
    return rows.map((row) => recordedOf(storedOf(row)));
  };

  let closed: Promise<void> | undefined;
  return {
    append: async (batch) => writer.append(draftOf(batch)),
    async readStream(stream, { fromRevision, maxCount, backwards = false } = {}) {
      const [condition, order] = backwards ? ['revision <= $2', 'DESC'] : ['revision >= $2', 'ASC'];
      const { rows } = await pool.query<EventRow>(
        `SELECT ${columns} FROM hub.event WHERE stream = $1 AND ($2::integer IS NULL OR ${condition})
         ORDER BY revision ${order} LIMIT $3`,
        [stream, fromRevision ?? null, maxCount ?? null],
      );
      return rows.map((row) => recordedOf(storedOf(row)));
    },
    readAll,
    subscribe(from, subscribeOptions) {
      positionNumber(from);
      const poll = readOnly ? pollMs.reader : pollMs.writer;
      return follow({ read: readAll, bell, pollMs: poll, isTransient, closed: closing.signal }, from, subscribeOptions);
    },
    async head() {
      const { rows } = await pool.query<{ last_position: string; hash: string }>(
        'SELECT last_position, hash FROM hub.seal ORDER BY last_position DESC LIMIT 1',
      );
      return { position: rows[0]?.last_position ?? null, hash: rows[0]?.hash ?? genesisHash };
    },
    close() {
      closed ??= (async () => {
        await writer.close();
        closing.abort();
        await pool.end();
      })();
      return closed;
    },
    verify: (expected) => verifyChain(chainSource(pool), expected),
  };
};
