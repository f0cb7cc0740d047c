import { answerWithin, collectWithin } from './ask.ts';
import type { LiveRecords, LogClient, ReadFromStream } from './log-client.ts';
import { comparePositions, type LogPosition } from './log-position.ts';
import { type LogRecord, type OwnRecord, ownRecord } from './record.ts';
import { serverErrorKind } from './server-error.ts';

/** Fewest records asked for at once when looking for the hub's own among the server's. */
const pageLeast = 100;

export interface Page {
  records: OwnRecord[];
  /** Where to read on, beyond what was passed over; `null` while nothing has been read. */
  end: LogPosition | null;
}

/** Reads with a limit on silence; what the hub did not write is passed over. */
export const createReader = (client: LogClient, answerSeconds: number) => {
  const collect = (source: AsyncIterable<LogRecord>): Promise<LogRecord[]> =>
    collectWithin(answerSeconds, source, client.cancelEverything);

  return {
    async stream(stream: string, options: ReadFromStream): Promise<LogRecord[]> {
      if (options.maxCount <= 0) return [];
      try {
        return await collect(client.readStream(stream, options));
      } catch (error) {
        if (serverErrorKind(error) === 'no-stream') return [];
        throw error;
      }
    },

    /** The hub's records after `from`, at most `maxCount`; fewer only at the end of the log. */
    async all(from: LogPosition | null, maxCount: number): Promise<Page> {
      const page: Page = { records: [], end: from };
      while (page.records.length < maxCount) {
        const after = page.end;
        const wanted = Math.max(maxCount - page.records.length, pageLeast);
        // A position is read from inclusively.
        const asked = after === null ? wanted : wanted + 1;
        const read = await collect(client.readAll({ from: after ?? 'start', maxCount: asked }));
        for (const record of read) {
          if (after !== null && comparePositions(record.position, after) <= 0) continue;
          if (page.records.length === maxCount) return page;
          page.end = record.position;
          const own = ownRecord(record);
          if (own !== undefined) page.records.push(own);
        }
        if (read.length < asked) return page;
      }
      return page;
    },

    /** The hub's newest record. */
    async newest(): Promise<OwnRecord | undefined> {
      let from: LogPosition | 'end' = 'end';
      for (;;) {
        const read: LogRecord[] = await collect(client.readAll({ from, maxCount: pageLeast, backwards: true }));
        for (const record of read) {
          const own = ownRecord(record);
          if (own !== undefined) return own;
        }
        if (read.length < pageLeast) return undefined;
        from = read.at(-1)!.position;
      }
    },

    /** Ids and positions of the records that stand right before one, newest first. */
    async positionsBefore(position: LogPosition, count: number): Promise<Map<string, LogPosition>> {
      if (count <= 0) return new Map();
      const read = await collect(client.readAll({ from: position, maxCount: count, backwards: true }));
      return new Map(read.map((record) => [record.id, record.position]));
    },

    ask: <T>(work: Promise<T>): Promise<T> => answerWithin(answerSeconds, work, client.cancelEverything),
    live: (from: LogPosition | null): LiveRecords => client.subscribe(from ?? 'start'),
  };
};

export type Reader = ReturnType<typeof createReader>;
export type StreamReader = Pick<Reader, 'stream'>;
