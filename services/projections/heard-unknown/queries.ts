import type { Sql } from '../../runtime/sql.ts';
import { type DeadLetterRow, type StoredLetter, toRow } from '../dead-letters/queries.ts';

/** A client that was turned away at CONNECT. */
export interface TurnedAway {
  id: string;
  username: string | null;
  clientId: string;
  certificateName: string | null;
  address: string;
  reason: 'unknown-user' | 'wrong-password' | 'no-credentials' | 'unknown-certificate';
  firstAt: string;
  lastAt: string;
  times: number;
}

interface StoredConnection extends Omit<TurnedAway, 'firstAt' | 'lastAt'> {
  firstAt: Date;
  lastAt: Date;
}

/** The newest first, or the one of that id. */
export const turnedAway = async (sql: Sql, { id, limit }: { id?: string; limit: number }): Promise<TurnedAway[]> => {
  const { rows } = await sql.query<StoredConnection>(
    `SELECT id, username, client_id AS "clientId", certificate_name AS "certificateName", address, reason,
       first_at AS "firstAt", last_at AS "lastAt", times
     FROM hub.heard_connection WHERE $1::text IS NULL OR id = $1 ORDER BY last_at DESC, id LIMIT $2`,
    [id ?? null, limit],
  );
  return rows.map(({ firstAt, lastAt, ...row }) => ({
    ...row,
    firstAt: firstAt.toISOString(),
    lastAt: lastAt.toISOString(),
  }));
};

export const forgetTurnedAway = async (sql: Sql, id: string): Promise<void> => {
  await sql.query('DELETE FROM hub.heard_connection WHERE id = $1', [id]);
};

/** Whose messages are refused because nobody of that address is registered. */
export interface UnknownAddress {
  id: string;
  /** The device's id in a canonical topic, else the topic. */
  name: string;
  isCanonical: boolean;
  letters: number;
  firstAt: string;
  newest: DeadLetterRow;
}

const nameOf =
  "CASE WHEN data ->> 'topic' LIKE 'xy/%' THEN split_part(data ->> 'topic', '/', 4) ELSE data ->> 'topic' END";
const openUnknown = `
  SELECT *, ${nameOf} AS name, md5(coalesce(device, '') || '|' || ${nameOf}) AS address
  FROM hub.dead_letter
  WHERE data ->> 'code' = 'unknown-device' AND (replayed_at IS NULL OR replay_outcome = 'refused')`;

export const unknownAddresses = async (
  sql: Sql,
  { id, compound, limit }: { id?: string; compound?: string | undefined; limit: number },
): Promise<UnknownAddress[]> => {
  const { rows } = await sql.query<StoredLetter & { address: string; name: string; letters: number; first_at: Date }>(
    `SELECT DISTINCT ON (address) *, count(*) OVER of_one::int AS letters, min(received_at) OVER of_one AS first_at
     FROM (${openUnknown}) AS unknown
     WHERE ($1::text IS NULL OR address = $1) AND ($2::text IS NULL OR compound = $2)
     WINDOW of_one AS (PARTITION BY address)
     ORDER BY address, received_at DESC, id DESC LIMIT $3`,
    [id ?? null, compound ?? null, limit],
  );
  return rows.map((row) => {
    const newest = toRow(row);
    const isCanonical = newest.topic.startsWith('xy/');
    return {
      id: row.address,
      name: row.name,
      isCanonical,
      letters: row.letters,
      firstAt: row.first_at.toISOString(),
      newest,
    };
  });
};

/** Its letters, the oldest first. */
export const lettersOfAddress = async (sql: Sql, address: string): Promise<DeadLetterRow[]> => {
  const { rows } = await sql.query<StoredLetter>(
    `SELECT * FROM (${openUnknown}) AS unknown WHERE address = $1 ORDER BY received_at, id`,
    [address],
  );
  return rows.map(toRow);
};
