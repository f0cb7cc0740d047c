import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { type Clock, isoTime } from '../../runtime/clock.ts';
import { StartRefused } from '../../runtime/start-refused.ts';
import type { Waiting } from '../../runtime/waiting.ts';
import { seal, sealedParts } from '../chain.ts';
import { type AppendResult, type StreamAppend, WriterFenced, WrongExpectedRevision } from '../event-log.ts';
import { type GroupPlan, planGroup } from '../plan-group.ts';
import { type Draft, draftOf, type StoredEvent } from '../stored-event.ts';
import type { Seal } from '../verify-chain.ts';
import { isTransient } from './transient.ts';
import { DuplicateRow, type WriterSession } from './writer-session.ts';

const groupEventsMax = 2_000;
const groupCharsMax = 4_000_000;
const rememberedStreamsMax = 200_000;
/** After a duplicate more of them are likely (a gateway resends its backlog): so many groups look ids up first. */
const cautiousGroups = 100;
const reconnectSeconds = 10;
const reconnectPollMs = 250;

interface Pending {
  draft: Draft;
  waiting: Waiting<AppendResult>;
}

interface Writer {
  session: WriterSession;
  position: number;
  hash: string;
  /** Last revisions, least recently used first; right because nobody else writes. */
  revisions: Map<string, number>;
}

export interface GroupWriterParts {
  openSession(ownEpoch?: number): Promise<WriterSession>;
  clock: Clock;
  /** Called after each commit, with what was stored and as which rows. */
  onCommit(events: readonly StoredEvent[], rows: Buffer): void;
}

const remember = (revisions: Map<string, number>, stream: string, revision: number): void => {
  revisions.delete(stream);
  revisions.set(stream, revision);
  if (revisions.size > rememberedStreamsMax) {
    for (const oldest of revisions.keys()) {
      revisions.delete(oldest);
      break;
    }
  }
};

const takeGroup = (queue: Pending[]): Pending[] => {
  let [count, sizeChars, taken] = [0, 0, 0];
  for (const { draft } of queue) {
    const fits = count + draft.count <= groupEventsMax && sizeChars + draft.sizeChars <= groupCharsMax;
    if (taken > 0 && !fits) break;
    count += draft.count;
    sizeChars += draft.sizeChars;
    taken += 1;
  }
  return queue.splice(0, taken);
};

/** Last revisions of the streams that the writer doesn't remember. */
const loadRevisions = async (writer: Writer, drafts: Draft[]): Promise<ReadonlyMap<string, number>> => {
  const missing = new Set<string>();
  for (const { entries } of drafts) {
    for (const { stream } of entries) if (!writer.revisions.has(stream)) missing.add(stream);
  }
  return missing.size === 0 ? new Map() : writer.session.revisionsOf([...missing]);
};

export const sealOf = (events: readonly StoredEvent[], previousHash: string): Seal => {
  const { root, parts } = sealedParts(events);
  const stretch = { firstPosition: events[0]!.position, lastPosition: events.at(-1)!.position, root };
  return { ...stretch, parts, hash: seal(previousHash, stretch) };
};

/** Stores a group in one transaction and answers what became of each draft. */
const storeGroup = async (
  writer: Writer,
  drafts: Draft[],
  cautious: boolean,
  { clock, onCommit }: Pick<GroupWriterParts, 'clock' | 'onCommit'>,
) => {
  const loaded = await loadRevisions(writer, drafts);
  const ids = () => drafts.flatMap(({ entries }) => entries.flatMap(({ events }) => events.map(({ id }) => id)));
  let known = cautious ? await writer.session.positionsOf(ids()) : undefined;
  let sawDuplicate = false;
  for (;;) {
    const plan = planGroup(
      {
        lastPosition: writer.position,
        revisionOf: (stream) => writer.revisions.get(stream) ?? loaded.get(stream) ?? -1,
        positionOf: (id) => known?.get(id),
      },
      drafts,
    );
    // A wrong revision may be a repetition whose events are all known: the ids decide before anybody is refused.
    const refuses = plan.outcomes.some((outcome) => outcome instanceof WrongExpectedRevision);
    if (known === undefined && refuses) {
      known = await writer.session.positionsOf(ids());
      continue;
    }
    if (plan.events.length === 0) return { plan, sawDuplicate };
    if (writer.session.shelve(plan.events, clock.now()) && known === undefined) {
      known = await writer.session.positionsOf(ids());
      continue;
    }
    const next = sealOf(plan.events, writer.hash);
    let rows: Buffer;
    try {
      rows = await writer.session.commit(plan.events, next, isoTime(clock.now()));
    } catch (error) {
      if (!(error instanceof DuplicateRow) || sawDuplicate) throw error;
      sawDuplicate = true;
      known = await writer.session.positionsOf(ids());
      continue;
    }
    writer.position = next.lastPosition;
    writer.hash = next.hash;
    for (const [stream, revision] of plan.revisions) remember(writer.revisions, stream, revision);
    onCommit(plan.events, rows);
    return { plan, sawDuplicate };
  }
};

