import type { Sql } from '../../runtime/sql.ts';

/** What each kind of record begins with. */
export const recordOpenings = {
  meeting: 'meeting.planned',
  whistle: 'whistle.blown',
  disclosure: 'disclosure.published',
  'platform-report': 'platform.reported',
  gap: 'compound.gap-recorded',
} as const;
export type RecordKind = keyof typeof recordOpenings;

export interface RecordRow {
  stream: string;
  revision: number;
  at: string;
  data: Record<string, unknown>;
}
/** The last row of the page before. */
export type RecordRowKey = Pick<RecordRow, 'at' | 'stream' | 'revision'>;

/** A compound's records of one kind, newest first. */
export const recordRows = async (
  sql: Sql,
  compound: string,
  kind: RecordKind,
  { limit, after }: { limit: number; after: RecordRowKey | undefined },
): Promise<RecordRow[]> => {
  const { rows } = await sql.query<Omit<RecordRow, 'at'> & { at: Date }>(
    `SELECT stream, revision, at, data FROM hub.rating_fact
     WHERE compound = $1 AND type = $2
       AND ($3::timestamptz IS NULL OR (at, stream, revision) < ($3, $4::text, $5::integer))
     ORDER BY at DESC, stream DESC, revision DESC LIMIT $6`,
    [compound, recordOpenings[kind], after?.at ?? null, after?.stream ?? null, after?.revision ?? null, limit],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
};
