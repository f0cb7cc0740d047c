import { createHash } from 'node:crypto';
import { decodeChecked } from '../../devices/decode-checked.ts';
import type { Decoded, Dialect } from '../../devices/dialect.ts';
import { refused } from '../../devices/dialect.ts';
import { kinds } from '../../devices/kinds/registry.ts';
import { deviceStream, type NewEvent } from '../event-log/event.ts';
import type { EventLog, StreamAppend } from '../event-log/event-log.ts';
import type { RegisteredDevice, RegistryIndex } from '../registry/registry-index.ts';
import type { Clock } from '../runtime/clock.ts';
import { isoTime } from '../runtime/clock.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { type PayloadStore, payloadHash, refusalAppend, refusalEvent } from './dead-letters.ts';
import type { DialectMemory } from './dialect-memory.ts';
import type { Levels } from './levels.ts';
import { createCounts, type Outcome } from './outcome.ts';
import { type Origin, type Plan, type PlanParts, planFacts } from './plan.ts';
import { namesPerson, type Pseudonymizer, withPseudonym } from './pseudonym.ts';
import { dialectFor } from './route.ts';
import { stamp } from './stamp.ts';
import { createTurns } from './turns.ts';

/** Larger payloads are refused and kept; a face gate's record with two pictures stays below. */
export const payloadBytesMax = 4 * 1024 * 1024;
const silentAfterSecondsDefault = 15 * 60;
const recentMax = 10_000;

export interface Message {
  topic: string;
  payload: Uint8Array;
  retain: boolean;
  receivedAtMs: number;
  /** MQTT's DUP flag with its packet identifier: a redelivery of what may have been recorded. */
  duplicateOf?: number;
  packetId?: number;
  contentType?: string | undefined;
  userProperties?: Record<string, string | string[]> | undefined;
  /** A dead letter taken up again: old news, never an alarm. */
  replayed?: boolean;
}

export interface IngestParts {
  log: EventLog;
  index: RegistryIndex;
  dialects: ReadonlyMap<string, Dialect>;
  levels: Levels;
  pseudonymizer: Pseudonymizer;
  payloads: PayloadStore;
  memory: DialectMemory;
  metrics: Metrics;
  clock: Clock;
}

const silentAfterSeconds = new Map(kinds.map((kind) => [kind.kind, kind.silentAfterSeconds] as const));

/** Receive times of messages that name neither time nor id, so that a redelivery gets the first one's event id. */
const createRecent = () => {
  const receivedAt = new Map<string, number>();
  return (sender: string, message: Message, contentHash: string): number => {
    if (message.packetId === undefined) return message.receivedAtMs;
    const key = `${sender}|${message.packetId}|${contentHash}`;
    const before = message.duplicateOf === undefined ? undefined : receivedAt.get(key);
    if (before !== undefined) return before;
    receivedAt.set(key, message.receivedAtMs);
    if (receivedAt.size > recentMax) receivedAt.delete(receivedAt.keys().next().value!);
    return message.receivedAtMs;
  };
};

/** Sign-of-life bookkeeping: a third of the kind's silence, so that two may get lost before a device seems silent. */
const createHeartbeats = () => {
  const recordedAtMs = new Map<string, number>();
  return {
    isDue: (device: RegisteredDevice, nowMs: number): boolean => {
      const everySeconds = (silentAfterSeconds.get(device.kind) ?? silentAfterSecondsDefault) / 3;
      return nowMs - (recordedAtMs.get(device.id) ?? 0) >= everySeconds * 1000;
    },
    recorded: (device: string, atMs: number): void => void recordedAtMs.set(device, atMs),
  };
};

