/** What a device was told of one of its messages. */
export interface Acknowledged {
  reasonCode: number;
  /** Position of the event in the log, where the hub says it (MQTT 5). */
  receipt?: string;
  /** Id of the event that keeps a refused message, where the hub says it (MQTT 5). */
  deadLetter?: string;
}

export interface Said {
  /** One per event of the message, unique for its device; `keyOf` finds it again in the log. */
  keys: readonly string[];
  /** Set for a message that must be refused: the hash of its bytes, by which its dead letter is found. */
  refusedSha256?: string;
  /** Set for a message that may be taken or refused, as by a hub whose clock is wrong: the hash of its bytes. */
  eitherSha256?: string;
}

export interface LedgerEntry extends Said {
  acknowledged?: Acknowledged;
  /** More than once when it was sent again with DUP. */
  sends: number;
}

/**
 * What the devices know, kept outside the hub: every message in the order in which its device said it, and every
 * acknowledgement that the device received.
 */
export const createLedger = () => {
  const entries = new Map<string, LedgerEntry[]>();
  const violations: string[] = [];
  const ofDevice = (device: string): LedgerEntry[] => {
    const own = entries.get(device) ?? [];
    entries.set(device, own);
    return own;
  };
  const total = (count: (entry: LedgerEntry) => number): number => {
    let sum = 0;
    for (const own of entries.values()) for (const entry of own) sum += count(entry);
    return sum;
  };
  return {
    entries: entries as ReadonlyMap<string, readonly LedgerEntry[]>,
    /** What the hub did that no server of MQTT may do. */
    violations: violations as readonly string[],
    say(device: string, said: Said): LedgerEntry {
      const entry: LedgerEntry = { ...said, sends: 0 };
      ofDevice(device).push(entry);
      return entry;
    },
    violated(text: string): void {
      if (violations.length < 20) violations.push(text);
    },
    counts: () => ({
      messages: total(() => 1),
      acknowledged: total(({ acknowledged }) => (acknowledged === undefined ? 0 : 1)),
      acknowledgedEvents: total(({ acknowledged, keys }) => (acknowledged === undefined ? 0 : keys.length)),
      refused: total(({ acknowledged, refusedSha256 }) => (acknowledged && refusedSha256 !== undefined ? 1 : 0)),
      sentAgain: total(({ sends }) => Math.max(0, sends - 1)),
    }),
  };
};

export type Ledger = ReturnType<typeof createLedger>;
