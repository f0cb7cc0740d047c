import type pg from 'pg';
import { type Clock, isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import { eventOf } from '../decider.ts';
import { eventId } from '../event-id.ts';
import type { EventLog } from '../event-log.ts';
import { logStream } from '../log-stream.ts';
import { isExpired, shelfBounds } from '../retention.ts';
import { type ShelfExpired, shelfExpiredType } from './expired-shelves.ts';
import { type MonthTable, monthTables } from './shelves.ts';

/** Whoever waits for the log's table waits behind this one, so it gives up soon and tries again at the next round. */
const lockWaitSeconds = 5;

interface ExpireParts {
  pool: pg.Pool;
  append: EventLog['append'];
  clock: Clock;
}

/** What goes, as it stands on record; `undefined` for a table without events. */
const factsOf = async (sql: Sql, { month, table }: MonthTable): Promise<ShelfExpired | undefined> => {
  const { rows } = await sql.query<Record<'events' | 'first' | 'last', string>>(
    `SELECT count(*) AS events, min(position) AS first, max(position) AS last FROM ${table}`,
  );
  const [{ events, first, last }] = rows as [Record<'events' | 'first' | 'last', string>];
  if (events === '0') return undefined;
  return { month, events: Number(events), firstPosition: Number(first), lastPosition: Number(last) };
};

/** The id follows from what goes, so a drop that is tried again is on record once. */
const record = async ({ append, clock }: ExpireParts, expired: ShelfExpired): Promise<void> => {
  const occurredAtMs = shelfBounds(expired.month).endMs;
  const id = eventId({ occurredAtMs, device: logStream, source: `${expired.month}|${expired.lastPosition}` });
  const event = eventOf(
    id,
    { type: shelfExpiredType, data: expired },
    { occurredAt: isoTime(clock.now()), actor: 'policy:retention' },
  );
  await append([{ stream: logStream, expectedRevision: 'any', events: [event] }]);
};

/** A stream of which nothing else is left must not begin again with revision 0: read models have seen that one. */
const keepRevisions = async (sql: Sql, { table }: MonthTable): Promise<void> => {
  await sql.query(
    `INSERT INTO hub.expired_stream AS known (stream, revision) SELECT stream, max(revision) FROM ${table} GROUP BY stream
     ON CONFLICT (stream) DO UPDATE SET revision = greatest(known.revision, excluded.revision)`,
  );
};

/** Concurrently, so that neither the writer nor readers of other months wait; one that was cut short is finished. */
const detachAndDrop = async (sql: Sql, { table, state }: MonthTable): Promise<void> => {
  if (state === 'detaching') await sql.query(`ALTER TABLE hub.event DETACH PARTITION ${table} FINALIZE`);
  if (state === 'attached') await sql.query(`ALTER TABLE hub.event DETACH PARTITION ${table} CONCURRENTLY`);
  await sql.query(`DROP TABLE ${table}`);
};

/**
 * Drops the months of telemetry that are older than the retention. Each is put on record first, so that the chain can
 * be checked without it; a crash anywhere in between is made good by the next call. Answers the months that went.
 */
export const expireShelves = async (parts: ExpireParts, retentionDays: number): Promise<string[]> => {
  if (retentionDays === 0) return [];
  const { pool, clock } = parts;
  const old = (await monthTables(pool)).filter(({ month }) => isExpired(month, clock.now(), retentionDays));
  for (const table of old) {
    const facts = await factsOf(pool, table);
    if (facts !== undefined) {
      await record(parts, facts);
      await keepRevisions(pool, table);
    }
    const client = await pool.connect();
    try {
      await client.query(`SET statement_timeout = '${lockWaitSeconds}s'`);
      await detachAndDrop(client, table);
    } finally {
      // With its timeout: the pool makes another.
      client.release(true);
    }
  }
  return old.map(({ month }) => month);
};
