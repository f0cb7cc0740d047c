interface Entry<Value> {
  /** `undefined` stands for a key that was forgotten. */
  value: Value | undefined;
  /** Set once this write was taken back: what stood before it. */
  before?: { entry: Entry<Value> | undefined };
}

/**
 * A map whose writes can be taken back, in any order. What a message says counts as soon as it was judged, so that the
 * one right behind it sees it; when neither can be stored, both are taken back, the older one first.
 */
export const createRevocableMap = <Value>() => {
  const entries = new Map<string, Entry<Value>>();
  return {
    get: (key: string): Value | undefined => entries.get(key)?.value,
    /** Writes, or forgets with `undefined`. The answer takes this write back and leaves newer ones alone. */
    set(key: string, value: Value | undefined): () => void {
      const before = entries.get(key);
      const entry: Entry<Value> = { value };
      entries.set(key, entry);
      return () => {
        entry.before = { entry: before };
        if (entries.get(key) !== entry) return;
        let back = before;
        while (back?.before !== undefined) back = back.before.entry;
        if (back === undefined) entries.delete(key);
        else entries.set(key, back);
      };
    },
    /** Frees what a forgotten key takes, once that nobody will take it back. */
    settle(key: string): void {
      if (entries.has(key) && entries.get(key)?.value === undefined) entries.delete(key);
    },
  };
};
