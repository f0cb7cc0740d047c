import { answerWithin, persistently } from './ask.ts';
import type { LogClient, StreamWrite } from './log-client.ts';
import type { LogPosition } from './log-position.ts';
import type { Reader } from './reader.ts';
import { appendBytesMax, sizeBytes } from './record.ts';
import { serverErrorKind, serverErrorText } from './server-error.ts';

export interface SenderOptions {
  /** A server that says nothing for so long is given up, and the outcome is unknown. */
  answerSeconds: number;
  /** An append of unknown outcome is repeated for so long; then it fails, and its outcome stays unknown. */
  retrySeconds: number;
}

const callsMax = 256;
const callsManyMax = 4;
const bytesMax = 8_000_000;
const manyEventsMax = 2_000;

interface Waiting {
  write: StreamWrite;
  bytes: number;
  resolve(position: LogPosition | undefined): void;
  reject(error: unknown): void;
}

const explained = (error: unknown, { stream }: StreamWrite): unknown => {
  switch (serverErrorKind(error)) {
    case 'access-denied':
      return new Error(`the user of EVENT_LOG_URL may not write to ${stream}: give it write access, or another user`);
    case 'too-large':
      return new RangeError(`an event for ${stream} is larger than the event log's server takes in one append`);
    case 'stream-deleted':
      return new Error(`${stream} was deleted for good in the event log's server and takes no more events`);
    case 'unknown':
      return new Error(`the event log's server did not take the append: ${serverErrorText(error)}`, { cause: error });
    default:
      return error;
  }
};

/** Streams whose names differ by case only are one stream to `appendRecords` (26.1), so they never share a call. */
const sharedName = ({ stream }: StreamWrite): string => stream.toLowerCase();

/** Sends one write until it is stored or refused, or the time is up. */
const createRetrying =
  (client: LogClient, { answerSeconds, retrySeconds }: SenderOptions, isClosed: () => boolean) =>
  async (write: StreamWrite): Promise<LogPosition | undefined> => {
    try {
      return await persistently(retrySeconds, isClosed, () =>
        answerWithin(answerSeconds, client.append(write), client.cancelEverything),
      );
    } catch (error) {
      throw explained(error, write);
    }
  };

/**
 * Sends writes, each with the revision that it expects: so a repetition of one that was stored after all is recognised
 * by the server from its index, however late, and every outcome but a refusal may be tried again.
 */
export const createSender = (client: LogClient, reader: Reader, options: SenderOptions) => {
  const queue: Waiting[] = [];
  let [calls, bytes] = [0, 0];
  let sendsMany = client.appendMany !== undefined;
  let closed = false;
  const sendOne = createRetrying(client, options, () => closed);

  /** One call for all, which stores all or nothing; where it fails for any reason each goes by itself, as if first. */
  const sendMany = async (group: readonly Waiting[]): Promise<void> => {
    const writes = group.map(({ write }) => write);
    const asked = answerWithin(options.answerSeconds, client.appendMany!(writes), client.cancelEverything);
    const last = await asked.catch((error: unknown) => {
      if (serverErrorKind(error) === 'unsupported') sendsMany = false;
      return undefined;
    });
    if (last === undefined) {
      await Promise.all(group.map(({ write, resolve, reject }) => sendOne(write).then(resolve, reject)));
      return;
    }
    // The server tells the position of the call's last event; those before it are read in one go.
    const count = writes.reduce((sum, { events }) => sum + events.length, 0);
    const positions = await reader.positionsBefore(last, count - 1).catch(() => new Map<string, LogPosition>());
    positions.set(writes.at(-1)!.events.at(-1)!.id, last);
    for (const { write, resolve } of group) resolve(positions.get(write.events.at(-1)!.id));
  };

  const takeGroup = (): Waiting[] => {
    let [events, groupBytes, taken] = [0, 0, 0];
    const names = new Set<string>();
    for (const { write, bytes: size } of queue) {
      events += write.events.length;
      groupBytes += size;
      const fits = events <= manyEventsMax && groupBytes <= appendBytesMax && !names.has(sharedName(write));
      if (taken > 0 && (!sendsMany || !fits)) break;
      names.add(sharedName(write));
      taken += 1;
    }
    return queue.splice(0, taken);
  };

  const pump = (): void => {
    while (queue.length > 0 && calls < (sendsMany ? callsManyMax : callsMax) && (calls === 0 || bytes < bytesMax)) {
      const group = takeGroup();
      const groupBytes = group.reduce((sum, { bytes: size }) => sum + size, 0);
      calls += 1;
      bytes += groupBytes;
      const [{ write, resolve, reject }] = group as [Waiting];
      const sent = group.length > 1 ? sendMany(group) : sendOne(write).then(resolve, reject);
      void sent.finally(() => {
        calls -= 1;
        bytes -= groupBytes;
        pump();
      });
    }
  };

  return {
    /** The position of the last event, where the server tells it. */
    send: (write: StreamWrite): Promise<LogPosition | undefined> =>
      new Promise((resolve, reject) => {
        queue.push({
          write,
          resolve,
          reject,
          bytes: write.events.reduce((sum, event) => sum + sizeBytes(event), 0),
        });
        // One turn of the loop gathers what is ready together.
        if (queue.length === 1) setImmediate(pump);
      }),
    /** No more repetitions. */
    close(): void {
      closed = true;
    },
  };
};

export type Sender = ReturnType<typeof createSender>;
