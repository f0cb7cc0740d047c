import type { Sql } from '../runtime/sql.ts';

/**
 * What dialects asked to remember for a later message (the fault that stands, the names of Zigbee devices). Some of it
 * comes from messages that are no events, so it can't be derived from the log; it is stored before the message is
 * acknowledged.
 */
export interface DialectMemory {
  recall(sender: string, key: string): string | undefined;
  /** Counts at once. The answer stores it, and is `undefined` when nothing changed. */
  remember(sender: string, entries: Record<string, string | null>): (() => Promise<void>) | undefined;
}

type Entry = [key: string, value: string | null];

const store = async (sql: Sql, sender: string, changed: Entry[]): Promise<void> => {
  const gone = changed.filter(([, value]) => value === null).map(([key]) => key);
  const kept = changed.filter(([, value]) => value !== null);
  if (gone.length > 0) {
    await sql.query('DELETE FROM hub.dialect_memory WHERE sender = $1 AND key = ANY($2)', [sender, gone]);
  }
  if (kept.length > 0) {
    await sql.query(
      `INSERT INTO hub.dialect_memory SELECT $1, key, value FROM unnest($2::text[], $3::text[]) AS entry (key, value)
       ON CONFLICT (sender, key) DO UPDATE SET value = excluded.value`,
      [sender, kept.map(([key]) => key), kept.map(([, value]) => value)],
    );
  }
};

export const openDialectMemory = async (sql: Sql): Promise<DialectMemory> => {
  const { rows } = await sql.query<{ sender: string; key: string; value: string }>('SELECT * FROM hub.dialect_memory');
  const known = new Map(rows.map((row) => [`${row.sender}|${row.key}`, row.value]));
  return {
    recall: (sender, key) => known.get(`${sender}|${key}`),
    remember(sender, entries) {
      const changed = Object.entries(entries).filter(
        ([key, value]) => (known.get(`${sender}|${key}`) ?? null) !== value,
      );
      for (const [key, value] of changed) {
        if (value === null) known.delete(`${sender}|${key}`);
        else known.set(`${sender}|${key}`, value);
      }
      return changed.length === 0 ? undefined : () => store(sql, sender, changed);
    },
  };
};
