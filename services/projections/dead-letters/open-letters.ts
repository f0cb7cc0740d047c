import type { Sql } from '../../runtime/sql.ts';
import { type DeadLetterRow, type StoredLetter, toRow } from './queries.ts';

/** Letters that wait: never taken up again, or refused once more when they were. */
export interface OpenLetters {
  compound?: string | undefined;
  device?: string | undefined;
  code?: string | undefined;
}

const isOpen = `(replayed_at IS NULL OR replay_outcome = 'refused')
  AND ($1::text IS NULL OR compound = $1) AND ($2::text IS NULL OR device = $2)
  AND ($3::text IS NULL OR data ->> 'code' = $3)`;
const wanted = ({ compound, device, code }: OpenLetters) => [compound ?? null, device ?? null, code ?? null];

export interface LetterReason {
  code: string;
  device: string | null;
  field: string | null;
  letters: number;
  newestAt: string;
  newest: string;
}

const reasonsMax = 500;

/** By what is wrong and with whom, those with the most letters first. */
export const letterReasons = async (sql: Sql, filter: OpenLetters): Promise<LetterReason[]> => {
  const { rows } = await sql.query<Omit<LetterReason, 'newestAt'> & { newest_at: Date }>(
    `SELECT data ->> 'code' AS code, device, data ->> 'field' AS field, count(*)::int AS letters,
       max(received_at) AS newest_at, (array_agg(id ORDER BY received_at DESC, id DESC))[1] AS newest
     FROM hub.dead_letter WHERE ${isOpen}
     GROUP BY 1, 2, 3 ORDER BY letters DESC, newest_at DESC LIMIT ${reasonsMax}`,
    wanted(filter),
  );
  return rows.map(({ newest_at: newestAt, ...reason }) => ({ ...reason, newestAt: newestAt.toISOString() }));
};

/** The oldest first, as they would have been heard; `after` is the id of the last one taken up. */
export const openLetters = async (
  sql: Sql,
  filter: OpenLetters & { ids?: string[] | undefined; after?: string | undefined; limit: number },
): Promise<{ items: DeadLetterRow[]; next: string | null }> => {
  const { ids, after, limit } = filter;
  const { rows } = await sql.query<StoredLetter>(
    `SELECT * FROM hub.dead_letter WHERE ${isOpen} AND ($4::uuid[] IS NULL OR id = ANY($4))
       AND ($5::uuid IS NULL OR (received_at, id) > (SELECT received_at, id FROM hub.dead_letter WHERE id = $5))
     ORDER BY received_at, id LIMIT $6`,
    [...wanted(filter), ids ?? null, after ?? null, limit + 1],
  );
  const items = rows.slice(0, limit).map(toRow);
  return { items, next: rows.length > limit ? items.at(-1)!.id : null };
};
