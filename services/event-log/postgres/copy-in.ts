import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type pg from 'pg';

interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
  stream: Writable;
}

/**
 * Runs a `COPY … FROM STDIN` over bytes that come piece by piece, at the server's pace. Ends with the error of the server
 * or of `feed`, whichever is first; nothing of the copy is stored then.
 */
export const copyIn = (
  client: pg.ClientBase,
  statement: string,
  feed: (write: (chunk: Buffer) => Promise<void>) => Promise<void>,
): Promise<void> =>
  new Promise((resolve, reject) => {
    let failure: unknown;
    const run = async (connection: CopyConnection): Promise<void> => {
      try {
        await feed(async (chunk) => {
          if (failure !== undefined) throw failure;
          connection.sendCopyFromChunk(chunk);
          if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain');
        });
        connection.endCopyFrom();
      } catch (error) {
        const isOwn = failure === undefined;
        failure ??= error;
        // After the server's own error the copy has ended already.
        if (isOwn) connection.sendCopyFail('what was to be copied could not be read');
        else reject(failure);
      }
    };
    let fed: Promise<void> = Promise.resolve();
    const copy = {
      submit: (connection: CopyConnection) => connection.query(statement),
      handleCopyInResponse(connection: CopyConnection) {
        fed = run(connection);
      },
      handleCommandComplete() {},
      handleReadyForQuery: () => void fed.then(() => (failure === undefined ? resolve() : reject(failure))),
      handleError(error: Error) {
        failure ??= error;
        void fed.then(() => reject(failure));
      },
    };
    client.query(copy as unknown as pg.Submittable);
  });
