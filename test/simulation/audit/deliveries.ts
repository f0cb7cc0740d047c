import type { RecordedEvent } from '../../../services/event-log/event.ts';
import type { Sql } from '../../../services/runtime/sql.ts';
import type { DeliveryNote, Ledger, TargetNote } from '../ledger.ts';

/** So often a target says of an event that it doesn't want it, before it becomes a dead letter. */
const refusalsMax = 3;

const isFor = ({ compounds, types }: TargetNote, { type, meta }: RecordedEvent): boolean =>
  (compounds.length === 0 || compounds.includes(meta.compound ?? '')) &&
  types.some((pattern) => (pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern));

interface Court {
  ledger: Ledger;
  target: TargetNote;
  /** At its door, by event. */
  tries: Map<string, DeliveryNote[]>;
  dead: ReadonlySet<string>;
}

/** Again only for a reason: no answer, a refusal, or a hub that died before it could write the answer down. */
const repeatComplaint = ({ ledger, target, tries }: Court, event: RecordedEvent): string | undefined => {
  const answered = (tries.get(event.id) ?? []).filter(({ answer }) => answer === 'yes');
  const isExcused = answered
    .slice(1)
    .every((again, index) =>
      ledger.hub.some(({ what, atMs }) => what === 'crashed' && atMs >= answered[index]!.sentMs && atMs <= again.atMs),
    );
  return isExcused ? undefined : `${target.id} was told ${event.id} again after it had said yes`;
};

const fateComplaints = (court: Court, event: RecordedEvent): string[] => {
  const { target, tries, dead } = court;
  const own = tries.get(event.id) ?? [];
  const about = `${event.type} at position ${event.position}`;
  const isTaken = own.some(({ answer }) => answer === 'yes');
  const refusals = own.filter(({ answer }) => answer === 'never-this-one').length;
  const again = repeatComplaint(court, event);
  return [
    ...(isTaken || dead.has(event.id) ? [] : [`${target.id} never got ${about}`]),
    ...(dead.has(event.id) && refusals < refusalsMax
      ? [`${target.id} was spared ${about} after ${refusals} refusals`]
      : []),
    ...(again === undefined ? [] : [again]),
  ];
};

/** First tries stand in the log's order; what was a dead letter comes later. */
const orderComplaints = ({ target, tries }: Court, own: readonly RecordedEvent[]): string[] => {
  let newestMs = 0;
  return own.flatMap(({ id, position }) => {
    const [first] = tries.get(id) ?? [];
    if (first === undefined) return [];
    const isOut = first.atMs < newestMs;
    newestMs = Math.max(newestMs, first.atMs);
    return isOut ? [`${target.id} heard of position ${position} before one that stands before it`] : [];
  });
};

/** Nothing is lost, each target hears in order, and nobody hears what isn't theirs. */
export const auditDeliveries = async (ledger: Ledger, events: readonly RecordedEvent[], sql: Sql) => {
  const { rows } = await sql.query<{ target: string; event: string }>(
    `SELECT target, event_id AS event FROM hub.outbound_dead_letter WHERE state <> 'delivered'`,
  );
  const byId = new Map(events.map((event) => [event.id, event]));
  const complaints = ledger.targets.flatMap((target) => {
    const tries = new Map<string, DeliveryNote[]>();
    const strangers: string[] = [];
    for (const note of ledger.deliveries) {
      if (note.target !== target.id) continue;
      tries.set(note.event, [...(tries.get(note.event) ?? []), note]);
      const event = byId.get(note.event);
      if (event === undefined || !isFor(target, event))
        strangers.push(`${target.id} was told ${note.event}, not its own`);
    }
    const dead = new Set(rows.filter((row) => row.target === target.id).map(({ event }) => event));
    const own = events.filter((event) => event.type.startsWith('work-order.') && isFor(target, event));
    const court = { ledger, target, tries, dead };
    return [...strangers, ...own.flatMap((event) => fateComplaints(court, event)), ...orderComplaints(court, own)];
  });
  const tried = ledger.deliveries.length;
  return { complaints, tried, taken: ledger.deliveries.filter(({ answer }) => answer === 'yes').length };
};
