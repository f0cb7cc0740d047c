import type { DeviceFact } from '../../devices/dialect.ts';
import type { ClockQuality, EventMeta, NewEvent } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import { isoTime } from '../runtime/clock.ts';

/** Before the hub's own time: a device that says so has lost its clock. */
const earliestMs = Date.UTC(2020, 0, 1);
const aheadMs = 5 * 60_000;

export interface Times {
  occurredAt: string;
  clock: ClockQuality;
}

let parsedText = '';
let parsedMs = Number.NaN;

/** A fact's instant is asked for at every step of its way, one fact after the other. */
const msOf = (at: string): number => {
  if (at !== parsedText) [parsedText, parsedMs] = [at, Date.parse(at)];
  return parsedMs;
};

/** Whether a device's instant can be meant: from 2020 on, and at most five minutes ahead of ours. */
export const isBelievable = (at: string, receivedAtMs: number): boolean => {
  const ms = msOf(at);
  return ms >= earliestMs && ms <= receivedAtMs + aheadMs;
};

/** The device's own time where it is believed, else our receive time, said to be untrusted. */
export const timesOf = (fact: Pick<DeviceFact, 'time'>, receivedAtMs: number): Times =>
  fact.time !== undefined && isBelievable(fact.time.at, receivedAtMs)
    ? { occurredAt: fact.time.at, clock: fact.time.clock }
    : { occurredAt: isoTime(receivedAtMs), clock: 'untrusted' };

export interface StampContext {
  device: string;
  compound: string;
  dialect: string;
  receivedAtMs: number;
  /** Hash of topic and payload, for facts without an id of their own. */
  contentHash: string;
  /** Place of the fact in its message. */
  index: number;
  replayed?: boolean;
}

const dayMs = 86_400_000;

/** An id that is unique needs no time beside it; a counter is told from its next round by the day. */
const idPeriodMs = ({ sourceIdRestarts }: DeviceFact, receivedAtMs: number): number =>
  sourceIdRestarts ? receivedAtMs - (receivedAtMs % dayMs) : 0;

/**
 * The event of a fact. The id depends on the message alone, so that a redelivered message is the same event: the
 * sender's id or the content, and the device's instant; our receive time only where the message has neither.
 */
export const stamp = (fact: DeviceFact, times: Times, context: StampContext): NewEvent => {
  const { device, compound, dialect, receivedAtMs, contentHash, index } = context;
  const ownMs = fact.time === undefined ? undefined : Math.max(0, msOf(fact.time.at));
  // A canonical event brings its id with it into whatever batch it is sent again; a dialect's id is of the message.
  const place = fact.sourceId !== undefined && dialect === 'canonical' ? '' : `#${index}`;
  const source = fact.sourceId === undefined ? `${contentHash}${place}` : `${fact.type}:${fact.sourceId}${place}`;
  const { occurredAt, clock } = times;
  const receivedAt = isoTime(receivedAtMs);
  const meta: EventMeta = { schemaVersion: 1, occurredAt, clock, receivedAt, compound, device, dialect };
  if (fact.sourceId !== undefined) meta.sourceId = fact.sourceId;
  if (fact.replayed || context.replayed) meta.replayed = true;
  if (fact.level !== undefined) meta.level = { channel: fact.level.channel, value: fact.level.value };
  const occurredAtMs = ownMs ?? (fact.sourceId === undefined ? receivedAtMs : idPeriodMs(fact, receivedAtMs));
  return { id: eventId({ occurredAtMs, device, source }), type: fact.type, data: fact.data, meta };
};
