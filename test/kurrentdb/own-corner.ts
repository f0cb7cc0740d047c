import { randomUUID } from 'node:crypto';
import type { Position, RecordedEvent } from '../../services/event-log/event.ts';
import { appendingBy, type EventLog } from '../../services/event-log/event-log.ts';

/** A part of a log that others use too, which looks like a log of its own: streams with a prefix, from a position on. */
export interface OwnCorner {
  prefix: string;
  start: Position | null;
}

export const newCorner = async (log: EventLog): Promise<OwnCorner> => ({
  prefix: `test-${randomUUID()}-`,
  start: (await log.head()).position,
});

export const cornerOf = (log: EventLog, { prefix, start }: OwnCorner): EventLog => {
  const own = (events: RecordedEvent[]): RecordedEvent[] =>
    events
      .filter(({ stream }) => stream.startsWith(prefix))
      .map((event) => ({ ...event, stream: event.stream.slice(prefix.length) }));

  const readAll: EventLog['readAll'] = async (from, maxCount) => {
    const events: RecordedEvent[] = [];
    for (let position = from ?? start; events.length < maxCount; ) {
      const page = await log.readAll(position, maxCount);
      events.push(...own(page));
      if (page.length < maxCount) break;
      position = page.at(-1)!.position;
    }
    return events.slice(0, maxCount);
  };

  return {
    ...appendingBy((batch) =>
      log.append(batch.map((entry) => ({ ...entry, stream: prefix + entry.stream }))).catch((error) => {
        if (error instanceof Error && 'stream' in error) error.stream = String(error.stream).slice(prefix.length);
        throw error;
      }),
    ),
    readStream: async (stream, options) => own(await log.readStream(prefix + stream, options)),
    readAll,
    async *subscribe(from, options) {
      for await (const batch of log.subscribe(from ?? start, options)) {
        const events = own(batch);
        if (events.length > 0) yield events;
      }
    },
    async head() {
      const newest = (await readAll(null, Number.MAX_SAFE_INTEGER)).at(-1);
      return { ...(await log.head()), position: newest?.position ?? null };
    },
    close: () => log.close(),
  };
};
