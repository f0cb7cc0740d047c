import type pg from 'pg';
import { checksumOf } from '../chain.ts';
import type { StoredEvent } from '../stored-event.ts';
import { shelfDate } from './shelves.ts';

const special = /[\\\n\r\t]/g;
const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const escaped = (text: string): string => text.replace(special, (character) => escapes[character]!);

/** COPY's text format: a line per event, tabs between columns, backslash escapes. */
export const copyText = (events: readonly StoredEvent[]): string => {
  let text = '';
  for (const event of events) {
    const { position, stream, revision, id, type, data, meta } = event;
    text += `${position}\t${escaped(stream)}\t${revision}\t${id}\t${escaped(type)}\t${escaped(data)}\t${escaped(meta)}\t${shelfDate(event.shelf)}\t${checksumOf(event)}\n`;
  }
  return text;
};

const statement = 'COPY hub.event (position, stream, revision, id, type, data, meta, shelf, checksum) FROM STDIN';

/** The part of pg's connection that a COPY needs; pg has these methods, its types don't. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/**
 * Writes all events with one COPY and resolves to its bytes. A whole group is in memory anyway, so this goes to pg's connection directly:
 * through a stream, an error of the server in the middle of a large COPY would surface outside any promise.
 */
export const copyEvents = (client: pg.Client, events: readonly StoredEvent[]): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const bytes = Buffer.from(copyText(events), 'utf8');
    const copy = {
      submit: (connection: CopyConnection) => connection.query(statement),
      handleCopyInResponse(connection: CopyConnection) {
        connection.sendCopyFromChunk(bytes);
        connection.endCopyFrom();
      },
      handleCommandComplete() {},
      handleReadyForQuery: () => resolve(bytes),
      handleError: (error: Error) => reject(error),
    };
    client.query(copy as unknown as pg.Submittable);
  });
