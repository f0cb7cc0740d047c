/** A channel's last value, by the device's own instant (ISO 8601 in UTC). */
export interface KnownLevel {
  value: string;
  at: string;
}

export type LevelChange =
  /** The value differs: it is an event. */
  | { change: 'edge'; undo: () => void }
  /** Same value as before: nothing happened. */
  | { change: 'none' }
  /** Older than what is known: corrects the past, the present stays. */
  | { change: 'late' };

/**
 * Turns state reports into changes. A proposal counts at once, so that a message right behind sees it; `undo` takes it
 * back when the append failed.
 */
export const createLevels = () => {
  const known = new Map<string, KnownLevel>();
  const keyOf = (device: string, channel: string): string => `${device}|${channel}`;
  return {
    load(device: string, levels: Record<string, KnownLevel>): void {
      for (const [channel, level] of Object.entries(levels)) known.set(keyOf(device, channel), level);
    },
    propose(device: string, level: { channel: string; value: string; initial?: string }, at: string): LevelChange {
      const key = keyOf(device, level.channel);
      const before = known.get(key);
      if (before !== undefined && at < before.at) return { change: 'late' };
      if ((before?.value ?? level.initial) === level.value) {
        if (before !== undefined) before.at = at;
        return { change: 'none' };
      }
      const now = { value: level.value, at };
      known.set(key, now);
      return {
        change: 'edge',
        undo: () => {
          if (known.get(key) !== now) return;
          if (before === undefined) known.delete(key);
          else known.set(key, before);
        },
      };
    },
  };
};

export type Levels = ReturnType<typeof createLevels>;
