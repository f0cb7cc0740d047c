import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { StartRefused } from '../../runtime/start-refused.ts';
import { genesisHash } from '../chain.ts';
import { WriterFenced } from '../event-log.ts';
import type { StoredEvent } from '../stored-event.ts';
import type { Seal } from '../verify-chain.ts';
import { copyEvents } from './copy-events.ts';

/** Session lock of the one process that writes; freed by the server when its connection ends. */
const writerLock = 7_809_002;
const pollMs = 250;
const uniqueViolation = '23505';

export interface SessionOptions {
  url: string;
  /** How long to wait for another writer to let go. */
  lockWaitSeconds: number;
  /** A server that says nothing for so long is given up, and the outcome is unknown. */
  answerSeconds: number;
}

/** Some row of the group was there already; nothing was stored. */
export class DuplicateRow extends Error {}

/** The right to write, on one connection. */
export interface WriterSession {
  readonly epoch: number;
  readonly head: { position: number; hash: string };
  /** Last revision of each stream that exists. */
  revisionsOf(streams: string[]): Promise<Map<string, number>>;
  /** Positions of the ids that are known. */
  positionsOf(ids: string[]): Promise<Map<string, number>>;
  /** Events and their seal, both or neither. */
  commit(events: readonly StoredEvent[], seal: Seal, sealedAt: string): Promise<void>;
  isBroken(): boolean;
  close(): Promise<void>;
}

const readEpoch = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ epoch: string }>('SELECT epoch FROM hub.writer');
  return Number(rows[0]?.epoch);
};

/** Waits for the lock, then raises the epoch; a writer that comes back to its own epoch keeps it. */
const takeOver = async (client: pg.Client, lockWaitSeconds: number, ownEpoch: number | undefined): Promise<number> => {
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    if (ownEpoch !== undefined && (await readEpoch(client)) !== ownEpoch) {
      throw new WriterFenced('another hub has taken this event log over; this one may not write any more');
    }
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [writerLock]);
    if (rows[0]?.locked) break;
    if (waitedMs >= lockWaitSeconds * 1000) {
      throw new StartRefused(
        'Another hub writes to this database: stop it first, or give this one a database of its own (EVENT_LOG_URL).',
      );
    }
    await sleep(pollMs);
  }
  const epoch = await readEpoch(client);
  if (epoch === ownEpoch) return epoch;
  if (ownEpoch !== undefined) {
    throw new WriterFenced('another hub had taken this event log over; this one may not write any more');
  }
  const { rows } = await client.query<{ epoch: string }>(
    'UPDATE hub.writer SET epoch = epoch + 1, taken_at = now() RETURNING epoch',
  );
  return Number(rows[0]!.epoch);
};

const readHead = async (client: pg.Client): Promise<WriterSession['head']> => {
  const { rows } = await client.query<{ last_position: string; hash: string }>(
    'SELECT last_position, hash FROM hub.seal ORDER BY last_position DESC LIMIT 1',
  );
  return rows[0] === undefined
    ? { position: 0, hash: genesisHash }
    : { position: Number(rows[0].last_position), hash: rows[0].hash };
};

const writeGroup = async (
  client: pg.Client,
  epoch: number,
  events: readonly StoredEvent[],
  seal: Seal,
  sealedAt: string,
): Promise<void> => {
  // The row lock holds the epoch still until the commit: a writer that takes over waits for it, then this one is fenced.
  await client.query('BEGIN');
  try {
    const { rows } = await client.query<{ epoch: string }>('SELECT epoch FROM hub.writer FOR SHARE');
    if (Number(rows[0]?.epoch) !== epoch) {
      throw new WriterFenced('another hub has taken this event log over; this one may not write any more');
    }
    await copyEvents(client, events);
    await client.query(
      'INSERT INTO hub.seal (first_position, last_position, root, hash, sealed_at) VALUES ($1, $2, $3, $4, $5)',
      [seal.firstPosition, seal.lastPosition, seal.root, seal.hash, sealedAt],
    );
  } catch (error) {
    await client.query('ROLLBACK');
    throw (error as { code?: string }).code === uniqueViolation ? new DuplicateRow() : error;
  }
  await client.query('COMMIT');
};

/** Gives a connection up when the work on it takes too long; the query under way then fails. */
const limited = async <T>(client: pg.Client, seconds: number, work: Promise<T>): Promise<T> => {
  const timer = setTimeout(() => void client.end().catch(() => {}), seconds * 1000);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
};

/**
 * Connects and becomes the log's writer. `ownEpoch` is the epoch of an earlier session of this same writer.
 * Throws `WriterFenced` when another has taken over since, `StartRefused` when another holds the log.
 */
export const openWriterSession = async (options: SessionOptions, ownEpoch?: number): Promise<WriterSession> => {
  const client = new pg.Client({
    connectionString: options.url,
    application_name: 'xingyuan event log writer',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  let broken = false;
  client.on('error', () => {
    broken = true;
  });
  client.on('end', () => {
    broken = true;
  });
  await client.connect();
  try {
    const epoch = await takeOver(client, options.lockWaitSeconds, ownEpoch);
    const head = await readHead(client);
    const ask = <T>(work: Promise<T>) => limited(client, options.answerSeconds, work);
    return {
      epoch,
      head,
      async revisionsOf(streams) {
        const { rows } = await ask(
          client.query<{ stream: string; revision: number }>(
            `SELECT wanted.stream, newest.revision FROM unnest($1::text[]) AS wanted (stream)
             CROSS JOIN LATERAL (SELECT revision FROM hub.event WHERE event.stream = wanted.stream
                                 ORDER BY revision DESC LIMIT 1) AS newest`,
            [streams],
          ),
        );
        return new Map(rows.map(({ stream, revision }) => [stream, revision]));
      },
      async positionsOf(ids) {
        const { rows } = await ask(
          client.query<{ id: string; position: string }>(
            'SELECT id, position FROM hub.event WHERE id = ANY($1::uuid[])',
            [ids],
          ),
        );
        return new Map(rows.map(({ id, position }) => [id, Number(position)]));
      },
      commit: (events, seal, sealedAt) => ask(writeGroup(client, epoch, events, seal, sealedAt)),
      isBroken: () => broken,
      close: () => client.end(),
    };
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
};
