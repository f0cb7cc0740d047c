import type { RecordedEvent } from '../event.ts';
import type { Wants } from '../event-log.ts';
import { envelopeOf, recordedOf } from '../stored-event.ts';
import { eventsOfRows } from './copied-rows.ts';

/** More than a second of the largest rate: twice as long as the read models gather. */
const bytesMaxDefault = 32 * 1024 * 1024;
const newline = 10;

/** One commit as it was written. The rows lie outside the heap, so keeping them costs the garbage collector nothing. */
export interface Commit {
  firstPosition: number;
  lastPosition: number;
  types: ReadonlySet<string>;
  rows: Uint8Array<ArrayBuffer>;
}

type Depth = Exclude<ReturnType<Wants>, false>;

/** A commit, and what somebody wanted of its events, once somebody did. */
interface Recent extends Commit {
  events?: RecordedEvent[];
  /** How far each of its types was parsed for them. */
  depths?: ReadonlyMap<string, Depth>;
}

const everything: Wants = () => true;

/** Parses what was ever wanted of these types, so that one parsing serves all readers. */
const createParser = () => {
  const wanted = new Map<string, Depth>();
  const learn = (types: ReadonlySet<string>, wants: Wants): void => {
    for (const type of types) {
      const depth = wants(type);
      if (depth !== false && wanted.get(type) !== true) wanted.set(type, depth);
    }
  };
  const isParsed = ({ types, depths }: Recent): boolean => {
    if (depths === undefined) return false;
    for (const type of types) if (depths.get(type) !== wanted.get(type)) return false;
    return true;
  };
  return (commit: Recent, wants: Wants): RecordedEvent[] => {
    learn(commit.types, wants);
    if (!isParsed(commit)) {
      commit.depths = new Map(wanted);
      commit.events = eventsOfRows(commit.rows, (type) => wanted.has(type)).map((event) =>
        wanted.get(event.type) === true ? recordedOf(event) : envelopeOf(event),
      );
    }
    return commit.events!;
  };
};

const newestOf = ({ rows }: Commit): RecordedEvent =>
  envelopeOf(eventsOfRows(rows.subarray(rows.lastIndexOf(newline, rows.byteLength - 2) + 1))[0]!);

const isWanted = ({ types }: Commit, wants: Wants): boolean => {
  for (const type of types) if (wants(type) !== false) return true;
  return false;
};

/**
 * The newest commits in memory: whoever follows the log closely shares one reading and one parsing of them, and the
 * database is left to the writer. Holds what was stored, never what was handed in.
 */
export const createRecentEvents = (bytesMax = bytesMaxDefault) => {
  const eventsOf = createParser();
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
    after(position: number, maxCount: number, wants?: Wants): RecordedEvent[] | undefined {
      const first = commits[0];
      const last = commits.at(-1);
      if (first === undefined || position + 1 < first.firstPosition || position >= last!.lastPosition) return undefined;
      const events: RecordedEvent[] = [];
      let through: Recent | undefined;
      for (const commit of commits) {
        if (commit.lastPosition <= position) continue;
        if (through !== undefined && events.length >= maxCount) break;
        through = commit;
        if (!isWanted(commit, wants ?? everything)) continue;
        for (const event of eventsOf(commit, wants ?? everything)) {
          if (wants !== undefined && wants(event.type) === false) continue;
          if (commit.firstPosition > position || Number(event.position) > position) events.push(event);
        }
      }
      if (wants === undefined) return events.slice(0, maxCount);
      if (events.at(-1)?.position !== String(through!.lastPosition)) events.push(newestOf(through!));
      return events;
    },
  };
};
