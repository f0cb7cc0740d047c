import type { RecordedEvent } from '../event-log/event.ts';
import { createRevocableMap } from './revocable-map.ts';

/** A channel's last value, by the device's own instant (ISO 8601 in UTC). */
export interface KnownLevel {
  value: string;
  at: string;
}

/**
 * `edge`: the value differs, so it is an event. `none`: the same value as before, nothing happened. `late`: older than
 * what is known, it corrects the past and the present stays.
 */
export interface LevelChange {
  change: 'edge' | 'none' | 'late';
  undo(): void;
}

const nothing = (): void => undefined;

/**
 * Turns state reports into changes. A proposal counts at once, so that a message right behind sees it; `undo` takes it
 * back when the append failed.
 */
export const createLevels = () => {
  const known = createRevocableMap<KnownLevel>();
  const keyOf = (device: string, channel: string): string => `${device}|${channel}`;
  return {
    load(device: string, levels: Record<string, KnownLevel>): void {
      for (const [channel, level] of Object.entries(levels)) known.set(keyOf(device, channel), level);
    },
    /** What the log says of a channel, our own words or another process': older and known values change nothing. */
    follow({ meta: { device, level, occurredAt } }: Pick<RecordedEvent, 'meta'>): void {
      if (device === undefined || level === undefined) return;
      const key = keyOf(device, level.channel);
      const before = known.get(key);
      // What is proposed and stands in the log stays, even when its append seemed to fail and is taken back.
      const isProposed = before?.at === occurredAt && before.value === level.value;
      if (before === undefined || isProposed || before.at < occurredAt) {
        known.set(key, { value: level.value, at: occurredAt });
      }
    },
    value: (device: string, channel: string): string | undefined => known.get(keyOf(device, channel))?.value,
    propose(device: string, level: { channel: string; value: string; initial?: string }, at: string): LevelChange {
      const key = keyOf(device, level.channel);
      const before = known.get(key);
      if (before !== undefined && at < before.at) return { change: 'late', undo: nothing };
      if (before === undefined && level.initial === level.value) return { change: 'none', undo: nothing };
      const undo = known.set(key, { value: level.value, at });
      return { change: before?.value === level.value ? 'none' : 'edge', undo };
    },
  };
};

export type Levels = ReturnType<typeof createLevels>;
