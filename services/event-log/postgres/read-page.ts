import { crc32 } from 'node:zlib';
import type pg from 'pg';
import type { RecordedEvent } from '../event.ts';
import type { Wants } from '../event-log.ts';
import { CorruptEvent, envelopeOf, recordedOf, type StoredEvent } from '../stored-event.ts';
import { type CopiedLeaf, copiedLeaf, leafColumns } from './copied-leaf.ts';
import { copyOut } from './copy-out.ts';

/** The same few hundred names come again and again: kept once, they cost no memory, and a look-up no comparing. */
const createNames = () => {
  const names = new Map<string, string>();
  return (name: string): string => {
    const known = names.get(name);
    if (known === undefined) names.set(name, name);
    return known ?? name;
  };
};

/** Decoded field by field: a piece of a longer string would keep the whole of it in memory. */
const createLeafReader = (wants: Wants) => {
  const nameOf = createNames();
  return ({ position, checksum, leaf, ends }: CopiedLeaf): StoredEvent & { wanted: ReturnType<Wants> } => {
    if (checksum !== null && checksum !== (crc32(leaf) | 0)) throw new CorruptEvent(String(position));
    const [idEnd, streamEnd, revisionEnd, typeEnd, dataEnd] = ends;
    const type = nameOf(leaf.toString('utf8', revisionEnd + 1, typeEnd));
    const wanted = wants(type);
    return {
      position,
      // From behind the prefix on.
      id: leaf.toString('latin1', 1, idEnd),
      stream: nameOf(leaf.toString('utf8', idEnd + 1, streamEnd)),
      revision: Number(leaf.toString('latin1', streamEnd + 1, revisionEnd)),
      type,
      data: wanted === true ? leaf.toString('utf8', typeEnd + 1, dataEnd) : '',
      meta: leaf.toString('utf8', dataEnd + 1),
      wanted,
    };
  };
};

/** The events of these positions that are wanted, and the newest of all. */
const readRange = async (client: pg.ClientBase, after: number, through: number, wants: Wants) => {
  const events: RecordedEvent[] = [];
  const read = createLeafReader(wants);
  let newest: StoredEvent | undefined;
  await copyOut(
    client,
    `COPY (SELECT ${leafColumns} FROM hub.event WHERE position > ${after} AND position <= ${through}) TO STDOUT`,
    (bytes) => {
      const event = read(copiedLeaf(bytes));
      if (newest === undefined || event.position > newest.position) newest = event;
      if (event.wanted !== false) events.push(event.wanted === true ? recordedOf(event) : envelopeOf(event));
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
