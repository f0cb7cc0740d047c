import type { RecordedEvent } from '../event-log/event.ts';
import type { Sql } from '../runtime/sql.ts';

/**
 * For a projection that counts: the events it has not counted before, and a note in its own `table (stream, revision)`
 * that it has now. A stream's revisions only rise, so the newest one seen tells.
 */
export const unseenEvents = async (
  sql: Sql,
  table: `hub.${string}`,
  events: readonly RecordedEvent[],
): Promise<RecordedEvent[]> => {
  const streams = [...new Set(events.map(({ stream }) => stream))];
  const { rows } = await sql.query<{ stream: string; revision: number }>(
    `SELECT stream, revision FROM ${table} WHERE stream = ANY($1)`,
    [streams],
  );
  const newest = new Map(rows.map(({ stream, revision }) => [stream, revision]));
  const changed = new Map<string, number>();
  const unseen = events.filter(({ stream, revision }) => {
    if (revision <= (changed.get(stream) ?? newest.get(stream) ?? -1)) return false;
    changed.set(stream, revision);
    return true;
  });
  if (unseen.length === 0) return [];
  await sql.query(
    `INSERT INTO ${table} AS seen (stream, revision) SELECT * FROM unnest($1::text[], $2::integer[])
     ON CONFLICT (stream) DO UPDATE SET revision = excluded.revision WHERE seen.revision < excluded.revision`,
    [[...changed.keys()], [...changed.values()]],
  );
  return unseen;
};
