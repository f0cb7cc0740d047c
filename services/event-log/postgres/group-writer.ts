import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../runtime/clock.ts';
import { StartRefused } from '../../runtime/start-refused.ts';
import { WriterFenced } from '../event-log.ts';
import type { GroupPlan } from '../plan-group.ts';
import { type ByteDraft, type PreparedGroup, prepareGroup } from './prepare-group.ts';
import type { Commit } from './recent-events.ts';
import { isTransient } from './transient.ts';
import { DuplicateRow, type WriterSession } from './writer-session.ts';

const groupEventsMax = 2_000;
const groupBytesMax = 4_000_000;
/** So many that wait are worth to be prepared while the server writes the group before; fewer gather on. */
const aheadEventsLeast = 1_000;
const rememberedStreamsMax = 200_000;
/** After a duplicate more of them are likely (a gateway resends its backlog): so many groups look ids up first. */
const cautiousGroups = 100;
const reconnectSeconds = 10;
const reconnectPollMs = 250;

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
  /** What became of the drafts that were added first, one outcome each, and what was stored of them. */
  settled(outcomes: GroupPlan['outcomes'], commit: Commit | undefined): void;
  /** None of the drafts that wait is tried any more. */
  failed(error: unknown): void;
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

/** What waits to be written. */
const createQueue = () => {
  let drafts: ByteDraft[] = [];
  let events = 0;
  return {
    events: (): number => events,
    isEmpty: (): boolean => drafts.length === 0,
    add(added: readonly ByteDraft[]): void {
      drafts.push(...added);
      for (const { count } of added) events += count;
    },
    /** As much from its front as one commit takes. */
    take(): ByteDraft[] {
      let [count, bytes, taken] = [0, 0, 0];
      for (const draft of drafts) {
        const fits = count + draft.count <= groupEventsMax && bytes + draft.size <= groupBytesMax;
        if (taken > 0 && !fits) break;
        count += draft.count;
        bytes += draft.size;
        taken += 1;
      }
      events -= count;
      return drafts.splice(0, taken);
    },
    clear(): void {
      drafts = [];
      events = 0;
    },
  };
};

/** Last revisions of the streams that the writer doesn't remember. */
const loadRevisions = async (writer: Writer, drafts: readonly ByteDraft[]): Promise<ReadonlyMap<string, number>> => {
  const missing = new Set<string>();
  for (const { entries } of drafts) {
    for (const { stream } of entries) if (!writer.revisions.has(stream)) missing.add(stream);
  }
  return missing.size === 0 ? new Map() : writer.session.revisionsOf([...missing]);
};

interface Stored {
  outcomes: GroupPlan['outcomes'];
  commit: Commit | undefined;
  sawDuplicate: boolean;
}

interface Group {
  drafts: readonly ByteDraft[];
  /** Made while the group before was written; void if that one became another. */
  prepared?: PreparedGroup | undefined;
}

/** Stores a group in one transaction and answers what became of each draft. `sent` is called once it is on its way. */
const storeGroup = async (
  writer: Writer,
  { drafts, prepared: ahead }: Group,
  cautious: boolean,
  clock: Clock,
  sent: (group: PreparedGroup) => void,
): Promise<Stored> => {
  const { session, position, hash, revisions } = writer;
  const loaded = await loadRevisions(writer, drafts);
  const end = { position, hash, revisionOf: (stream: string) => revisions.get(stream) ?? loaded.get(stream) ?? -1 };
  const ids = () => drafts.flatMap(({ entries }) => entries.flatMap(({ events }) => events.map(({ id }) => id)));
  let known = cautious ? await session.positionsOf(ids()) : undefined;
  let prepared = known === undefined && ahead?.previousHash === hash ? ahead : undefined;
  for (let sawDuplicate = false; ; ) {
    prepared ??= prepareGroup(end, drafts, session.placeOf, clock.now(), known);
    if (prepared === undefined) {
      known = await session.positionsOf(ids());
      continue;
    }
    const { outcomes, written } = prepared;
    if (written === undefined) return { outcomes, commit: undefined, sawDuplicate };
    try {
      const committed = session.commit(written.commit.rows, written.seal, written.sealedAt);
      sent(prepared);
      await committed;
    } catch (error) {
      if (!(error instanceof DuplicateRow) || sawDuplicate) throw error;
      sawDuplicate = true;
      known = await session.positionsOf(ids());
      prepared = undefined;
      continue;
    }
    writer.position = written.seal.lastPosition;
    writer.hash = written.seal.hash;
    for (const [stream, revision] of prepared.revisions) remember(revisions, stream, revision);
    return { outcomes, commit: written.commit, sawDuplicate };
  }
};

