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

/** The memory as it is kept, by one process or by several that each hear a sender at another time. */
export interface StoredDialectMemory extends DialectMemory {
  /** Reads the sender's memory anew: another process may have heard it since. */
  reload(sender: string): Promise<void>;
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

interface SenderMemory {
  entries: ReturnType<typeof createRevocableMap<string>>;
  /** Messages whose words count here and are not stored yet. */
  unstored: number;
  changes: number;
}

export const openDialectMemory = async (sql: Sql): Promise<StoredDialectMemory> => {
  const { rows } = await sql.query<{ sender: string; key: string; value: string }>('SELECT * FROM hub.dialect_memory');
  const bySender = new Map<string, SenderMemory>();
  const of = (sender: string): SenderMemory => {
    const memory = bySender.get(sender) ?? { entries: createRevocableMap<string>(), unstored: 0, changes: 0 };
    bySender.set(sender, memory);
    return memory;
  };
  for (const { sender, key, value } of rows) of(sender).entries.set(key, value);
  return {
    recall: (sender, key) => bySender.get(sender)?.entries.get(key),
    remember(sender, words) {
      const memory = of(sender);
      const { entries } = memory;
      const changed = Object.entries(words).filter(([key, value]) => (entries.get(key) ?? null) !== value);
      if (changed.length === 0) return undefined;
      const undos = changed.map(([key, value]) => entries.set(key, value ?? undefined));
      memory.unstored += 1;
      memory.changes += 1;
      return {
        async store() {
          await storeEntries(sql, sender, changed);
          memory.unstored -= 1;
          for (const [key] of changed) entries.settle(key);
        },
        undo() {
          memory.unstored -= 1;
          for (const undo of undos) undo();
        },
      };
    },
    async reload(sender) {
      const before = of(sender);
      const { changes } = before;
      const stored = await sql.query<{ key: string; value: string }>(
        'SELECT key, value FROM hub.dialect_memory WHERE sender = $1',
        [sender],
      );
      // Who is being heard here while we read is known better here.
      if (bySender.get(sender) !== before || before.unstored > 0 || before.changes !== changes) return;
      const entries = createRevocableMap<string>();
      for (const { key, value } of stored.rows) entries.set(key, value);
      if (stored.rows.length === 0) bySender.delete(sender);
      else bySender.set(sender, { entries, unstored: 0, changes: 0 });
    },
  };
};
