import type pg from 'pg';
import { checksumOf } from '../chain.ts';
import type { StoredEvent } from '../stored-event.ts';
import { createUtf8Bytes } from '../utf8-bytes.ts';
import { shelfDate } from './shelves.ts';

/** Neither names nor JSON text hold control characters, so a backslash is all that COPY would take for something else. */
const escaped = (text: string): string => (text.includes('\\') ? text.replaceAll('\\', '\\\\') : text);

const rowText = (event: StoredEvent): string => {
  const { position, stream, revision, id, type, data, meta } = event;
  const columns = `${escaped(stream)}\t${revision}\t${id}\t${escaped(type)}\t${escaped(data)}\t${escaped(meta)}`;
  return `${position}\t${columns}\t${shelfDate(event.shelf)}\t${event.checksum ?? checksumOf(event)}\n`;
};

const rowBytes = createUtf8Bytes();

/** COPY's text format: a line per event, tabs between columns, backslash escapes. */
export const copyRows = (events: readonly StoredEvent[]): Buffer => {
  for (const event of events) rowBytes.add(rowText(event));
  return Buffer.from(rowBytes.take());
};

const statement = 'COPY hub.event (position, stream, revision, id, type, data, meta, shelf, checksum) FROM STDIN';

/** The part of pg's connection that a COPY needs; pg has these methods, its types don't. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/**
 * Writes all events with one COPY, runs the statements that follow, and resolves to the rows' bytes. Outside a
 * transaction block all of it stands or falls as one, since one message of the simple protocol is one transaction.
 *
 * The rows are sent without waiting for the server to ask for them: a busy process looks at its sockets some fifty times
 * a second, and a commit that took a look for every statement took 80 ms where one takes 15. A server that refuses the
 * COPY throws rows away that come unasked (PostgreSQL 17, 53.2.6). This goes to pg's connection directly; through a
 * stream, an error in the middle of a large COPY would surface outside any promise.
 */
export const copyEvents = (client: pg.Client, events: readonly StoredEvent[], following: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const rows = copyRows(events);
    const copy = {
      submit(connection: CopyConnection) {
        connection.query(`${statement}; ${following}`);
        connection.sendCopyFromChunk(rows);
        connection.endCopyFrom();
      },
      handleCopyInResponse() {},
      handleCommandComplete() {},
      handleReadyForQuery: () => resolve(rows),
      handleError: (error: Error) => reject(error),
    };
    client.query(copy as unknown as pg.Submittable);
  });
