import type { Clock } from '../../runtime/clock.ts';
import {
  type AppendResult,
  appendingBy,
  type EventLog,
  type LogHead,
  type StreamAppend,
  WrongExpectedRevision,
} from '../event-log.ts';
import { draftOf } from '../stored-event.ts';
import type { Verdict } from '../verify-chain.ts';
import { persistently } from './ask.ts';
import { checkServer } from './check-server.ts';
import { createExpiry } from './expiry.ts';
import { followAll } from './follow-all.ts';
import { holdLeakedRejections } from './leaked-rejections.ts';
import { loadClient } from './load-client.ts';
import type { LogClient } from './log-client.ts';
import { parsePosition, positionText } from './log-position.ts';
import { type Notary, startNotary } from './notary.ts';
import { createReader, type StreamReader } from './reader.ts';
import { ownRecord, recordedEvent } from './record.ts';
import { lastSeal } from './seals.ts';
import { createSender } from './sender.ts';
import { createStreamLane, knownSinceMs, resultOf, type StreamLane } from './stream-lane.ts';
import { verifySeals } from './verify-seals.ts';

export interface KurrentEventLogOptions {
  url: string;
  clock: Clock;
  /** Reads and subscribes; `append` then rejects. */
  readOnly?: boolean;
  /** How long to wait at the start for a server that isn't there yet, or has no leader. */
  startSeconds?: number;
  /** A server that says nothing for so long is given up. */
  answerSeconds?: number;
  /** An append whose outcome is unknown is repeated for so long. */
  retrySeconds?: number;
  /** Telemetry older than this is hidden by the server, and goes at its next scavenge; 0 for never. */
  retentionDays?: number;
}

export interface KurrentHead extends LogHead {
  /** The newest event that a seal covers; `hash` says nothing about those after it. `null` before the first seal. */
  sealedTo: string | null;
}

export interface KurrentEventLog extends EventLog {
  head(): Promise<KurrentHead>;
  verify(...heads: LogHead[]): Promise<Verdict>;
  /** Why old telemetry does not expire, `null` while all is well. */
  expiryTrouble(): string | null;
  /** One for each log, in whichever process: several do no harm, but read everything several times. */
  startNotary(options?: { everyEvents?: number; everySeconds?: number }): Notary;
}

const rememberedEventsMax = 300_000;

/** Lanes by stream, the longest unused first; idle ones are let go when too many ids are remembered. */
const createLanes = (open: (stream: string) => StreamLane) => {
  const lanes = new Map<string, StreamLane>();
  let appendsUntilLook = 0;
  const letGo = (): void => {
    let remembered = 0;
    for (const lane of lanes.values()) remembered += lane.size + 10;
    for (const [stream, lane] of lanes) {
      if (remembered <= rememberedEventsMax) break;
      if (!lane.isIdle) continue;
      lanes.delete(stream);
      remembered -= lane.size + 10;
    }
    appendsUntilLook = 1_000;
  };
  return {
    of(stream: string): StreamLane {
      if (appendsUntilLook === 0) letGo();
      appendsUntilLook -= 1;
      const lane = lanes.get(stream) ?? open(stream);
      lanes.delete(stream);
      lanes.set(stream, lane);
      return lane;
    },
    settled: async (): Promise<void> => {
      await Promise.all([...lanes.values()].map((lane) => lane.settled()));
    },
  };
};

const appender = (open: (stream: string) => StreamLane) => {
  const lanes = createLanes(open);
  return {
    async append(batch: StreamAppend[]): Promise<AppendResult> {
      const { entries } = draftOf(batch);
      const outcomes = await Promise.allSettled(
        entries.flatMap((entry, index) =>
          entry.events.length === 0 ? [] : [lanes.of(entry.stream).append(entry, knownSinceMs(batch[index]!.events))],
        ),
      );
      const errors: unknown[] = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      // An unknown outcome is said first: the caller repeats the call, and then hears of the refusal.
      if (errors.length > 0) throw errors.find((error) => !(error instanceof WrongExpectedRevision)) ?? errors[0];
      return resultOf(outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])));
    },
    settled: lanes.settled,
  };
};

