import type { RecordedEvent } from '../../../services/event-log/event.ts';
import type { Ledger, SaidFact, SaidMessage } from '../ledger.ts';

/** One thing that a device said, in however many messages. */
export interface Said {
  fact: SaidFact;
  /** The hub's id of the device. */
  device: string;
  /** In the order in which they were said. */
  messages: SaidMessage[];
  events: RecordedEvent[];
}

const earliestMs = Date.UTC(2020, 0, 1);
const aheadMs = 5 * 60_000;

/** The rule that integrators are told: from 2020 on, at most five minutes ahead of the hub. */
export const isBelievable = (statedMs: number, heardMs: number): boolean =>
  statedMs >= earliestMs && statedMs <= heardMs + aheadMs;

/** Ids that the hub gave to devices which nobody registered, from its own word of it. */
export const createNames = (events: readonly RecordedEvent[]) => {
  const adopted = new Map<string, string>();
  for (const { type, data } of events) {
    if (type !== 'device.registered') continue;
    const { id, gateway, externalId } = data as { id: string; gateway?: string; externalId?: string };
    if (gateway !== undefined) adopted.set(`${gateway}/${externalId}`, id);
  }
  return (said: string): string => adopted.get(said) ?? said;
};

const keyOf = (device: string, { type, sourceId, statedAtMs, data }: SaidFact, number: number): string => {
  if (sourceId !== undefined) return `${device} ${type} ${sourceId}`;
  // Neither an id nor a time: each message is its own.
  return statedAtMs === undefined
    ? `${device} ${type} ${number}`
    : `${device} ${type} ${statedAtMs} ${JSON.stringify(data)}`;
};

/** All facts of the ledger, each once, with the messages that carried it. */
export const saidFacts = (ledger: Ledger, nameOf: (said: string) => string): Said[] => {
  const byKey = new Map<string, Said>();
  for (const message of ledger.messages) {
    for (const fact of message.facts) {
      const device = nameOf(fact.device);
      const key = keyOf(device, fact, message.number);
      const said = byKey.get(key);
      if (said === undefined) byKey.set(key, { fact, device, messages: [message], events: [] });
      else said.messages.push(message);
    }
  }
  return [...byKey.values()];
};

/** A person's name is stored as a pseudonym: for comparing, both sides lose it. */
const withoutPerson = (data: Record<string, unknown>): Record<string, unknown> => {
  const { credential, ...rest } = data;
  if (typeof credential !== 'object' || credential === null) return rest;
  const { reference: _, ...how } = credential as Record<string, unknown>;
  return { ...rest, credential: how };
};

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
};

/** Whether the event says what was said: every field of the fact, person apart. */
export const saysTheSame = (fact: SaidFact, event: RecordedEvent): boolean => {
  const stored = withoutPerson(event.data as Record<string, unknown>);
  return Object.entries(withoutPerson(fact.data)).every(
    ([field, value]) => JSON.stringify(sorted(stored[field])) === JSON.stringify(sorted(value)),
  );
};

/** Somebody's reference as plain text in the log. */
export const namesAnybody = ({ data }: RecordedEvent): boolean => {
  const { credential } = (data ?? {}) as { credential?: string | { reference?: string } };
  const reference = typeof credential === 'string' ? credential : credential?.reference;
  return reference !== undefined && !/^p-[0-9a-f]{20}$/.test(reference);
};

/** Finds for each event of a device what was said; events that nobody said are left over. */
export const matchEvents = (facts: readonly Said[], events: readonly RecordedEvent[]): RecordedEvent[] => {
  const bySource = new Map<string, Said>();
  const byInstant = new Map<string, Said[]>();
  const add = (key: string, said: Said): void => {
    const known = byInstant.get(key);
    if (known === undefined) byInstant.set(key, [said]);
    else if (!known.includes(said)) known.push(said);
  };
  for (const said of facts) {
    const { fact, device, messages } = said;
    if (fact.sourceId !== undefined) bySource.set(`${device} ${fact.type} ${fact.sourceId}`, said);
    else
      for (const ms of messages.flatMap(({ deliveriesMs }) => deliveriesMs)) add(`${device} ${fact.type} ${ms}`, said);
  }
  return events.filter((event) => {
    const { device, sourceId, receivedAt } = event.meta;
    if (sourceId !== undefined) {
      const said = bySource.get(`${device} ${event.type} ${sourceId}`);
      said?.events.push(event);
      return said === undefined;
    }
    const candidates = (byInstant.get(`${device} ${event.type} ${Date.parse(receivedAt)}`) ?? []).filter(
      (one) => saysTheSame(one.fact, event) && isItsInstant(one.fact, event),
    );
    // A backlog whose clock is not believed comes in at one instant: the event is then of the report that changed the state.
    const said =
      candidates.find(({ events: own, fact }) => own.length === 0 && fact.level !== 'same') ??
      candidates.find(({ events: own }) => own.length === 0) ??
      candidates[0];
    said?.events.push(event);
    return said === undefined;
  });
};

/** The event stands at the device's own instant, where that can be believed; else at the hub's. */
export const isItsInstant = ({ statedAtMs }: SaidFact, { meta }: RecordedEvent): boolean => {
  const heardMs = Date.parse(meta.receivedAt);
  const isBelieved = statedAtMs !== undefined && isBelievable(statedAtMs, heardMs);
  return (
    Date.parse(meta.occurredAt) === (isBelieved ? statedAtMs : heardMs) && (meta.clock === 'untrusted') === !isBelieved
  );
};
