import type { RecordedEvent } from '../event-log/event.ts';
import type { Sql } from '../runtime/sql.ts';

/** One by one; `newest` is carried on. */
const unseenOf = (events: readonly RecordedEvent[], newest: Map<string, number>): RecordedEvent[] =>
  events.filter(({ stream, revision }) => {
    if (revision <= (newest.get(stream) ?? -1)) return false;
    newest.set(stream, revision);
    return true;
  });

/**
 * For a projection that counts: the events it has not counted before, and a note in its own `table (stream, revision)`
 * that it has now. A stream's revisions only rise, so the newest one seen tells.
 */
export const unseenEvents = async (
  sql: Sql,
  table: `hub.${string}`,
  events: readonly RecordedEvent[],
): Promise<RecordedEvent[]> => {
  const ends = new Map<string, { first: number; last: number }>();
  let rises = true;
  for (const { stream, revision } of events) {
    const own = ends.get(stream);
    if (own === undefined) ends.set(stream, { first: revision, last: revision });
    else {
      if (revision <= own.last) rises = false;
      own.last = Math.max(own.last, revision);
    }
  }
  const streams = [...ends.keys()];
  const { rows } = await sql.query<{ stream: string; revision: number }>(
    `SELECT stream, revision FROM ${table} WHERE stream = ANY($1)`,
    [streams],
  );
  const newest = new Map(rows.map(({ stream, revision }) => [stream, revision]));
  // The rule, and then nothing needs to be asked of each event.
  const isAllNew = rises && rows.every(({ stream, revision }) => ends.get(stream)!.first > revision);
  const unseen = isAllNew ? [...events] : unseenOf(events, new Map(newest));
  if (unseen.length === 0) return [];
  const changed = streams.filter((stream) => ends.get(stream)!.last > (newest.get(stream) ?? -1));
  await sql.query(
    `INSERT INTO ${table} AS seen (stream, revision) SELECT * FROM unnest($1::text[], $2::integer[])
     ON CONFLICT (stream) DO UPDATE SET revision = excluded.revision WHERE seen.revision < excluded.revision`,
    [changed, changed.map((stream) => ends.get(stream)!.last)],
  );
  return unseen;
};
