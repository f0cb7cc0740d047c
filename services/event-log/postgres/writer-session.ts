import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { missesClientOptions } from '../../runtime/postgres.ts';
import { StartRefused } from '../../runtime/start-refused.ts';
import { genesisHash } from '../chain.ts';
import { WriterFenced } from '../event-log.ts';
import { createShelver, expires, keptShelf, type Place, type Shelf, shelvesOfId } from '../retention.ts';
import type { Seal } from '../verify-chain.ts';
import { copyEvents } from './copy-events.ts';
import { createMonthTable, monthTables, shelfDate } from './shelves.ts';

/** Session lock of the one process that writes; freed by the server when its connection ends. */
export const writerLock = 7_809_002;
const pollMs = 250;
const uniqueViolation = '23505';
const notNullViolation = '23502';

export interface SessionOptions {
  url: string;
  /** How long to wait for another writer to let go. */
  lockWaitSeconds: number;
  /** A server that says nothing for so long is given up, and the outcome is unknown. */
  answerSeconds: number;
  /** How long telemetry is kept at least. */
  retentionDays: number;
}

/** Some row of the group was there already; nothing was stored. */
export class DuplicateRow extends Error {}

/** The right to write, on one connection. */
export interface WriterSession {
  readonly epoch: number;
  readonly head: { position: number; hash: string };
  /** Last revision of each stream that exists. */
  revisionsOf(streams: string[]): Promise<Map<string, number>>;
  /** Where an event comes to stand, by its stream and its id. */
  placeOf(stream: string, id: string, nowMs: number): Place;
  /** Positions of the ids that are known. */
  positionsOf(ids: string[]): Promise<Map<string, number>>;
  /** Rows of events and their seal, both or neither. */
  commit(rows: Uint8Array, seal: Seal, sealedAt: string): Promise<void>;
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

interface Group {
  rows: Uint8Array;
  seal: Seal;
  sealedAt: string;
  /** Months that have no table yet. */
  newMonths: readonly Shelf[];
}

/**
 * The seal's row, which only the owner of the epoch can write: for anybody else the root is null, and the table refuses
 * that. The row lock holds the epoch still until the commit: a writer that takes over waits for it, then this one is
 * fenced.
 */
const sealStatement = (epoch: number, { seal, sealedAt }: Group): string => {
  const { firstPosition, lastPosition, root, hash, parts } = seal;
  const text = (value: string | null): string => (value === null ? 'NULL' : pg.escapeLiteral(value));
  const held = `(SELECT ${text(root)} FROM hub.writer WHERE epoch = ${epoch} FOR SHARE)`;
  const jsonOfParts = parts == null ? null : JSON.stringify(parts);
  return `INSERT INTO hub.seal (first_position, last_position, root, hash, sealed_at, parts)
    VALUES (${firstPosition}, ${lastPosition}, ${held}, ${text(hash)}, ${text(sealedAt)}, ${text(jsonOfParts)})`;
};

const refusalOf = (error: unknown): unknown => {
  const { code, table, column } = error as { code?: string; table?: string; column?: string };
  if (code === uniqueViolation) return new DuplicateRow();
  if (code === notNullViolation && table === 'seal' && column === 'root') {
    return new WriterFenced('another hub has taken this event log over; this one may not write any more');
  }
  return error;
};

const writeGroup = async (client: pg.Client, epoch: number, group: Group): Promise<void> => {
  const { rows, newMonths } = group;
  const write = () => copyEvents(client, rows, sealStatement(epoch, group));
  try {
    if (newMonths.length === 0) await write();
    else await inTransaction(client, newMonths, write);
  } catch (error) {
    throw refusalOf(error);
  }
};

/** The first event of a month brings the month's table with it. */
const inTransaction = async (
  client: pg.Client,
  newMonths: readonly Shelf[],
  write: () => Promise<void>,
): Promise<void> => {
  await client.query('BEGIN');
  try {
    for (const month of newMonths) await createMonthTable(client, month);
    await write();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
};

/** Since when the log has shelves, where it is older than they are. A device's clock may be some minutes ahead. */
const readShelvesSince = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ at: Date }>(
    `SELECT applied_at + interval '10 minutes' AS at FROM hub.migration WHERE number = 20
     AND EXISTS (SELECT FROM hub.event WHERE shelf = '-infinity' AND position = 1 AND checksum IS NULL)`,
  );
  return rows[0]?.at.getTime() ?? 0;
};

const isKeptOnly = (stream: string): boolean => !expires(stream);

/** Of telemetry the newest event may stand on any month's shelf, or have gone with one. */
const readRevisions = async (client: pg.Client, streams: string[]): Promise<Map<string, number>> => {
  const found = new Map<string, number>();
  const ask = async (names: string[], newest: string): Promise<void> => {
    if (names.length === 0) return;
    const { rows } = await client.query<{ stream: string; revision: number }>(
      `SELECT wanted.stream, newest.revision FROM unnest($1::text[]) AS wanted (stream) CROSS JOIN LATERAL (${newest}) AS newest`,
      [names],
    );
    for (const { stream, revision } of rows) found.set(stream, Math.max(revision, found.get(stream) ?? revision));
  };
  const newestOn = (shelf: string) =>
    `SELECT revision FROM hub.event WHERE event.stream = wanted.stream ${shelf} ORDER BY revision DESC LIMIT 1`;
  await ask(streams.filter(isKeptOnly), newestOn(`AND shelf = '${shelfDate()}'`));
  const telemetry = streams.filter(expires);
  await ask(telemetry, newestOn(''));
  await ask(telemetry, 'SELECT revision FROM hub.expired_stream WHERE expired_stream.stream = wanted.stream');
  return found;
};

/** Each id is asked for on the shelves on which it can stand, and not in the tables of all months. */
const readPositions = async (
  client: pg.Client,
  months: ReadonlySet<Shelf>,
  ids: string[],
): Promise<Map<string, number>> => {
  const byShelf = new Map<Shelf, string[]>();
  for (const id of ids) {
    for (const shelf of shelvesOfId(id)) {
      const own = byShelf.get(shelf);
      if (own !== undefined) own.push(id);
      else if (shelf === keptShelf || months.has(shelf)) byShelf.set(shelf, [id]);
    }
  }
  const found = new Map<string, number>();
  for (const [shelf, own] of byShelf) {
    const { rows } = await client.query<{ id: string; position: string }>(
      `SELECT id, position FROM hub.event WHERE shelf = '${shelfDate(shelf)}' AND id = ANY($1::uuid[])`,
      [own],
    );
    for (const { id, position } of rows) found.set(id, Number(position));
  }
  return found;
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
    options: missesClientOptions,
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
    const attached = (await monthTables(client)).filter(({ state }) => state === 'attached');
    const months = new Set(attached.map(({ month }) => month));
    const placeOf = createShelver(options.retentionDays, await readShelvesSince(client));
    const ask = <T>(work: Promise<T>) => limited(client, options.answerSeconds, work);
    return {
      epoch,
      head,
      revisionsOf: (streams) => ask(readRevisions(client, streams)),
      positionsOf: (ids) => ask(readPositions(client, months, ids)),
      placeOf,
      async commit(rows, seal, sealedAt) {
        const shelves = seal.parts?.map(({ shelf }) => shelf) ?? [];
        const newMonths = shelves.filter((shelf) => shelf !== keptShelf && !months.has(shelf));
        await ask(writeGroup(client, epoch, { rows, seal, sealedAt, newMonths }));
        for (const month of newMonths) months.add(month);
      },
      isBroken: () => broken,
      close: () => client.end(),
    };
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
};
