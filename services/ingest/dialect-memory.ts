import type { Sql } from '../runtime/sql.ts';
import { createRevocableMap } from './revocable-map.ts';

/** What one message asked to remember: it counts already, and is stored or taken back once its events are. */
export interface Remembered {
  store(): Promise<void>;
  undo(): void;
}

/**
 * What dialects asked to remember for a later message (the fault that stands, the names of Zigbee devices). Some of it
 * comes from messages that are no events, so it can't be derived from the log; it is stored after the message's events
 * and before its acknowledgement: a message that was not recorded must find the memory as it was when it is sent again.
 */
export interface DialectMemory {
  recall(sender: string, key: string): string | undefined;
  /** `undefined` when nothing changed. */
  remember(sender: string, entries: Record<string, string | null>): Remembered | undefined;
}

type Entry = [key: string, value: string | null];

const storeEntries = async (sql: Sql, sender: string, changed: Entry[]): Promise<void> => {
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
  const known = createRevocableMap<string>();
  const keyOf = (sender: string, key: string): string => `${sender}|${key}`;
  for (const { sender, key, value } of rows) known.set(keyOf(sender, key), value);
  return {
    recall: (sender, key) => known.get(keyOf(sender, key)),
    remember(sender, entries) {
      const changed = Object.entries(entries).filter(
        ([key, value]) => (known.get(keyOf(sender, key)) ?? null) !== value,
      );
      if (changed.length === 0) return undefined;
      const undos = changed.map(([key, value]) => known.set(keyOf(sender, key), value ?? undefined));
      return {
        async store() {
          await storeEntries(sql, sender, changed);
          for (const [key] of changed) known.settle(keyOf(sender, key));
        },
        undo() {
          for (const undo of undos) undo();
        },
      };
    },
  };
};