/** Takes in messages: decode, contract, log. `accept` resolves when what the message means is durable. */
export const createIngest = (parts: IngestParts) => {
  const { log, index, dialects, metrics, clock } = parts;
  const counts = createCounts();
  const firstReceived = createRecent();
  const heartbeats = createHeartbeats();
  const inTurn = createTurns();
  const planParts: PlanParts = {
    index,
    levels: parts.levels,
    pending: new Map(),
    isHeartbeatDue: heartbeats.isDue,
  };

  const remember = (sender: string, { remember: entries }: Extract<Decoded, { outcome: 'facts' | 'no-op' }>) =>
    entries === undefined ? undefined : parts.memory.remember(sender, entries);

  const keyMonth = (event: NewEvent): [compound: string, month: string] => [
    event.meta.compound!,
    event.meta.occurredAt.slice(0, 7),
  ];

  /** Replaces whoever is named in the events, with keys that `prepare` has loaded. */
  const pseudonymize = (appends: StreamAppend[]): void => {
    for (const event of appends.flatMap(({ events }) => events)) {
      const data = event.data as Record<string, unknown>;
      if (namesPerson(data)) event.data = withPseudonym(data, parts.pseudonymizer.key(...keyMonth(event))!);
    }
  };

  /** What must be stored or loaded before the append; `undefined`, as for nearly all messages, when nothing must. */
  const preparation = (plan: Plan, store: (() => Promise<void>) | undefined): (() => Promise<void>) | undefined => {
    const months = plan.appends
      .flatMap(({ events }) => events)
      .filter((event) => namesPerson(event.data as Record<string, unknown>))
      .map(keyMonth)
      .filter((month) => parts.pseudonymizer.key(...month) === undefined);
    if (months.length === 0 && store === undefined) return undefined;
    return async () => {
      await store?.();
      for (const month of months) await parts.pseudonymizer.load(...month);
    };
  };

  const record = async (sender: string, plan: Plan, store?: () => Promise<void>): Promise<Outcome> => {
    try {
      const { position, stored } = await inTurn(sender, preparation(plan, store), () => {
        pseudonymize(plan.appends);
        return log.append(plan.appends);
      });
      for (const { events } of plan.appends) {
        for (const event of events) {
          metrics.events.inc({ type: event.type });
          heartbeats.recorded(event.meta.device!, Date.parse(event.meta.receivedAt));
        }
      }
      return { outcome: 'recorded', position, stored };
    } catch (error) {
      plan.undo();
      throw error;
    }
  };

  const refuse = async (
    sender: RegisteredDevice,
    message: Message,
    dialect: string | null,
    refusal: Extract<Decoded, { outcome: 'refused' }>,
  ): Promise<Outcome> => {
    const { code, reason, field } = refusal;
    const event = refusalEvent({
      device: sender.id,
      compound: sender.compound,
      topic: message.topic,
      payload: message.payload,
      retain: message.retain,
      receivedAtMs: message.receivedAtMs,
      dialect,
      code,
      reason,
      field,
      contentType: message.contentType,
      userProperties: message.userProperties,
    });
    // A dead letter that is refused again stays the dead letter it is.
    if (!message.replayed) {
      await parts.payloads.put(payloadHash(message.payload), message.payload);
      await log.append([refusalAppend(event)]);
    }
    return { outcome: 'refused', code, reason, ...(field === undefined ? {} : { field }), deadLetter: event.id };
  };

  const take = async (sender: RegisteredDevice, message: Message): Promise<Outcome & { dialect?: string }> => {
    if (message.payload.byteLength > payloadBytesMax) {
      const reason = `The payload has ${message.payload.byteLength} bytes; at most ${payloadBytesMax} are taken. Send pictures smaller or not at all.`;
      return refuse(sender, message, null, refused('payload-too-large', reason) as never);
    }
    const dialect = dialectFor(dialects, sender, message.topic);
    if ('outcome' in dialect) return refuse(sender, message, null, dialect);
    const named = { dialect: dialect.name };
    const compound = message.topic.split('/')[2]!;
    if (dialect.name === 'canonical' && compound !== sender.compound) {
      const reason = `The credential ${sender.id} is of compound ${sender.compound}, the topic names ${compound}.`;
      return {
        ...named,
        ...(await refuse(sender, message, dialect.name, refused('not-your-address', reason) as never)),
      };
    }
    const timeZone = index.compound(sender.compound)?.timeZone ?? 'Asia/Shanghai';
    const decoded = decodeChecked(
      dialect,
      {
        topic: message.topic,
        payload: message.payload,
        retain: message.retain,
        timeZone,
        ...(message.contentType === undefined ? {} : { contentType: message.contentType }),
        ...(message.userProperties === undefined ? {} : { userProperties: message.userProperties }),
      },
      (key) => parts.memory.recall(sender.id, key),
    );
    if (decoded.outcome === 'refused') return { ...named, ...(await refuse(sender, message, dialect.name, decoded)) };
    if (decoded.outcome === 'no-op') {
      await remember(sender.id, decoded)?.();
      return { ...named, outcome: 'no-op', reason: decoded.reason };
    }
    const contentHash = createHash('sha256')
      .update(message.topic)
      .update('\0')
      .update(message.payload)
      .digest('base64');
    const receivedAtMs = firstReceived(sender.id, message, contentHash);
    const origin: Origin = { sender, dialect, receivedAtMs, contentHash, replayed: message.replayed === true };
    const plan = planFacts(planParts, origin, decoded.facts);
    if ('outcome' in plan) return { ...named, ...(await refuse(sender, message, dialect.name, plan)) };
    const store = remember(sender.id, decoded);
    if (plan.appends.length === 0) {
      await store?.();
      return { ...named, outcome: 'no-op', reason: plan.dropped };
    }
    return { ...named, ...(await record(sender.id, plan, store)) };
  };

  return {
    /** Rejects when the log could not take it: the outcome is unknown, and the sender must send it again. */
    async accept(senderId: string, message: Message): Promise<Outcome> {
      const sender = index.device(senderId);
      if (sender === undefined || sender.retiredAt !== null) throw new Error(`no device ${senderId} is registered`);
      const startedMs = clock.now();
      const { dialect, ...outcome } = await take(sender, message);
      counts.add(senderId, outcome);
      metrics.acknowledgeSeconds.observe((clock.now() - startedMs) / 1000);
      metrics.messages.inc({
        outcome: outcome.outcome,
        reason: outcome.outcome === 'no-op' ? outcome.reason : outcome.outcome === 'refused' ? outcome.code : '',
        dialect: dialect ?? '',
      });
      return outcome as Outcome;
    },
    /** The device's own MQTT connection came or went, by our clock. */
    async connection(
      senderId: string,
      state: 'online' | 'offline',
      reason: string | undefined,
      atMs: number,
    ): Promise<void> {
      const sender = index.device(senderId);
      if (sender === undefined || sender.retiredAt !== null) return;
      const value = reason === 'goodbye' ? 'goodbye' : state;
      const origin: Origin = {
        sender,
        dialect: dialects.get('canonical')!,
        receivedAtMs: atMs,
        contentHash: `connection|${value}`,
        replayed: false,
      };
      const fact = {
        type: state === 'online' ? 'device.connected' : 'device.disconnected',
        data: reason === undefined ? {} : { reason },
        level: { channel: 'availability', value },
        time: { at: isoTime(atMs), clock: 'trusted' as const },
      };
      const plan = planFacts({ ...planParts, isHeartbeatDue: () => false }, origin, [fact]);
      if (!('outcome' in plan) && plan.appends.length > 0) await record(sender.id, plan);
    },
    /**
     * The connections of these devices stand, which their keepalive proves [MQTT-3.1.2-22]: a gate that nobody passes at
     * night is not silent. One `device.seen` for each that has not been heard for a while.
     */
    async stillConnected(deviceIds: Iterable<string>): Promise<void> {
      const atMs = clock.now();
      const appends = [...deviceIds].flatMap((id): StreamAppend[] => {
        const device = index.device(id);
        if (device === undefined || device.retiredAt !== null || !heartbeats.isDue(device, atMs)) return [];
        return [{ stream: deviceStream(id), expectedRevision: 'any', events: [lifeSignOf(device, atMs)] }];
      });
      if (appends.length === 0) return;
      await log.append(appends);
      for (const { events } of appends) heartbeats.recorded(events[0]!.meta.device!, atMs);
    },
    counts: counts.of,
  };
};

const lifeSignOf = (device: RegisteredDevice, atMs: number): NewEvent =>
  stamp(
    { type: 'device.seen', data: {} },
    { occurredAt: isoTime(atMs), clock: 'trusted' },
    {
      device: device.id,
      compound: device.compound,
      dialect: device.dialect,
      receivedAtMs: atMs,
      contentHash: 'still-connected',
      index: 0,
    },
  );

export type Ingest = ReturnType<typeof createIngest>;
