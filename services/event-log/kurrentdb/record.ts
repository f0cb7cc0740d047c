import type { EventMeta, RecordedEvent } from '../event.ts';
import type { DraftEvent } from '../stored-event.ts';
import { type LogPosition, positionText } from './log-position.ts';

/** A record as both clients hand it out, as far as the log needs it. */
export interface LogRecord {
  stream: string;
  revision: bigint;
  id: string;
  type: string;
  /** Bytes, or what the client parsed where the writer called it JSON. */
  data: unknown;
  metadata: unknown;
  position: LogPosition;
  /** When the server wrote it, which is what its `$maxAge` goes by; 0 where it doesn't say. */
  createdMs: number;
}

/** An event of this hub, `data` and `meta` as the text that was written. */
export interface OwnRecord extends DraftEvent {
  stream: string;
  revision: number;
  position: LogPosition;
  createdMs: number;
}

/** The notary's seals lie here; they are no events of the hub. */
export const sealsStream = 'hub-seals';

/** Largest append that every server takes is 1 MiB; some is left for what the server adds. */
export const appendBytesMax = 1_000_000;

export const sizeBytes = ({ type, data, meta }: DraftEvent): number =>
  // The server counts the type in UTF-16; in `metadata` the text of `meta` stands once more in quotes.
  Buffer.byteLength(data) + Buffer.byteLength(JSON.stringify(meta)) + type.length * 2 + 100;

/**
 * `meta` goes as one string under this key, because `appendRecords` and `multiStreamAppend` take nothing but strings;
 * so an event looks the same whichever way it was appended.
 */
export const metadataOf = (meta: string): { meta: string } => ({ meta });

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * `data` goes as bytes and not as the clients' JSON: it is encoded once instead of three times (1.4 times the rate), and
 * comes back to the letter, which the seals need. The price is that the server's own page shows it as binary.
 */
export const dataBytes = (data: string): Uint8Array => encoder.encode(data);

const dataText = (data: unknown): string =>
  ArrayBuffer.isView(data) ? decoder.decode(data) : (JSON.stringify(data) ?? 'null');

/**
 * `undefined` for a record that the hub did not write: the server's own ($-streams, links, metadata), the seals, and
 * events of other programs, which have no `meta` that a projection could work with. They are passed over.
 */
export const ownRecord = (record: LogRecord): OwnRecord | undefined => {
  const { stream, type, metadata } = record;
  if (stream.startsWith('$') || type.startsWith('$') || stream === sealsStream) return undefined;
  const meta = (metadata as { meta?: unknown } | null | undefined)?.meta;
  if (typeof meta !== 'string') return undefined;
  return {
    id: record.id,
    type,
    data: dataText(record.data),
    meta,
    stream,
    revision: Number(record.revision),
    position: record.position,
    createdMs: record.createdMs,
  };
};

export const recordedEvent = (record: OwnRecord): RecordedEvent => ({
  id: record.id,
  type: record.type,
  data: JSON.parse(record.data) as unknown,
  meta: JSON.parse(record.meta) as EventMeta,
  stream: record.stream,
  revision: record.revision,
  position: positionText(record.position),
});
