import type { RecordedEvent } from '../../../services/event-log/event.ts';
import type { Ledger, SaidMessage } from '../ledger.ts';
import {
  createNames,
  isBelievable,
  isItsInstant,
  matchEvents,
  namesAnybody,
  type Said,
  saidFacts,
  saysTheSame,
} from './identity.ts';

const presence: readonly string[] = ['device.connected', 'device.disconnected'];

/** Of the registry and of the hub itself; other checks look at them. */
const notOfDevices =
  /^(compound|work-order|fault|fault-policy|notice|matter|meeting|whistle|rating)\.|^device\.(registered|credential-issued)$/;

/** What must have become of a message: a canonical one with a time that can't be believed is refused as a whole. */
const fateOf = ({ dialect, facts, deliveriesMs, nonsense }: SaidMessage): { recorded: boolean; refused: boolean } => {
  if (nonsense) return { recorded: false, refused: true };
  if (dialect !== 'canonical') return { recorded: true, refused: false };
  const verdicts = deliveriesMs.map((heardMs) =>
    facts.every(({ statedAtMs }) => statedAtMs === undefined || isBelievable(statedAtMs, heardMs)),
  );
  return { recorded: verdicts.includes(true), refused: verdicts.includes(false) };
};

const nameOfFact = ({ device, fact, messages }: Said): string =>
  `${fact.type} of ${device}${fact.sourceId === undefined ? '' : ` (${fact.sourceId})`}, message ${messages[0]!.number}`;

/** A crash of the hub between two deliveries takes the memory by which a message without time and id is known again. */
const crashedBetween = ({ hub }: Ledger, deliveriesMs: readonly number[]): boolean =>
  hub.some(
    ({ what, atMs }) => what === 'crashed' && atMs >= Math.min(...deliveriesMs) && atMs <= Math.max(...deliveriesMs),
  );

const countComplaint = (said: Said, ledger: Ledger): string | undefined => {
  const { fact, messages, events } = said;
  if (presence.includes(fact.type) || (fact.type === 'device.seen' && fact.sourceId === undefined)) return undefined;
  const stored = events.length;
  if (fact.level === 'same') {
    return stored === 0 ? undefined : `${nameOfFact(said)}: the same state again became ${stored} events`;
  }
  const acknowledged = messages.filter(({ acknowledgement }) => acknowledgement !== undefined);
  const must = acknowledged.some((message) => !fateOf(message).refused);
  const may = messages.some((message) => fateOf(message).recorded);
  if (must && stored === 0) return `${nameOfFact(said)}: acknowledged and not in the log`;
  if (!may && stored > 0) return `${nameOfFact(said)}: had to be refused and is in the log`;
  if (stored <= 1) return undefined;
  const isNameless = fact.sourceId === undefined && fact.statedAtMs === undefined;
  const deliveries = messages.flatMap(({ deliveriesMs }) => deliveriesMs);
  if (isNameless && crashedBetween(ledger, deliveries)) return undefined;
  return `${nameOfFact(said)}: ${stored} times in the log`;
};

const contentComplaints = (said: Said): string[] =>
  said.events.flatMap((event) => {
    const about = `${nameOfFact(said)} at position ${event.position}`;
    const heardMs = Date.parse(event.meta.receivedAt);
    const isHeard = said.messages.some(({ deliveriesMs }) => deliveriesMs.includes(heardMs));
    return [
      ...(isHeard ? [] : [`${about}: received at ${event.meta.receivedAt}, when nothing of it was delivered`]),
      ...(saysTheSame(said.fact, event) ? [] : [`${about}: says ${JSON.stringify(event.data)}`]),
      ...(isItsInstant(said.fact, event) ? [] : [`${about}: stands at ${event.meta.occurredAt}`]),
      ...(namesAnybody(event) ? [`${about}: names a person`] : []),
    ];
  });

/** Within a stream, one sender's words stand in the order in which it said them. */
const orderComplaints = (facts: readonly Said[]): string[] => {
  const numbers = facts.flatMap(({ events, messages, fact }) =>
    fact.level === 'same' || messages.some((message) => fateOf(message).refused)
      ? []
      : events.map((event) => ({ event, number: messages[0]!.number, sender: messages[0]!.sender })),
  );
  numbers.sort((a, b) => Number(a.event.position) - Number(b.event.position));
  const newest = new Map<string, number>();
  return numbers.flatMap(({ event, number, sender }) => {
    const key = `${sender} ${event.stream}`;
    const before = newest.get(key) ?? -1;
    newest.set(key, Math.max(before, number));
    return number < before ? [`${event.stream}: message ${number} of ${sender} stands after message ${before}`] : [];
  });
};

/** A sign of life: the device, its gateway or somebody beneath it was heard, or a connection stood. */
const isLifeSign = (
  event: RecordedEvent,
  heard: ReadonlySet<string>,
  gatewayOf: ReadonlyMap<string, string>,
  open: Open,
) => {
  const device = event.meta.device!;
  const sender = gatewayOf.get(device) ?? device;
  const ms = Date.parse(event.meta.receivedAt);
  return heard.has(`${sender} ${ms}`) || open(device, ms);
};
type Open = (device: string, atMs: number) => boolean;

