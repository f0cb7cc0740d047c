import { hash } from 'node:crypto';
import { decodeChecked } from '../../devices/decode-checked.ts';
import type { Answer, Decoded, DeviceFact, Dialect, DialectMessage } from '../../devices/dialect.ts';
import { judgeSessions } from '../../devices/kinds/charging-post/suspicion.ts';
import { Refusal } from '../event-log/decider.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { RegisteredDevice, RegistryIndex } from '../registry/registry-index.ts';
import type { Clock } from '../runtime/clock.ts';
import { faultPoint } from '../runtime/fault-points.ts';
import { countByLabels, type Metrics } from '../runtime/metrics.ts';
import { promised, tell, type Waiting } from '../runtime/waiting.ts';
import {
  createDailyLetters,
  createLetterQuota,
  type PayloadStore,
  payloadHash,
  refusalAppend,
  refusalEvent,
} from './dead-letters.ts';
import type { DialectMemory, Remembered } from './dialect-memory.ts';
import { createHeartbeats } from './heartbeats.ts';
import type { Levels } from './levels.ts';
import { createCounts, type Outcome } from './outcome.ts';
import { type Origin, type PlanParts, planFacts } from './plan.ts';
import { createPresence } from './presence.ts';
import type { Pseudonymizer } from './pseudonym.ts';
import type { RawMessage, RawMessages } from './raw-messages.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { dialectFor, type Refused, refusal } from './route.ts';

/** Larger payloads are refused and kept; a face gate's record with two pictures stays below. */
export const payloadBytesMax = 4 * 1024 * 1024;
const recentMax = 10_000;

export interface Message {
  topic: string;
  payload: Uint8Array;
  retain: boolean;
  receivedAtMs: number;
  packetId?: number;
  /** MQTT's DUP flag: with the packet identifier, a redelivery of what may have been recorded. */
  duplicate?: boolean;
  contentType?: string | undefined;
  userProperties?: Record<string, string | string[]> | undefined;
  /** A dead letter taken up again: old news, never an alarm. */
  replayed?: boolean;
  /** A broker's retained message, sent because the hub subscribed: old, so only a state that differs is news. */
  retainedReplay?: boolean;
  /** Refused already by who brought it: only kept, as a dead letter of the sender. */
  refusedAs?: Refused;
}

export interface IngestParts {
  log: EventLog;
  index: RegistryIndex;
  dialects: ReadonlyMap<string, Dialect>;
  levels: Levels;
  pseudonymizer: Pseudonymizer;
  payloads: PayloadStore;
  rawMessages: RawMessages;
  memory: DialectMemory;
  metrics: Metrics;
  clock: Clock;
}

/** Receive times of messages that name neither time nor id, so that a redelivery gets the first one's event id. */
const createRecent = () => {
  let newer = new Map<string, number>();
  let older = newer;
  return (sender: string, message: Message, contentHash: string): number => {
    if (message.packetId === undefined) return message.receivedAtMs;
    const key = `${sender}|${message.packetId}|${contentHash}`;
    const before = message.duplicate ? (newer.get(key) ?? older.get(key)) : undefined;
    if (before !== undefined) return before;
    newer.set(key, message.receivedAtMs);
    if (newer.size >= recentMax) [older, newer] = [newer, new Map()];
    return message.receivedAtMs;
  };
};

