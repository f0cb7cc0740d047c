import type { RecordedEvent } from '../event-log/event.ts';
import { arrayText, type Sql } from '../runtime/sql.ts';

/** Of a table in which `unseenEvents` notes. Room in every page: a note is moved with nearly every batch. */
export const noteColumns = '(stream text PRIMARY KEY, revision integer NOT NULL) WITH (fillfactor = 70)';

/**
 * For a projection that counts: the events it has not counted before, and a note in its own `table` of `noteColumns`
 * that it has now. A stream's revisions only rise, so the newest one seen tells.
 */
export const unseenEvents = async (
  sql: Sql,
  table: `hub.${string}`,
  events: readonly RecordedEvent[],
): Promise<RecordedEvent[]> => {
  const newest = new Map<string, number>();
  for (const { stream, revision } of events) {
    if (revision > (newest.get(stream) ?? -1)) newest.set(stream, revision);
  }
  // Both parts look at the table as it was before the statement.
  const { rows } = await sql.query<{ stream: string; revision: number }>(
    `WITH noted AS (
       INSERT INTO ${table} AS seen (stream, revision) SELECT * FROM unnest($1::text[], $2::integer[])
       ON CONFLICT (stream) DO UPDATE SET revision = excluded.revision WHERE seen.revision < excluded.revision)
     SELECT stream, revision FROM ${table} WHERE stream = ANY($1)`,
    [[...newest.keys()], arrayText([...newest.values()])],
  );
  const seen = new Map(rows.map(({ stream, revision }) => [stream, revision]));
  return events.filter(({ stream, revision }) => {
    if (revision <= (seen.get(stream) ?? -1)) return false;
    seen.set(stream, revision);
    return true;
  });
};
