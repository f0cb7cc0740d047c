import type pg from 'pg';

interface CopyConnection {
  query(text: string): void;
  stream: { pause(): void; resume(): void };
}

/**
 * Runs a `COPY … TO STDOUT` and hands over each row as the server sends it, without a promise in between: the bytes are
 * good until `row` returns. A promise that it answers holds the server up until it is done. What it throws ends the copy
 * with that error, once the server has sent the rest.
 */
export const copyOut = (
  client: pg.ClientBase,
  statement: string,
  row: (bytes: Buffer) => Promise<void> | undefined | number,
): Promise<void> =>
  new Promise((resolve, reject) => {
    let failure: unknown;
    const fail = (error: unknown): void => {
      failure ??= error;
    };
    let holding = 0;
    const hold = ({ stream }: CopyConnection, until: Promise<void>): void => {
      holding += 1;
      stream.pause();
      void until.catch(fail).then(() => {
        holding -= 1;
        if (holding === 0) stream.resume();
      });
    };
    const copy = {
      submit: (connection: CopyConnection) => connection.query(statement),
      handleCopyData({ chunk }: { chunk: Buffer }, connection: CopyConnection) {
        if (failure !== undefined) return;
        try {
          const until = row(chunk);
          if (until instanceof Promise) hold(connection, until);
        } catch (error) {
          fail(error);
        }
      },
      handleCommandComplete() {},
      handleReadyForQuery: () => (failure === undefined ? resolve() : reject(failure)),
      handleError: (error: Error) => reject(error),
    };
    client.query(copy as unknown as pg.Submittable);
  });
