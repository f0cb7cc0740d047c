import type { RecordedEvent } from '../../event-log/event.ts';
import type { EventLog } from '../../event-log/event-log.ts';
import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import { firstTakenIn } from './first-taken-in.ts';
import { keptTypes } from './fold.ts';
import type { Beneath } from './measures/contribution.ts';

export interface EventsPage {
  events: RecordedEvent[];
  /** Where to go on, also after a page without events: a long stream is looked through piece by piece. */
  next: string | null;
}

export interface EventsRequest {
  limit: number;
  cursor?: string | undefined;
  /** Only what was taken in by then. */
  knownAtMs?: number | undefined;
}

/** Index of the stream, and the revision in it that comes next; none while the stream hasn't been opened. */
export const eventsCursor = /^\d{1,6}\.\d{0,9}$/;

type Log = Pick<EventLog, 'readStream'>;

const registerTypes: readonly string[] = [
  'compound.registered',
  'compound.changed',
  'device.registered',
  'device.changed',
  'device.retired',
];

const isOfType = (type: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => (pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type));

/** Whether an event is one of those beneath; what happened at the very end of the window is in it. */
const isBeneath = (event: RecordedEvent, { types, fromMs, toMs }: Beneath, knownAtMs: number): boolean => {
  const occurredMs = Date.parse(event.meta.occurredAt);
  return (
    isOfType(event.type, types) &&
    occurredMs <= toMs &&
    (fromMs === null || occurredMs >= fromMs) &&
    Date.parse(event.meta.receivedAt) <= knownAtMs
  );
};

/** A device's clock may run a little ahead of ours, so what happened in the window may have come in before it. */
const aheadMs = 86_400_000;

const readAtOnce = 500;
/** A page looks at no more events than this, however few of them it finds. */
const lookedAtMax = 5_000;
/** What it costs to open a stream and to find the place in it. */
const openingCosts = 100;

const scan = async (
  log: Log,
  beneath: Beneath,
  place: { stream: number; revision: number | null },
  { limit, knownAtMs }: { limit: number; knownAtMs: number },
): Promise<EventsPage> => {
  const events: RecordedEvent[] = [];
  let lookedAt = 0;
  let { stream, revision } = place;
  for (; stream < beneath.streams.length; stream += 1, revision = null) {
    if (lookedAt >= lookedAtMax) return { events, next: `${stream}.` };
    lookedAt += openingCosts;
    const name = beneath.streams[stream]!;
    revision ??= beneath.fromMs === null ? 0 : await firstTakenIn(log, name, beneath.fromMs - aheadMs);
    for (;;) {
      const batch = await log.readStream(name, { fromRevision: revision, maxCount: readAtOnce });
      for (const event of batch) {
        revision = event.revision + 1;
        if (isBeneath(event, beneath, knownAtMs)) events.push(event);
        if (events.length === limit) return { events, next: `${stream}.${revision}` };
      }
      if (batch.length < readAtOnce) break;
      lookedAt += batch.length;
      if (lookedAt >= lookedAtMax) return { events, next: `${stream}.${revision}` };
    }
  }
  return { events, next: null };
};

/** What the read model knows by place: words of the register and facts that were kept. */
const placesOf = async (sql: Sql, { streams, types, fromMs, toMs }: Beneath) => {
  const { rows } = await sql.query<{ stream: string; revision: number }>(
    `SELECT stream, revision FROM hub.rating_register
     WHERE stream = ANY($1) AND type = ANY($2) AND at <= $4 AND ($3::timestamptz IS NULL OR at >= $3)
     UNION
     SELECT stream, revision FROM hub.rating_fact
     WHERE stream = ANY($1) AND type = ANY($2) AND at <= $4 AND ($3::timestamptz IS NULL OR at >= $3)
     ORDER BY stream, revision`,
    [streams, types, fromMs === null ? null : isoTime(fromMs), isoTime(toMs)],
  );
  return rows;
};

const lookUp = async (
  { sql, log }: { sql: Sql; log: Log },
  beneath: Beneath,
  skip: number,
  { limit, knownAtMs }: { limit: number; knownAtMs: number },
): Promise<EventsPage> => {
  const places = await placesOf(sql, beneath);
  const events: RecordedEvent[] = [];
  let place = skip;
  for (; place < places.length && events.length < limit; place += 1) {
    const { stream, revision } = places[place]!;
    const [event] = await log.readStream(stream, { fromRevision: revision, maxCount: 1 });
    if (event?.revision === revision && Date.parse(event.meta.receivedAt) <= knownAtMs) events.push(event);
  }
  return { events, next: place < places.length ? `0.${place}` : null };
};

/**
 * The events beneath a contribution, in the order in which their streams took them in: what came late stands late.
 * Telemetry that has expired is gone, and so is not among them.
 */
export const eventsBeneath = async (
  parts: { sql: Sql; log: Log },
  beneath: Beneath,
  { limit, cursor, knownAtMs = Number.POSITIVE_INFINITY }: EventsRequest,
): Promise<EventsPage> => {
  const [first = '0', second = ''] = cursor?.split('.') ?? [];
  const known = beneath.types.every((type) => registerTypes.includes(type) || keptTypes.includes(type));
  return known
    ? lookUp(parts, beneath, Number(second), { limit, knownAtMs })
    : scan(
        parts.log,
        beneath,
        { stream: Number(first), revision: second === '' ? null : Number(second) },
        { limit, knownAtMs },
      );
};
