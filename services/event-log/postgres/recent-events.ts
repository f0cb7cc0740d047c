import type { RecordedEvent } from '../event.ts';
import { recordedOf, type StoredEvent } from '../stored-event.ts';

const eventsMax = 20_000;
const charsMax = 16_000_000;

const charsOf = ({ data, meta }: StoredEvent): number => data.length + meta.length + 150;

/** An event as it was committed, and as readers see it once somebody wanted it. */
interface Recent {
  stored: StoredEvent;
  recorded: RecordedEvent | undefined;
}

/**
 * The newest committed events in memory: whoever follows the log closely shares one reading and one parsing of them,
 * and the database is left to the writer. Holds what was stored, never what was handed in.
 */
export const createRecentEvents = () => {
  let recent: Recent[] = [];
  let dropped = 0;
  let sizeChars = 0;

  const dropOldest = (): void => {
    while (recent.length - dropped > eventsMax || sizeChars > charsMax) {
      sizeChars -= charsOf(recent[dropped]!.stored);
      dropped += 1;
    }
    if (dropped * 2 > recent.length) {
      recent = recent.slice(dropped);
      dropped = 0;
    }
  };

  return {
    /** Takes a commit's events, in order. After a commit that went past it unseen it starts anew. */
    add(events: readonly StoredEvent[]): void {
      if (recent.at(-1) !== undefined && recent.at(-1)!.stored.position + 1 !== events[0]?.position) {
        [recent, dropped, sizeChars] = [[], 0, 0];
      }
      for (const stored of events) {
        recent.push({ stored, recorded: undefined });
        sizeChars += charsOf(stored);
      }
      dropOldest();
    },
    /**
     * The events after `position`, at most `maxCount`; `undefined` where only the database knows. With `wants` those
     * that are wanted, and the newest of all: what nobody looks at is not parsed.
     */
    after(position: number, maxCount: number, wants?: (type: string) => boolean): RecordedEvent[] | undefined {
      const first = recent[dropped]?.stored.position;
      if (first === undefined || position + 1 < first) return undefined;
      const start = dropped + position + 1 - first;
      if (start >= recent.length) return undefined;
      const events: RecordedEvent[] = [];
      for (let index = start; index < recent.length && events.length < maxCount; index += 1) {
        const event = recent[index]!;
        if (wants !== undefined && index < recent.length - 1 && !wants(event.stored.type)) continue;
        event.recorded ??= recordedOf(event.stored);
        events.push(event.recorded);
      }
      return events;
    },
  };
};
