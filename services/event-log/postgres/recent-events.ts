import type { RecordedEvent } from '../event.ts';
import { recordedOf } from '../stored-event.ts';
import { eventsOfRows } from './copied-rows.ts';

const bytesMax = 32 * 1024 * 1024;
const newline = 10;

/** One commit as it was written. The rows lie outside the heap, so keeping them costs the garbage collector nothing. */
export interface Commit {
  firstPosition: number;
  lastPosition: number;
  types: ReadonlySet<string>;
  rows: Uint8Array;
}

/** A commit, and its events once somebody wanted one of them. */
interface Recent extends Commit {
  events?: RecordedEvent[];
}

const eventsOf = (commit: Recent): RecordedEvent[] => {
  commit.events ??= eventsOfRows(commit.rows).map(recordedOf);
  return commit.events;
};

const newestOf = (commit: Recent): RecordedEvent => {
  if (commit.events !== undefined) return commit.events.at(-1)!;
  const { rows } = commit;
  return recordedOf(eventsOfRows(rows.subarray(rows.lastIndexOf(newline, rows.byteLength - 2) + 1))[0]!);
};

/** What a reader gets of one commit; `wanted` is `undefined` for everything. */
const pick = (commit: Recent, position: number, wants: ((type: string) => boolean) | undefined): RecordedEvent[] => {
  const skipped = Math.max(0, position + 1 - commit.firstPosition);
  if (wants === undefined) return eventsOf(commit).slice(skipped);
  for (const type of commit.types) {
    if (wants(type)) return eventsOf(commit).filter(({ type }, index) => index >= skipped && wants(type));
  }
  return [];
};

/**
 * The newest commits in memory: whoever follows the log closely shares one reading and one parsing of them, and the
 * database is left to the writer. Holds what was stored, never what was handed in.
 */
export const createRecentEvents = () => {
  let commits: Recent[] = [];
  let sizeBytes = 0;
  return {
    /** After a commit that went past it unseen it starts anew. */
    add(commit: Commit): void {
      const newest = commits.at(-1);
      if (newest !== undefined && newest.lastPosition + 1 !== commit.firstPosition) [commits, sizeBytes] = [[], 0];
      commits.push({ ...commit });
      sizeBytes += commit.rows.byteLength;
      while (sizeBytes > bytesMax && commits.length > 1) sizeBytes -= commits.shift()!.rows.byteLength;
    },
    /**
     * The events after `position`, about `maxCount` of them; `undefined` where only the database knows. With `wants`
     * those that are wanted, and the newest of all: a commit in which nobody looks at anything is not even parsed.
     */
    after(position: number, maxCount: number, wants?: (type: string) => boolean): RecordedEvent[] | undefined {
      const first = commits[0];
      const last = commits.at(-1);
      if (first === undefined || position + 1 < first.firstPosition || position >= last!.lastPosition) return undefined;
      const events: RecordedEvent[] = [];
      let through: Recent | undefined;
      for (const commit of commits) {
        if (commit.lastPosition <= position) continue;
        if (through !== undefined && events.length >= maxCount) break;
        events.push(...pick(commit, position, wants));
        through = commit;
      }
      if (wants === undefined) return events.slice(0, maxCount);
      const newest = newestOf(through!);
      if (events.at(-1)?.position !== newest.position) events.push(newest);
      return events;
    },
  };
};
