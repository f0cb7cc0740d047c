import type pg from 'pg';
import { rowColumns } from './sealed-rows.ts';

const statement = `COPY hub.event (${rowColumns}) FROM STDIN`;

/** The part of pg's connection that a COPY needs; pg has these methods, its types don't. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/**
 * Writes rows of events with one COPY and runs the statements that follow. Outside a transaction block all of it stands
 * or falls as one, since one message of the simple protocol is one transaction.
 *
 * The rows are sent without waiting for the server to ask for them: a busy process looks at its sockets some fifty times
 * a second, and a commit that took a look for every statement took 80 ms where one takes 15. A server that refuses the
 * COPY throws rows away that come unasked (PostgreSQL 17, 53.2.6). This goes to pg's connection directly; through a
 * stream, an error in the middle of a large COPY would surface outside any promise.
 */
export const copyEvents = (client: pg.Client, rows: Uint8Array, following: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const copy = {
      submit(connection: CopyConnection) {
        connection.query(`${statement}; ${following}`);
        connection.sendCopyFromChunk(Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength));
        connection.endCopyFrom();
      },
      handleCopyInResponse() {},
      handleCommandComplete() {},
      handleReadyForQuery: () => resolve(),
      handleError: (error: Error) => reject(error),
    };
    client.query(copy as unknown as pg.Submittable);
  });