/** Whether the hub's end of a connection of that device stood, or had come or gone within the last minutes. */
const openConnections = ({ connections }: Ledger): Open => {
  const byDevice = new Map<string, { what: string; atMs: number }[]>();
  for (const note of connections) byDevice.set(note.device, [...(byDevice.get(note.device) ?? []), note]);
  const graceMs = 3 * 60_000;
  return (device, atMs) => {
    let standing = 0;
    for (const note of byDevice.get(device) ?? []) {
      if (note.atMs > atMs) break;
      if (atMs - note.atMs <= graceMs) return true;
      standing += note.what === 'opened' ? 1 : -1;
    }
    return standing > 0;
  };
};

const leftoverComplaints = (
  ledger: Ledger,
  left: readonly RecordedEvent[],
  nameOf: (said: string) => string,
): string[] => {
  const gatewayOf = new Map<string, string>();
  for (const { id, gateway } of ledger.devices) if (gateway !== undefined) gatewayOf.set(id, gateway);
  const heard = new Set<string>();
  const refused = new Set<string>();
  for (const message of ledger.messages) {
    for (const { device } of message.facts) {
      const id = nameOf(device);
      if (id !== message.sender) gatewayOf.set(id, message.sender);
    }
    for (const ms of message.deliveriesMs) {
      heard.add(`${message.sender} ${ms}`);
      if (fateOf(message).refused) refused.add(`${message.sender} ${message.topic} ${ms}`);
    }
  }
  const open = openConnections(ledger);
  return left.flatMap((event) => {
    const { type, meta, data } = event;
    const ms = Date.parse(meta.receivedAt);
    const isKnown =
      notOfDevices.test(type) ||
      (type === 'ingest.payload-refused' && refused.has(`${meta.device} ${(data as { topic: string }).topic} ${ms}`)) ||
      ((type === 'device.seen' || presence.includes(type)) && isLifeSign(event, heard, gatewayOf, open));
    return isKnown ? [] : [`position ${event.position}: ${type} of ${meta.device} was said by nobody`];
  });
};

/** Availability is a state: what follows is always another value, over all crashes. */
const presenceComplaints = (events: readonly RecordedEvent[]): string[] => {
  const newest = new Map<string, string>();
  return events.flatMap(({ meta, position, type }) => {
    if (meta.level?.channel !== 'availability' || meta.device === undefined) return [];
    const before = newest.get(meta.device);
    newest.set(meta.device, meta.level.value);
    return before === meta.level.value ? [`position ${position}: ${type} of ${meta.device} changes nothing`] : [];
  });
};

const refusalComplaints = (ledger: Ledger, events: readonly RecordedEvent[]): string[] => {
  const kept = new Map<string, number>();
  for (const { type, meta, data } of events) {
    if (type !== 'ingest.payload-refused') continue;
    const key = `${meta.device} ${(data as { topic: string }).topic} ${Date.parse(meta.receivedAt)}`;
    kept.set(key, (kept.get(key) ?? 0) + 1);
  }
  return ledger.messages.flatMap((message) => {
    const { recorded, refused } = fateOf(message);
    if (!refused || recorded || message.acknowledgement === undefined) return [];
    const found = message.deliveriesMs.some((ms) => kept.has(`${message.sender} ${message.topic} ${ms}`));
    return found ? [] : [`message ${message.number} of ${message.sender} was refused and not kept`];
  });
};

/** A receipt points to the newest event of the message that it acknowledges. */
const receiptComplaints = (ledger: Ledger, facts: readonly Said[], events: readonly RecordedEvent[]): string[] => {
  const own = new Map<SaidMessage, Set<string>>();
  for (const { messages, events: stored } of facts) {
    for (const message of messages) {
      const positions = own.get(message) ?? new Set();
      own.set(message, positions);
      for (const { position } of stored) positions.add(position);
    }
  }
  const byPosition = new Map(events.map((event) => [event.position, event]));
  return ledger.messages.flatMap((message) => {
    const { acknowledgement, deliveriesMs, number } = message;
    if (acknowledgement?.outcome === undefined) return [];
    const { outcome, receipt } = acknowledgement;
    const about = `message ${number} of ${message.sender}, acknowledged as ${outcome}`;
    if (outcome === 'no-op') return [];
    if (receipt === undefined) return [`${about}: no receipt`];
    const event = byPosition.get(receipt);
    if (event === undefined) return [`${about}: nothing stands at its receipt ${receipt}`];
    // A state that was the same became a sign of life, which no fact names.
    const isOwn = own.get(message)?.has(receipt) || deliveriesMs.includes(Date.parse(event.meta.receivedAt));
    return isOwn ? [] : [`${about}: its receipt ${receipt} is ${event.type} of ${event.meta.device}`];
  });
};

/** What devices said against what the log holds. */
export const auditMessages = (
  ledger: Ledger,
  events: readonly RecordedEvent[],
): { complaints: string[]; facts: Said[] } => {
  const nameOf = createNames(events);
  const facts = saidFacts(ledger, nameOf);
  const left = matchEvents(facts, events);
  const complaints = [
    ...facts.flatMap((said) => countComplaint(said, ledger) ?? []),
    ...facts.flatMap(contentComplaints),
    ...orderComplaints(facts),
    ...leftoverComplaints(ledger, left, nameOf),
    ...presenceComplaints(events),
    ...refusalComplaints(ledger, events),
    ...receiptComplaints(ledger, facts, events),
  ];
  return { complaints, facts };
};