const isFinal = (error: unknown): boolean => error instanceof WriterFenced || error instanceof StartRefused;

const settle = (group: Pending[], plan: GroupPlan): void => {
  for (const [index, outcome] of plan.outcomes.entries()) {
    const { waiting } = group[index]!;
    if (outcome instanceof WrongExpectedRevision) waiting.failed(outcome);
    else waiting.done(outcome);
  }
};

/**
 * A writer in the making gives up at once when it is fenced or refused, or when the log closes, and tries for a while
 * when nobody answers.
 */
const openWriter = async (
  { openSession }: GroupWriterParts,
  ownEpoch: number | undefined,
  isClosed: () => boolean,
): Promise<Writer> => {
  // By the clock, since an attempt through a mute network takes ten seconds itself.
  const untilMs = performance.now() + reconnectSeconds * 1000;
  for (;;) {
    try {
      const session = await openSession(ownEpoch);
      return { session, position: session.head.position, hash: session.head.hash, revisions: new Map() };
    } catch (error) {
      if (isFinal(error) || isClosed() || performance.now() >= untilMs) throw error;
      await sleep(reconnectPollMs);
    }
  }
};

/**
 * Group commit: while one group is being written the next one gathers. Throws at once when the log can't be taken.
 * A broken connection is replaced and the group tried once more; what fails then fails its appends, and the next group
 * starts afresh.
 */
export const createGroupWriter = async (parts: GroupWriterParts) => {
  const queue: Pending[] = [];
  let closed = false;
  const isClosed = (): boolean => closed;
  let writer: Writer | undefined = await openWriter(parts, undefined, isClosed);
  const { epoch } = writer.session;
  let fenced: WriterFenced | undefined;
  let cautious = 0;
  let running: Promise<void> | undefined;

  const dropWriter = async (): Promise<void> => {
    const dropped = writer;
    writer = undefined;
    await dropped?.session.close().catch(() => {});
  };

  const store = async (drafts: Draft[], lookFirst: boolean): Promise<GroupPlan> => {
    if (fenced !== undefined) throw fenced;
    if (writer?.session.isBroken()) await dropWriter();
    writer ??= await openWriter(parts, epoch, isClosed);
    const { plan, sawDuplicate } = await storeGroup(writer, drafts, lookFirst, parts);
    cautious = sawDuplicate ? cautiousGroups : Math.max(0, cautious - 1);
    return plan;
  };

  const flush = async (group: Pending[]): Promise<void> => {
    const drafts = group.map(({ draft }) => draft);
    let plan: GroupPlan;
    try {
      plan = await store(drafts, cautious > 0).catch(async (error: unknown) => {
        await dropWriter();
        if (isFinal(error) || !isTransient(error)) throw error;
        // The ids make it safe to repeat a group of unknown outcome: what was stored after all is found and skipped.
        return store(drafts, true);
      });
    } catch (error) {
      if (error instanceof WriterFenced) fenced = error;
      // Those behind fail with it: stored now, they would overtake what their senders have to say again.
      for (const { waiting } of [...group, ...queue.splice(0)]) waiting.failed(error);
      await dropWriter();
      return;
    }
    settle(group, plan);
  };

  const run = async (): Promise<void> => {
    // One turn of the loop gathers what arrived together.
    await nextTurn();
    while (queue.length > 0) await flush(takeGroup(queue));
    running = undefined;
  };

  return {
    submit(batch: StreamAppend[], waiting: Waiting<AppendResult>): void {
      if (closed) {
        waiting.failed(new Error('the event log is closed'));
        return;
      }
      try {
        queue.push({ draft: draftOf(batch), waiting });
        running ??= run();
      } catch (error) {
        waiting.failed(error);
      }
    },
    async close(): Promise<void> {
      closed = true;
      await running;
      await dropWriter();
    },
  };
};
