import { crc32 } from 'node:zlib';
import type pg from 'pg';
import type { RecordedEvent } from '../event.ts';
import type { Wants } from '../event-log.ts';
import { CorruptEvent, envelopeOf, recordedOf, type StoredEvent } from '../stored-event.ts';
import { type CopiedLeaf, copiedLeaf, leafColumns } from './copied-leaf.ts';
import { copyOut } from './copy-out.ts';

const storedOfLeaf = ({ position, checksum, leaf }: CopiedLeaf): StoredEvent => {
  if (checksum !== null && checksum !== (crc32(leaf) | 0)) throw new CorruptEvent(String(position));
  // From behind the prefix on; NUL stands between the fields and in none of them.
  const [id, stream, revision, type, data, meta] = leaf.toString('utf8', 1).split('\0') as [
    ...[string, string, string, string, string, string],
  ];
  return { position, id, stream, revision: Number(revision), type, data, meta };
};

/** The events of these positions that are wanted, and the newest of all. */
const readRange = async (client: pg.ClientBase, after: number, through: number, wants: Wants) => {
  const events: RecordedEvent[] = [];
  let newest: StoredEvent | undefined;
  await copyOut(
    client,
    `COPY (SELECT ${leafColumns} FROM hub.event WHERE position > ${after} AND position <= ${through}) TO STDOUT`,
    (bytes) => {
      const event = storedOfLeaf(copiedLeaf(bytes));
      if (newest === undefined || event.position > newest.position) newest = event;
      const wanted = wants(event.type);
      if (wanted !== false) events.push(wanted === 'envelope' ? envelopeOf(event) : recordedOf(event));
      return undefined;
    },
  );
  // Each shelf comes in its own order already: cheaper to merge here than to let the server sort.
  events.sort((left, right) => Number(left.position) - Number(right.position));
  if (newest !== undefined && events.at(-1)?.position !== String(newest.position)) events.push(envelopeOf(newest));
  return events;
};

/**
 * Events after a position from the database, as bytes: of what a reader doesn't look at nothing is parsed. Positions run
 * without gaps but for shelves that have gone, so a stretch of them is about as many events, or none.
 */
export const readPage = async (
  pool: pg.Pool,
  after: number,
  maxCount: number,
  wants: Wants,
): Promise<RecordedEvent[]> => {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const events = await readRange(client, after, after + maxCount, wants);
    if (events.length > 0) return events;
    const { rows } = await client.query<{ position: string | null }>(
      'SELECT min(position) AS position FROM hub.event WHERE position > $1',
      [after],
    );
    const next = rows[0]!.position;
    return next === null ? [] : await readRange(client, Number(next) - 1, Number(next) - 1 + maxCount, wants);
  } catch (error) {
    if (!(error instanceof CorruptEvent)) broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
  }
};