/** Keeps a refused message as a dead letter: its bytes first, so that no event names bytes that are not there. */
const createRefuser = (
  { log, payloads }: Pick<IngestParts, 'log' | 'payloads'>,
  firstReceived: ReturnType<typeof createRecent>,
) => {
  const letterQuota = createLetterQuota();
  const daily = createDailyLetters();
  return async (
    sender: RegisteredDevice,
    message: Message,
    dialect: string | null,
    { code, reason, field, keptDailyAbout }: Refused,
  ): Promise<Outcome> => {
    const { topic, payload, retain, contentType, userProperties } = message;
    const sha256 = payloadHash(payload);
    const firstHereMs = firstReceived(sender.id, message, sha256);
    // A message said again is the letter that its bytes were kept for, also after a restart.
    const keptAtMs = message.duplicate ? await payloads.receivedAtMs(sha256, sender.id) : undefined;
    const receivedAtMs = keptAtMs ?? firstHereMs;
    const refused = { outcome: 'refused' as const, code, reason, ...(field === undefined ? {} : { field }) };
    const parts = {
      ...{ device: sender.id, compound: sender.compound, topic, payload, retain, receivedAtMs },
      ...{ dialect, code, reason, field, contentType, userProperties, keptDailyAbout },
    };
    if (keptDailyAbout !== undefined) {
      const { id } = refusalEvent(parts);
      if (daily.has(id, receivedAtMs)) return { ...refused, deadLetter: id };
    }
    // A dead letter that is refused again stays the dead letter it is.
    const { isKept, unkeptBefore } = message.replayed
      ? { isKept: true, unkeptBefore: 0 }
      : letterQuota(sender.id, message.receivedAtMs);
    if (!isKept) return refused;
    const event = refusalEvent({ ...parts, unkeptBefore });
    if (!message.replayed) {
      await payloads.put(sha256, payload, sender.id, receivedAtMs);
      faultPoint('refused-bytes-kept');
      await log.append([refusalAppend(event)]);
      if (keptDailyAbout !== undefined) daily.add(event.id, receivedAtMs);
    }
    return { ...refused, deadLetter: event.id };
  };
};

/** The dialect that reads a message, or why none may. */
export const dialectOf = (
  dialects: IngestParts['dialects'],
  sender: RegisteredDevice,
  message: Message,
): Dialect | Refused => {
  const { topic, payload } = message;
  if (message.refusedAs !== undefined) return message.refusedAs;
  if (payload.byteLength > payloadBytesMax) {
    return refusal(
      'payload-too-large',
      `The payload has ${payload.byteLength} bytes; at most ${payloadBytesMax} are taken. Send pictures smaller or not at all.`,
    );
  }
  const dialect = dialectFor(dialects, sender, topic);
  if ('outcome' in dialect || dialect.name !== 'canonical') return dialect;
  if (topic.startsWith(`xy/v1/${sender.compound}/`)) return dialect;
  return refusal(
    'not-your-address',
    `The credential ${sender.id} is of compound ${sender.compound}, the topic names ${topic.split('/')[2]}.`,
  );
};

/** What the dialect makes of a message, with what it remembers of the sender's earlier ones. */
export const decodeMessage = (
  { index, memory }: Pick<IngestParts, 'index'> & { memory: Pick<DialectMemory, 'recall'> },
  sender: RegisteredDevice,
  dialect: Dialect,
  message: Message,
): Decoded => {
  const { topic, payload, retain, contentType, userProperties } = message;
  const timeZone = index.compound(sender.compound)?.timeZone ?? 'Asia/Shanghai';
  const said: DialectMessage = { topic, payload, retain, timeZone };
  if (contentType !== undefined) said.contentType = contentType;
  if (userProperties !== undefined) said.userProperties = userProperties;
  return decodeChecked(dialect, said, (key) => memory.recall(sender.id, key));
};

const hashOf = ({ topic, payload }: Message): string =>
  hash('sha256', Buffer.concat([Buffer.from(`${topic}\0`), payload]), 'base64');

/** An old message says nothing of how a connector is now. */
const judged = (
  memory: Pick<DialectMemory, 'recall'>,
  sender: RegisteredDevice,
  { replayed, retainedReplay, receivedAtMs }: Message,
  decoded: Decoded,
): Decoded => {
  if (decoded.outcome !== 'facts' || replayed || retainedReplay) return decoded;
  const sessions = judgeSessions(decoded.facts, (key) => memory.recall(sender.id, key), receivedAtMs);
  if (sessions === undefined) return decoded;
  return { ...decoded, facts: sessions.facts, remember: { ...decoded.remember, ...sessions.remember } };
};

