import type { EventMeta, NewEvent } from '../event.ts';
import { type AppendResult, WrongExpectedRevision } from '../event-log.ts';
import { type GroupPlan, planGroup } from '../plan-group.ts';
import type { Draft, DraftEvent } from '../stored-event.ts';
import { comparePositions, type LogPosition, positionText } from './log-position.ts';
import type { StreamReader } from './reader.ts';
import { appendBytesMax, sizeBytes } from './record.ts';
import type { Sender } from './sender.ts';
import { actualRevision, serverErrorKind } from './server-error.ts';
import { createStreamMemory, type StreamMemory } from './stream-memory.ts';

const groupEventsMax = 500;
/** A few that wait go one by one: a group costs a reading more, for the positions that the server doesn't tell. */
const groupLeast = 4;
const conflictsMax = 50;
const readAtOnceMax = 1_000;
const minuteMs = 60_000;
/** An event may say a time up to five minutes ahead of the hub that took it in, and hubs' clocks differ a little. */
const aheadMs = 10 * minuteMs;
/** An event without a clock to believe stands at its receive time, which is another one when it is sent again. */
const repeatedWithinMs = 24 * 60 * minuteMs;

type Entry = Draft['entries'][number];
type Outcome = AppendResult | WrongExpectedRevision;

interface Pending {
  entry: Entry;
  /** An event known before this time can't be one of these. */
  sinceMs: number;
  resolve(outcome: LaneResult): void;
  reject(error: unknown): void;
}

export interface LaneResult {
  stored: number;
  position: LogPosition;
}

export const knownSinceMs = (events: readonly NewEvent[]): number => {
  const since = ({ occurredAt, clock }: EventMeta): number =>
    Date.parse(occurredAt) - (clock === 'untrusted' ? repeatedWithinMs : aheadMs);
  return Math.min(...events.map(({ meta }) => since(meta)));
};

const takeGroup = (queue: Pending[]): Pending[] => {
  if (queue.length < groupLeast) return queue.splice(0, 1);
  let [events, bytes, taken] = [0, 0, 0];
  for (const { entry } of queue) {
    events += entry.events.length;
    for (const event of entry.events) bytes += sizeBytes(event);
    if (taken > 0 && (events > groupEventsMax || bytes > appendBytesMax)) break;
    taken += 1;
  }
  return queue.splice(0, taken);
};

/** Cuts what one append can't carry; only then a single entry may be stored in part, and its repetition stores the rest. */
const chunksOf = (events: readonly DraftEvent[]): DraftEvent[][] => {
  const chunks: DraftEvent[][] = [];
  let bytes = 0;
  for (const event of events) {
    const size = sizeBytes(event);
    const chunk = chunks.at(-1);
    if (chunk === undefined || bytes + size > appendBytesMax || chunk.length === groupEventsMax) {
      chunks.push([event]);
      bytes = size;
    } else {
      chunk.push(event);
      bytes += size;
    }
  }
  return chunks;
};

/** In a plan of one stream the position is the revision. */
const planOf = (memory: StreamMemory, group: readonly Pending[]): GroupPlan =>
  planGroup(
    { lastPosition: memory.end, revisionOf: () => memory.end, positionOf: memory.revisionOf },
    group.map(({ entry }) => ({ entries: [entry], count: entry.events.length, size: 0 })),
  );

/** Where the stream is by the server's word, when that is not where it was thought to be: the plan is void. */
const write = async (
  memory: StreamMemory,
  sender: Sender,
  stream: string,
  events: readonly DraftEvent[],
): Promise<number | undefined> => {
  for (const chunk of chunksOf(events)) {
    try {
      const position = await sender.send({ stream, expected: memory.end, events: chunk });
      memory.appended(
        chunk.map(({ id }) => id),
        position,
      );
    } catch (error) {
      if (serverErrorKind(error) === 'wrong-revision') return actualRevision(error);
      throw error;
    }
  }
  return undefined;
};

