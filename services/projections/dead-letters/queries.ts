import type { Sql } from '../../runtime/sql.ts';

export interface DeadLetterRow {
  id: string;
  receivedAt: string;
  compound: string | null;
  device: string | null;
  topic: string;
  dialect: string | null;
  code: string;
  reason: string;
  field: string | null;
  sizeBytes: number;
  sha256: string;
  retain: boolean;
  contentType?: string;
  userProperties?: Record<string, string | string[]>;
  replayedAt: string | null;
  replayOutcome: string | null;
}

export interface StoredLetter {
  id: string;
  received_at: Date;
  compound: string | null;
  device: string | null;
  data: Omit<DeadLetterRow, 'id' | 'receivedAt' | 'compound' | 'device' | 'replayedAt' | 'replayOutcome'>;
  replayed_at: Date | null;
  replay_outcome: string | null;
}

export const toRow = (row: StoredLetter): DeadLetterRow => ({
  ...row.data,
  id: row.id,
  receivedAt: row.received_at.toISOString(),
  compound: row.compound,
  device: row.device,
  replayedAt: row.replayed_at?.toISOString() ?? null,
  replayOutcome: row.replay_outcome,
});

export interface DeadLetterFilter {
  compound?: string | undefined;
  device?: string | undefined;
  code?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** Newest first; the cursor is the id of the last one read. */
export const deadLetters = async (
  sql: Sql,
  { compound, device, code, limit, cursor }: DeadLetterFilter,
): Promise<{ items: DeadLetterRow[]; next: string | null }> => {
  const { rows } = await sql.query<StoredLetter>(
    `SELECT * FROM hub.dead_letter
     WHERE ($1::text IS NULL OR compound = $1) AND ($2::text IS NULL OR device = $2)
       AND ($3::text IS NULL OR data ->> 'code' = $3)
       AND ($4::uuid IS NULL OR (received_at, id) < (SELECT received_at, id FROM hub.dead_letter WHERE id = $4))
     ORDER BY received_at DESC, id DESC LIMIT $5`,
    [compound ?? null, device ?? null, code ?? null, cursor ?? null, limit + 1],
  );
  const items = rows.slice(0, limit).map(toRow);
  return { items, next: rows.length > limit ? items.at(-1)!.id : null };
};

export const deadLetter = async (sql: Sql, id: string): Promise<DeadLetterRow | undefined> => {
  const { rows } = await sql.query<StoredLetter>('SELECT * FROM hub.dead_letter WHERE id = $1', [id]);
  return rows[0] && toRow(rows[0]);
};
