import type { DeviceFact, Dialect } from '../../devices/dialect.ts';
import { beyondRange, modelOf } from '../../devices/model.ts';
import type { NewEvent } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { StreamAppend } from '../event-log/event-log.ts';
import type { RegisteredDevice, RegistryIndex } from '../registry/registry-index.ts';
import { isoTime } from '../runtime/clock.ts';
import type { Levels } from './levels.ts';
import { deviceOf, type Refused, refusal } from './route.ts';
import { isBelievable, stamp, timesOf } from './stamp.ts';
import { appendsOf } from './stream-of.ts';

export interface PlanParts {
  index: RegistryIndex;
  levels: Levels;
  /** Devices whose adoption is on its way to the log. */
  pending: Map<string, RegisteredDevice>;
  /** Whether a device's sign of life is worth an event; the ones in between are not kept. */
  isHeartbeatDue(device: RegisteredDevice, nowMs: number): boolean;
}

export interface Origin {
  sender: RegisteredDevice;
  dialect: Dialect;
  receivedAtMs: number;
  contentHash: string;
  replayed: boolean;
  /** Sent again by a broker that kept it: only a state that differs is news. */
  retainedReplay?: boolean;
}

export interface Plan {
  appends: StreamAppend[];
  /** Why nothing is appended, when nothing is. */
  dropped: string;
  undo(): void;
}

const adoption = ({ registeredAt, retiredAt: _, ...device }: RegisteredDevice, origin: Origin): NewEvent => ({
  id: eventId({ occurredAtMs: 0, device: device.id, source: `adopted|${origin.sender.id}` }),
  type: 'device.registered',
  data: device,
  meta: {
    schemaVersion: 1,
    occurredAt: registeredAt,
    receivedAt: registeredAt,
    clock: 'trusted',
    compound: device.compound,
    device: device.id,
    actor: `device:${origin.sender.id}`,
  },
});

const lifeSign = (fact: DeviceFact): DeviceFact => ({
  type: 'device.seen',
  data: {},
  ...(fact.time === undefined ? {} : { time: fact.time }),
});

const takeBack = ({ pending }: PlanParts, undos: (() => void)[], adopted: RegisteredDevice[]): void => {
  for (const step of undos) step();
  for (const device of adopted) pending.delete(device.id);
};

const nothing = (): void => undefined;

/** Nearly no plan has anything to take back, and what waits for its commit is to be small. */
const undoOf = (parts: PlanParts, undos: (() => void)[], adopted: RegisteredDevice[]): (() => void) =>
  undos.length === 0 && adopted.length === 0 ? nothing : () => takeBack(parts, undos, adopted);

const isSpokenOf = (planned: readonly NewEvent[], device: string): boolean =>
  planned.some(({ meta }) => meta.device === device);

const withoutLevel = ({ level: _, ...fact }: DeviceFact): DeviceFact => fact;

/** A value that its model can't measure is as much nonsense as one that nothing could. */
const beyondModel = (id: string, { data }: DeviceFact): Refused | undefined => {
  const model = modelOf(id);
  const beyond = model && beyondRange(model, data.values);
  if (beyond === undefined) return undefined;
  const { quantity, value, min, max } = beyond;
  return refusal(
    'contract-violated',
    `${quantity} is ${value}; a ${id} measures ${min} to ${max}`,
    `data.values.${quantity}`,
  );
};

/**
 * What a message's facts mean for the log: whose they are, when they happened, and which of them are news. Decides at
 * once and without I/O, so that messages of one connection are judged in the order in which they came.
 */
export const planFacts = (parts: PlanParts, origin: Origin, facts: DeviceFact[]): Plan | Refused => {
  const { index, levels, pending } = parts;
  const { sender, dialect, receivedAtMs, contentHash, replayed } = origin;
  const planned: NewEvent[] = [];
  const undos: (() => void)[] = [];
  const adopted: RegisteredDevice[] = [];
  let dropped = 'nothing-said';
  let before: { externalId: string | undefined; device: RegisteredDevice } | undefined;

  for (const [position, fact] of facts.entries()) {
    if (dialect.name === 'canonical' && fact.time !== undefined && !isBelievable(fact.time.at, receivedAtMs)) {
      takeBack(parts, undos, adopted);
      return refusal(
        'time-out-of-range',
        `time ${fact.time.at} is before 2020 or more than 5 minutes ahead of the hub's ${isoTime(receivedAtMs)}; set the device's clock, or leave time out.`,
        'time',
      );
    }
    if (origin.retainedReplay && fact.level === undefined) {
      dropped = 'retained-replay';
      continue;
    }
    // Facts of one message are nearly always of one device.
    const resolved =
      before !== undefined && before.externalId === fact.externalId
        ? { device: before.device, adopted: false }
        : deviceOf(index, pending, sender, fact, dialect, isoTime(receivedAtMs));
    if ('outcome' in resolved) {
      takeBack(parts, undos, adopted);
      return resolved;
    }
    const { device } = resolved;
    before = { externalId: fact.externalId, device };
    const beyond = device.model === undefined ? undefined : beyondModel(device.model, fact);
    if (beyond !== undefined) {
      takeBack(parts, undos, adopted);
      return beyond;
    }
    if (resolved.adopted) {
      // They reach the index in about the order of their adoption.
      for (const id of pending.keys()) {
        if (index.device(id) === undefined) break;
        pending.delete(id);
      }
      adopted.push(device);
      pending.set(device.id, device);
      planned.push(adoption(device, origin));
    }
    const times = timesOf(fact, receivedAtMs);
    const context = {
      device: device.id,
      compound: device.compound,
      dialect: dialect.name,
      receivedAtMs,
      contentHash,
      index: position,
      replayed,
    };
    const change = fact.level === undefined ? undefined : levels.propose(device.id, fact.level, times.occurredAt);
    if (change !== undefined) undos.push(change.undo);
    const isLifeSign = change?.change === 'none' || (fact.type === 'device.seen' && dialect.name !== 'canonical');
    if (origin.retainedReplay && change?.change !== 'edge') {
      dropped = 'retained-replay';
    } else if (isLifeSign && (isSpokenOf(planned, device.id) || !parts.isHeartbeatDue(device, receivedAtMs))) {
      dropped = change?.change === 'none' ? 'unchanged' : 'heartbeat';
    } else if (change?.change === 'none') {
      // Of another stream than what it repeats, so of another id: some logs know an id by its stream only.
      planned.push(stamp(lifeSign(fact), times, { ...context, contentHash: `seen|${contentHash}` }));
    } else {
      const said = change?.change === 'late' ? withoutLevel(fact) : fact;
      planned.push(stamp(said, times, context));
    }
  }
  return { appends: appendsOf(planned), dropped, undo: undoOf(parts, undos, adopted) };
};