/** What comes behind a group that is being written; `undefined` where the database must be asked first. */
const prepareBehind = (
  { session, revisions: before }: Writer,
  { written, revisions }: PreparedGroup,
  drafts: readonly ByteDraft[],
  nowMs: number,
): PreparedGroup | undefined => {
  const revisionOf = (stream: string) => revisions.get(stream) ?? before.get(stream);
  const isKnown = ({ entries }: ByteDraft) => entries.every(({ stream }) => revisionOf(stream) !== undefined);
  if (!drafts.every(isKnown)) return undefined;
  const { lastPosition: position, hash } = written!.seal;
  const end = { position, hash, revisionOf: (stream: string) => revisionOf(stream)! };
  return prepareGroup(end, drafts, session.placeOf, nowMs);
};

const isFinal = (error: unknown): boolean => error instanceof WriterFenced || error instanceof StartRefused;

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
 * A broken connection is replaced and the group tried once more; what fails then fails all that wait, and the next group
 * starts afresh.
 */
export const createGroupWriter = async (parts: GroupWriterParts) => {
  const { clock } = parts;
  const queue = createQueue();
  let closed = false;
  const isClosed = (): boolean => closed;
  let writer: Writer | undefined = await openWriter(parts, undefined, isClosed);
  const { epoch } = writer.session;
  let fenced: WriterFenced | undefined;
  let cautious = 0;
  let running: Promise<void> | undefined;
  /** The group that the server has been sent, and the one behind it. */
  let underWay: PreparedGroup | undefined;
  let next: Group | undefined;

  const dropWriter = async (): Promise<void> => {
    const dropped = writer;
    writer = undefined;
    await dropped?.session.close().catch(() => {});
  };

  /** The server and this thread work at the same time, each on a group of its own. */
  const prepareNext = (): void => {
    if (next !== undefined || underWay === undefined || cautious > 0 || queue.events() < aheadEventsLeast) return;
    const drafts = queue.take();
    next = { drafts, prepared: prepareBehind(writer!, underWay, drafts, clock.now()) };
  };

  const store = async (group: Group, lookFirst: boolean): Promise<Stored> => {
    if (fenced !== undefined) throw fenced;
    if (writer?.session.isBroken()) await dropWriter();
    writer ??= await openWriter(parts, epoch, isClosed);
    try {
      const stored = await storeGroup(writer, group, lookFirst, clock, (sent) => {
        underWay = sent;
        prepareNext();
      });
      cautious = stored.sawDuplicate ? cautiousGroups : Math.max(0, cautious - 1);
      return stored;
    } finally {
      underWay = undefined;
    }
  };

  const flush = async (group: Group): Promise<void> => {
    try {
      const { outcomes, commit } = await store(group, cautious > 0).catch(async (error: unknown) => {
        await dropWriter();
        if (isFinal(error) || !isTransient(error)) throw error;
        // The ids make it safe to repeat a group of unknown outcome: what was stored after all is found and skipped.
        return store({ drafts: group.drafts }, true);
      });
      parts.settled(outcomes, commit);
    } catch (error) {
      if (error instanceof WriterFenced) fenced = error;
      // Those behind fail with it: stored now, they would overtake what their senders have to say again.
      queue.clear();
      next = undefined;
      parts.failed(error);
      await dropWriter();
    }
  };

  const run = async (): Promise<void> => {
    // One turn of the loop gathers what arrived together.
    await nextTurn();
    while (next !== undefined || !queue.isEmpty()) {
      const group = next ?? { drafts: queue.take() };
      next = undefined;
      await flush(group);
    }
    running = undefined;
  };

  return {
    add(drafts: readonly ByteDraft[]): void {
      queue.add(drafts);
      prepareNext();
      running ??= run();
    },
    /** Once all that waits is settled or has failed. */
    async close(): Promise<void> {
      closed = true;
      await running;
      await dropWriter();
    },
  };
};