/** Keeps the message once it is recorded. Apart from where its plan is at hand, so that it is not kept until the commit. */
const keptRaw = (
  rawMessages: RawMessages,
  raw: RawMessage,
  events: readonly string[],
  waiting: Waiting<Outcome>,
): Waiting<Outcome> => ({
  done(outcome) {
    // What was known already is kept from the first time.
    if (outcome.outcome === 'recorded' && outcome.stored > 0) rawMessages.keep(raw, events);
    waiting.done(outcome);
  },
  failed: (error) => waiting.failed(error),
});

const withAnswers = (answers: readonly Answer[], waiting: Waiting<Outcome>): Waiting<Outcome> => ({
  done: (outcome) => waiting.done({ ...outcome, answers }),
  failed: (error) => waiting.failed(error),
});

/**
 * Decides what a message is and sees to it that it is kept. What most messages go through awaits nothing by itself: what
 * each of forty thousand a second keeps until its commit, the garbage collector copies.
 */
const createTaker = (parts: IngestParts, planParts: PlanParts, { record, keepMemory }: Recorder) => {
  const { memory, rawMessages } = parts;
  const firstReceived = createRecent();
  const refuse = createRefuser(parts, firstReceived);

  const remember = (sender: string, { remember: entries }: Exclude<Decoded, Refused>) =>
    entries === undefined ? undefined : memory.remember(sender, entries);

  /** What shows in a refused message that its device lives. */
  const recordAlive = async (sender: RegisteredDevice, dialect: Dialect, message: Message, facts: DeviceFact[]) => {
    const { receivedAtMs, replayed = false, retainedReplay = false } = message;
    if (facts.length === 0 || replayed) return;
    const origin: Origin = { sender, dialect, receivedAtMs, contentHash: hashOf(message), replayed, retainedReplay };
    const plan = planFacts(planParts, origin, facts);
    if ('outcome' in plan || plan.appends.length === 0) return;
    await promised((waiting: Waiting<Outcome>) => record(sender.id, plan, undefined, waiting));
  };

  const refuseAlive = async (sender: RegisteredDevice, dialect: Dialect, message: Message, refused: Refused) => {
    await recordAlive(sender, dialect, message, refused.alive ?? []);
    return refuse(sender, message, dialect.name, refused);
  };

  const noOp = async (sender: string, reason: string, remembered: Remembered | undefined): Promise<Outcome> => {
    await keepMemory(sender, remembered);
    return { outcome: 'no-op', reason };
  };

  /** What becomes an event tells `waiting`; any other end is answered as a promise. */
  const keep = (
    sender: RegisteredDevice,
    dialect: Dialect,
    message: Message,
    decoded: Decoded,
    waiting: Waiting<Outcome>,
  ): Promise<Outcome> | undefined => {
    if (decoded.outcome === 'refused') return refuseAlive(sender, dialect, message, decoded);
    if (decoded.outcome === 'no-op') return noOp(sender.id, decoded.reason, remember(sender.id, decoded));
    // A message whose every fact has an id of its own is known by those ids.
    const haveIds = decoded.facts.every(({ sourceId }) => sourceId !== undefined);
    const contentHash = haveIds ? '' : hashOf(message);
    const receivedAtMs = haveIds ? message.receivedAtMs : firstReceived(sender.id, message, contentHash);
    const { replayed = false, retainedReplay = false } = message;
    const origin: Origin = { sender, dialect, receivedAtMs, contentHash, replayed, retainedReplay };
    const plan = planFacts(planParts, origin, decoded.facts);
    if ('outcome' in plan) return refuse(sender, message, dialect.name, plan);
    const remembered = remember(sender.id, decoded);
    faultPoint('message-planned');
    if (plan.appends.length === 0) return noOp(sender.id, plan.dropped, remembered);
    // A canonical message says no more than its events.
    if (dialect.name === 'canonical') {
      record(sender.id, plan, remembered, waiting);
      return undefined;
    }
    const { topic, payload } = message;
    const raw: RawMessage = { sender: sender.id, dialect: dialect.name, topic, payload, receivedAtMs };
    const events = plan.appends.flatMap((append) => append.events.map(({ id }) => id));
    record(sender.id, plan, remembered, keptRaw(rawMessages, raw, events, waiting));
    return undefined;
  };

  return (sender: RegisteredDevice, message: Message, dialect: Dialect | Refused, waiting: Waiting<Outcome>): void => {
    if ('outcome' in dialect) {
      tell(refuse(sender, message, null, dialect), waiting);
      return;
    }
    const decoded = judged(memory, sender, message, decodeMessage(parts, sender, dialect, message));
    const { answers } = decoded;
    // Nobody waits for the answer to an old message.
    const isAnswered = answers !== undefined && !message.replayed && !message.retainedReplay;
    const told = isAnswered ? withAnswers(answers, waiting) : waiting;
    const unrecorded = keep(sender, dialect, message, decoded, told);
    if (unrecorded !== undefined) tell(unrecorded, told);
  };
};