/** Writes until the plan holds; what was written of a void plan is known in the next. */
const store = async (
  memory: StreamMemory,
  sender: Sender,
  stream: string,
  group: readonly Pending[],
): Promise<Outcome[]> => {
  await memory.cover(Math.min(...group.map(({ sinceMs }) => sinceMs)));
  const written = new Set<string>();
  let isFresh = false;
  for (let conflicts = 0; conflicts <= conflictsMax; ) {
    const plan = planOf(memory, group);
    // What is remembered may be old: nobody is refused before the stream has been looked at.
    if (!isFresh && plan.outcomes.some((outcome) => outcome instanceof WrongExpectedRevision)) {
      await memory.catchUp();
      isFresh = true;
      continue;
    }
    const before = memory.end;
    const events = plan.events.map(({ event }) => event);
    const elsewhere = await write(memory, sender, stream, events);
    for (const { id } of events.slice(0, memory.end - before)) written.add(id);
    if (elsewhere === undefined) {
      const storedOf = ({ entry }: Pending) => entry.events.filter(({ id }) => written.delete(id)).length;
      return plan.outcomes.map((outcome, index) =>
        outcome instanceof WrongExpectedRevision ? outcome : { ...outcome, stored: storedOf(group[index]!) },
      );
    }
    await memory.catchUp(elsewhere);
    isFresh = true;
    conflicts += 1;
  }
  throw new Error(`${stream} is written to by so many others that no append has got through; try again`);
};

/** Positions of revisions that the server has not told. */
const readPositions = async (reader: StreamReader, stream: string, revisions: readonly number[]) => {
  const positions = new Map<number, LogPosition>();
  const [first, last] = [Math.min(...revisions), Math.max(...revisions)];
  const ranges = last - first < readAtOnceMax ? [[first, last] as const] : revisions.map((one) => [one, one] as const);
  for (const [from, to] of ranges) {
    for (const record of await reader.stream(stream, { from, maxCount: to - from + 1 })) {
      positions.set(Number(record.revision), record.position);
    }
  }
  return positions;
};

/** Appends to one stream, one after another; many that wait are appended together. */
export const createStreamLane = (reader: StreamReader, sender: Sender, stream: string) => {
  const memory = createStreamMemory(reader, stream);
  const queue: Pending[] = [];
  const settling = new Set<Promise<void>>();
  let running: Promise<void> | undefined;

  const settle = async (group: readonly Pending[], outcomes: readonly Outcome[]): Promise<void> => {
    const told = new Map<number, LogPosition | undefined>();
    for (const outcome of outcomes) {
      if (outcome instanceof WrongExpectedRevision) continue;
      told.set(Number(outcome.position), memory.positionAt(Number(outcome.position)));
    }
    const missing = [...told.keys()].filter((revision) => told.get(revision) === undefined);
    const read = missing.length === 0 ? undefined : await readPositions(reader, stream, missing);
    for (const [index, outcome] of outcomes.entries()) {
      const { resolve, reject } = group[index]!;
      if (outcome instanceof WrongExpectedRevision) {
        reject(outcome);
        continue;
      }
      const revision = Number(outcome.position);
      const position = told.get(revision) ?? read?.get(revision);
      if (position === undefined) reject(new Error(`event ${revision} of ${stream} was stored and is not to be found`));
      else resolve({ stored: outcome.stored, position });
    }
  };

  const run = async (): Promise<void> => {
    while (queue.length > 0) {
      const group = takeGroup(queue);
      const refuse = (error: unknown): void => {
        for (const { reject } of group) reject(error);
      };
      try {
        const outcomes = await store(memory, sender, stream, group);
        const settled = settle(group, outcomes).catch(refuse);
        settling.add(settled);
        void settled.finally(() => settling.delete(settled));
      } catch (error) {
        // What became of the writing is not known, so neither is what the stream holds.
        memory.forget();
        // Those behind fail with it: stored now, they would overtake what their senders have to say again. Not so
        // behind an event that can never be stored.
        if (!(error instanceof RangeError)) group.push(...queue.splice(0));
        refuse(error);
      }
    }
    running = undefined;
  };

  return {
    get isIdle(): boolean {
      return running === undefined && settling.size === 0;
    },
    get size(): number {
      return memory.size;
    },
    append: (entry: Entry, sinceMs: number): Promise<LaneResult> =>
      new Promise((resolve, reject) => {
        queue.push({ entry, sinceMs, resolve, reject });
        running ??= run();
      }),
    settled: async (): Promise<void> => {
      await running;
      await Promise.all(settling);
    },
  };
};

export type StreamLane = ReturnType<typeof createStreamLane>;

export const resultOf = (results: readonly LaneResult[]): AppendResult => {
  let [stored, position] = [0, results[0]!.position];
  for (const result of results) {
    stored += result.stored;
    if (comparePositions(result.position, position) > 0) position = result.position;
  }
  return { position: positionText(position), stored };
};
