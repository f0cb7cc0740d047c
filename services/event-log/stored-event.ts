import type { NewEvent, RecordedEvent } from './event.ts';
import type { ExpectedRevision, StreamAppend } from './event-log.ts';

/** An event as a backend keeps it: `data` and `meta` are the JSON text, which the hash chain covers byte for byte. */
export interface StoredEvent {
  position: number;
  stream: string;
  revision: number;
  id: string;
  type: string;
  data: string;
  meta: string;
}

export type DraftEvent = Pick<StoredEvent, 'id' | 'type' | 'data' | 'meta'>;

/** One call of `append`, checked. */
export interface Draft<Event = DraftEvent> {
  entries: { stream: string; expectedRevision: ExpectedRevision; events: Event[] }[];
  /** Of events. */
  count: number;
  /** Characters or bytes, about. */
  size: number;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Of names: lone surrogates don't survive every database, and control characters separate fields, columns and rows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unstorable = /[\u0000-\u001f\ud800-\udfff]/u;

/** NUL and lone surrogates as JSON spells them. An even number of backslashes before is text that only looks like an escape. */
const unstorableEscape = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/** What a device or a person says may hold them too: as in UTF-8 that is broken, U+FFFD stands in their place. */
const jsonText = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.includes('\\u') ? text.replace(unstorableEscape, '$1\ufffd') : text;
};

const draftEvent = (event: NewEvent): DraftEvent => {
  if (!uuid.test(event.id)) throw new RangeError(`event id must be a UUID in lower case, got "${event.id}"`);
  if (unstorable.test(event.type)) throw new RangeError(`event type can't be stored: ${JSON.stringify(event.type)}`);
  return {
    id: event.id,
    type: event.type,
    data: jsonText(event.data ?? null),
    meta: jsonText(event.meta),
  };
};

const draftEntry = ({ stream, expectedRevision, events }: StreamAppend): Draft['entries'][number] => {
  if (stream === '' || unstorable.test(stream)) {
    throw new RangeError(`stream name can't be stored: ${JSON.stringify(stream)}`);
  }
  return { stream, expectedRevision, events: events.map(draftEvent) };
};

/** Throws `RangeError` for what no backend can store, before it can hurt others that share its commit. */
export const draftOf = (batch: StreamAppend[]): Draft => {
  const entries = batch.map(draftEntry);
  let [count, size] = [0, 0];
  for (const { events } of entries) {
    count += events.length;
    for (const { data, meta } of events) size += data.length + meta.length + 150;
  }
  if (count === 0) throw new RangeError('nothing to append');
  return { entries, count, size };
};

const withData = ({ id, type, meta, stream, revision, position }: StoredEvent, data: unknown): RecordedEvent => ({
  id,
  type,
  data,
  meta: JSON.parse(meta),
  stream,
  revision,
  position: String(position),
});

export const recordedOf = (event: StoredEvent): RecordedEvent => withData(event, JSON.parse(event.data));

/** For readers that don't look at the data of its type. */
export const envelopeOf = (event: StoredEvent): RecordedEvent => withData(event, undefined);

/** Thrown by reads: what the store gives back is not what was stored. Nothing from there on is served. */
export class CorruptEvent extends Error {
  readonly code = 'event-log.corrupt-event';
  constructor(readonly position: string) {
    super(
      `the event at position ${position} is not what was stored: its row is damaged or was changed. ` +
        'Check the disk, look at the whole log with `npm run log -- verify`, and restore a backup into an empty ' +
        'database with `npm run log -- restore <file>`',
    );
  }
}

/** Positions of these backends are decimal numbers; one of another log is refused. 0 stands before the first event. */
export const positionNumber = (position: string | null): number => {
  if (position === null) return 0;
  const value = /^\d{1,16}$/.test(position) ? Number(position) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new RangeError(`"${position}" is not a position of this log`);
  return value;
};
