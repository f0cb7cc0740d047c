import { genesisHash, rootOf, seal } from '../chain.ts';
import { appendingBy, type EventLog, type LogHead, WrongExpectedRevision } from '../event-log.ts';
import { createBell, follow } from '../follow.ts';
import { withGatherings } from '../gather-seals.ts';
import { gathering, sealsGatheredType } from '../gathering.ts';
import { logStream } from '../log-stream.ts';
import { planGroup } from '../plan-group.ts';
import { numberedByPosition, type SealedLog } from '../prove-events.ts';
import { draftOf, positionNumber, recordedOf, type StoredEvent } from '../stored-event.ts';
import { type Seal, type Verdict, verifyChain } from '../verify-chain.ts';

export interface MemoryEventLog extends EventLog {
  verify(expected?: LogHead): Promise<Verdict>;
  /** For proofs that events stand in it. */
  sealed: SealedLog;
}

/** The tables that another backend has on disk. */
const createTables = () => {
  const events: StoredEvent[] = [];
  const seals: Seal[] = [];
  const positions = new Map<string, number>();
  const streams = new Map<string, StoredEvent[]>();
  const head = () => seals.at(-1)?.hash ?? genesisHash;
  return {
    events,
    seals,
    positions,
    head,
    streamOf: (stream: string): readonly StoredEvent[] => streams.get(stream) ?? [],
    store(added: StoredEvent[]): void {
      for (const event of added) {
        events.push(event);
        positions.set(event.id, event.position);
        const stream = streams.get(event.stream);
        if (stream === undefined) streams.set(event.stream, [event]);
        else stream.push(event);
      }
      const stretch = {
        firstPosition: added[0]!.position,
        lastPosition: added.at(-1)!.position,
        root: rootOf(added),
      };
      seals.push({ ...stretch, hash: seal(head(), stretch) });
    },
  };
};

/** The whole log in memory: no timer, no randomness, so a simulation replays exactly. Lost with the process. */
export const createMemoryEventLog = (): MemoryEventLog => {
  const { events, seals, positions, head, streamOf, store } = createTables();
  const bell = createBell();
  const closing = new AbortController();

  const readAll: EventLog['readAll'] = async (from, maxCount) => {
    const start = positionNumber(from);
    return events.slice(start, start + maxCount).map(recordedOf);
  };

  const sealsAfter = async (position: number, limit: number): Promise<Seal[]> => {
    const after = seals.filter(({ firstPosition }) => firstPosition > position);
    return after.slice(0, limit);
  };

  const sealed: SealedLog = {
    ...numberedByPosition,
    head: async () => (events.length === 0 ? null : { position: events.length, hash: head() }),
    sealsAfter,
    hashAt: async (position) => seals.find(({ lastPosition }) => lastPosition === position)?.hash,
    eventsOf: async (stretches) =>
      stretches.flatMap(({ firstPosition, lastPosition }) => events.slice(firstPosition - 1, lastPosition)),
    gatherings: async () =>
      streamOf(logStream).flatMap(({ type, position, data }) =>
        type === sealsGatheredType
          ? [{ position: String(position), gathering: gathering.parse(JSON.parse(data)) }]
          : [],
      ),
  };

  return {
    sealed,
    ...appendingBy(async (batch) => {
      if (closing.signal.aborted) throw new Error('the event log is closed');
      const state = {
        lastPosition: events.length,
        revisionOf: (stream: string) => streamOf(stream).length - 1,
        positionOf: (id: string) => positions.get(id),
      };
      const plan = planGroup(state, [draftOf(batch)]);
      const outcome = plan.outcomes[0]!;
      if (outcome instanceof WrongExpectedRevision) throw outcome;
      if (plan.events.length > 0) {
        store(plan.events.map(({ event, ...place }) => ({ ...place, ...event })));
        bell.ring();
      }
      return outcome;
    }),
    async readStream(stream, { fromRevision, maxCount = Number.POSITIVE_INFINITY, backwards = false } = {}) {
      const all = streamOf(stream);
      const wanted = backwards
        ? all.slice(0, (fromRevision ?? all.length - 1) + 1).reverse()
        : all.slice(fromRevision ?? 0);
      return wanted.slice(0, maxCount).map(recordedOf);
    },
    readAll,
    subscribe(from, options) {
      positionNumber(from);
      return follow({ read: readAll, bell, isTransient: () => false, closed: closing.signal }, from, options);
    },
    async head() {
      return { position: events.length === 0 ? null : String(events.length), hash: head() };
    },
    async close() {
      closing.abort();
    },
    async verify(expected) {
      const source = {
        sealsAfter,
        eventsBetween: async (first: number, last: number) => events.slice(first - 1, last),
        firstUnsealed: async () => null,
      };
      return withGatherings(sealed, await verifyChain(source, expected));
    },
  };
};