/** Throws `StartRefused` naming `EVENT_LOG_URL` when the server can't serve as the hub's log. */
export const openKurrentEventLog = async (options: KurrentEventLogOptions): Promise<KurrentEventLog> => {
  const { url, startSeconds = 15 } = options;
  const letGo = holdLeakedRejections();
  try {
    const client = await loadClient(url);
    await checkServer(client, startSeconds);
    return kurrentEventLog(client, options, letGo);
  } catch (error) {
    letGo();
    throw error;
  }
};

/**
 * The log in KurrentDB (EventStoreDB): events are atomic for one stream's entry and ordered by the server. Many hubs may
 * write at once; none of them is fenced off, because every append names the revision that it expects.
 *
 * The server keeps `$maxAge` by stream, so a device has two: what may expire is in its telemetry stream, and the seals
 * have a root of their own for it.
 */
const kurrentEventLog = (client: LogClient, options: KurrentEventLogOptions, letGo: () => void): KurrentEventLog => {
  const { clock, readOnly = false, answerSeconds = 10, retrySeconds = 30, retentionDays = 0 } = options;
  const closing = new AbortController();
  let isClosed = false;
  const reader = createReader(client, answerSeconds);
  /** What an append must know is asked for as stubbornly as the append itself. */
  const stubborn: StreamReader = {
    stream: (stream, readOptions) =>
      persistently(
        retrySeconds,
        () => isClosed,
        () => reader.stream(stream, readOptions),
      ),
  };
  const sender = createSender(client, reader, { answerSeconds, retrySeconds });
  const writer = appender((stream) => createStreamLane(stubborn, sender, stream));
  const expiry = createExpiry({ client, retentionDays: retentionDays, answerSeconds });
  const notaries = new Set<Notary>();
  let closed: Promise<void> | undefined;

  return {
    ...appendingBy(async (batch) => {
      if (isClosed) throw new Error('the event log is closed');
      if (readOnly) throw new Error('this event log was opened for reading only');
      const appended = writer.append(batch);
      for (const { stream, events } of batch) if (events.length > 0) expiry.see(stream);
      return appended;
    }),
    async readStream(stream, { fromRevision, maxCount = Number.MAX_SAFE_INTEGER, backwards = false } = {}) {
      const from = fromRevision ?? (backwards ? 'end' : 'start');
      const records = await reader.stream(stream, { from, maxCount, backwards });
      return records.flatMap((record) => {
        const own = ownRecord(record);
        return own === undefined ? [] : [recordedEvent(own)];
      });
    },
    async readAll(from, maxCount) {
      const page = await reader.all(from === null ? null : parsePosition(from), maxCount);
      return page.records.map(recordedEvent);
    },
    subscribe(from, subscribeOptions) {
      if (from !== null) parsePosition(from);
      return followAll(reader, closing.signal, from, subscribeOptions);
    },
    async head() {
      const [newest, seal] = await Promise.all([reader.newest(), lastSeal(reader)]);
      return {
        position: newest === undefined ? null : positionText(newest.position),
        hash: seal.hash,
        sealedTo: seal.position,
      };
    },
    close() {
      isClosed = true;
      closed ??= (async () => {
        sender.close();
        await writer.settled();
        await expiry.close();
        closing.abort();
        await Promise.all([...notaries].map((notary) => notary.stop()));
        client.cancelEverything();
        letGo();
      })();
      return closed;
    },
    verify: (...heads) => verifySeals(reader, { nowMs: clock.now(), retentionDays }, heads),
    expiryTrouble: () => expiry.trouble,
    startNotary(notaryOptions) {
      const notary = startNotary({ sender, reader, clock, closed: closing.signal, ...notaryOptions });
      notaries.add(notary);
      return notary;
    },
  };
};