/** Tells when what the message means is durable. Fails when the log could not take it: the sender must send it again. */
type Take = (senderId: string, message: Message, waiting: Waiting<Outcome>) => void;

/** Both ways of taking a message in, out of the one without a promise. */
export const acceptingBy = (take: Take) => ({
  take,
  accept: (senderId: string, message: Message): Promise<Outcome> =>
    promised((waiting) => take(senderId, message, waiting)),
});

interface Counting {
  counts: ReturnType<typeof createCounts>;
  countMessage(...labels: string[]): void;
  metrics: Pick<Metrics, 'acknowledgeSeconds' | 'ingestFailures'>;
  clock: Clock;
}

/** Counts what becomes of a message. Holds none of it. */
class Counted implements Waiting<Outcome> {
  readonly #counting: Counting;
  readonly #sender: string;
  readonly #dialect: string;
  readonly #startedMs: number;
  readonly #waiting: Waiting<Outcome>;

  constructor(counting: Counting, sender: string, dialect: string, waiting: Waiting<Outcome>) {
    this.#counting = counting;
    this.#sender = sender;
    this.#dialect = dialect;
    this.#startedMs = counting.clock.now();
    this.#waiting = waiting;
  }

  done(outcome: Outcome): void {
    const { counts, metrics, countMessage, clock } = this.#counting;
    counts.add(this.#sender, outcome);
    metrics.acknowledgeSeconds.observe((clock.now() - this.#startedMs) / 1000);
    const reason = outcome.outcome === 'no-op' ? outcome.reason : outcome.outcome === 'refused' ? outcome.code : '';
    countMessage(outcome.outcome, reason, this.#dialect);
    this.#waiting.done(outcome);
  }

  failed(error: unknown): void {
    this.#counting.metrics.ingestFailures.inc();
    this.#waiting.failed(error);
  }
}

/** Takes in messages: decode, contract, log. `take` tells when what the message means is durable. */
export const createIngest = (parts: IngestParts) => {
  const { log, index, dialects, metrics, clock } = parts;
  const counting = { counts: createCounts(), countMessage: countByLabels(metrics.messages), metrics, clock };
  const heartbeats = createHeartbeats();
  const recorder = createRecorder(parts, heartbeats);
  const planParts: PlanParts = {
    index,
    levels: parts.levels,
    pending: new Map(),
    isHeartbeatDue: heartbeats.isDue,
  };
  const takeAs = createTaker(parts, planParts, recorder);
  const canonical = dialects.get('canonical')!;
  return {
    ...acceptingBy((senderId, message, waiting) => {
      const sender = index.device(senderId);
      if (sender === undefined) {
        waiting.failed(new Refusal('device.unknown', `no device ${senderId} is registered`));
        return;
      }
      if (sender.retiredAt !== null) {
        waiting.failed(new Refusal('device.retired', `the device ${senderId} was retired`));
        return;
      }
      const dialect = dialectOf(dialects, sender, message);
      const counted = new Counted(counting, senderId, 'outcome' in dialect ? '' : dialect.name, waiting);
      try {
        takeAs(sender, message, dialect, counted);
      } catch (error) {
        counted.failed(error);
      }
    }),
    ...createPresence({ log, clock, planParts, canonical, heartbeats, recorder }),
    counts: counting.counts.of,
  };
};

export type Ingest = ReturnType<typeof createIngest>;
