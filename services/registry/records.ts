import { randomUUID } from 'node:crypto';
import { eventOf, Refusal } from '../event-log/decider.ts';
import { compoundStream, type NewEvent } from '../event-log/event.ts';
import type { EventLog, ExpectedRevision } from '../event-log/event-log.ts';
import { compoundOrRefuse } from './commands.ts';
import type { RegistryIndex } from './registry-index.ts';

/** What a property company must show its residents. */
export const disclosedItems = ['contract', 'fee-items'] as const;
export type DisclosedItem = (typeof disclosedItems)[number];

/**
 * What people and the city's connector put on record of a compound: joint meetings (党建联席会议), whistles to the
 * street's departments (吹哨报到), reports to the city platform, what was published for the residents. Told after the fact, so each takes its own instant.
 */
export type RecordEvent =
  /** `matter`: entered by the ladder, from the matter where it was said. */
  | { type: 'meeting.planned'; data: { plannedFor: string; subject?: string; matter?: string } }
  | { type: 'meeting.held'; data: { minutes?: string; matter?: string } }
  | { type: 'whistle.blown'; data: { department: string; subject: string; dueAt: string; matter?: string } }
  | { type: 'whistle.answered'; data: { answer?: string; matter?: string } }
  | { type: 'platform.reported'; data: Record<string, never> }
  /** `until`: the end of the contract or price list that was published. */
  | { type: 'disclosure.published'; data: { item: DisclosedItem; where: string; until?: string } }
  | { type: 'disclosure.withdrawn'; data: { reason: string } };

export interface RecordParts {
  log: Pick<EventLog, 'append' | 'readStream'>;
  index: RegistryIndex;
}

export interface RecordMeta {
  compound: string;
  /** When it happened; not later than now. */
  occurredAt: string;
  now: string;
  actor: string;
}

const eventFrom = (fact: RecordEvent, { compound, occurredAt, now, actor }: RecordMeta): NewEvent => {
  if (occurredAt > now) {
    throw new Refusal('record.in-the-future', `${occurredAt} is still to come; record it once it has happened`, {
      field: 'at',
    });
  }
  const event = eventOf(randomUUID(), fact, { occurredAt, compound, actor });
  return { ...event, meta: { ...event.meta, receivedAt: now } };
};

const append = (parts: RecordParts, stream: string, expectedRevision: ExpectedRevision, event: NewEvent) => {
  compoundOrRefuse(parts.index, event.meta.compound!);
  return parts.log.append([{ stream, expectedRevision, events: [event] }]);
};

/** Opens a record with a stream of its own (`meeting-…`, `whistle-…`, `disclosure-…`). Answers its id. */
export const openRecord = async (
  parts: RecordParts,
  fact: RecordEvent & { type: 'meeting.planned' | 'whistle.blown' | 'disclosure.published' },
  meta: RecordMeta,
): Promise<string> => {
  const id = randomUUID();
  const kind = fact.type.split('.')[0]!;
  await append(parts, `${kind}-${id}`, 'no-stream', eventFrom(fact, meta));
  return id;
};

/** Completes a record. Refuses one that is not the compound's, or that was completed already. */
export const completeRecord = async (
  parts: RecordParts,
  id: string,
  fact: RecordEvent & { type: 'meeting.held' | 'whistle.answered' | 'disclosure.withdrawn' },
  meta: RecordMeta,
): Promise<void> => {
  const kind = fact.type.split('.')[0]!;
  const past = await parts.log.readStream(`${kind}-${id}`);
  if (past[0]?.meta.compound !== meta.compound) {
    throw new Refusal('record.unknown', `compound ${meta.compound} has no ${kind} ${id}`);
  }
  if (past.some((event) => event.type === fact.type)) {
    throw new Refusal('record.completed', `the ${kind} ${id} was recorded as done already`);
  }
  await append(parts, `${kind}-${id}`, past.at(-1)!.revision, eventFrom(fact, meta));
};

/** The city platform took the compound's report. */
export const recordPlatformReport = async (parts: RecordParts, meta: RecordMeta): Promise<void> => {
  const event = eventFrom({ type: 'platform.reported', data: {} }, meta);
  await append(parts, compoundStream(meta.compound), 'any', event);
};
