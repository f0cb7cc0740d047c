import type { RecordedEvent } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Clock } from '../runtime/clock.ts';
import { keepBeating, type StreamSink } from './event-stream.ts';
import { shownEvent } from './shown-event.ts';

const frame = (event: RecordedEvent): string =>
  `id: ${event.position}\nevent: ${event.type}\ndata: ${JSON.stringify(shownEvent(event))}\n\n`;

/**
 * Writes the log's events after `from` as server-sent events until the signal aborts, with heartbeats. A reader that does not keep up slows only its own subscription down.
 */
export const streamLive = async (
  log: EventLog,
  clock: Clock,
  from: string | null,
  compound: string | undefined,
  sink: StreamSink,
  signal: AbortSignal,
): Promise<void> => {
  const stopBeating = keepBeating(sink, clock);
  try {
    for await (const events of log.subscribe(from, { signal, maxCount: 500 })) {
      const wanted = compound === undefined ? events : events.filter((event) => event.meta.compound === compound);
      if (wanted.length === 0) continue;
      if (!sink.write(wanted.map(frame).join(''))) await drained(sink, signal);
    }
  } finally {
    stopBeating();
  }
};

const drained = (sink: StreamSink, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const goOn = (): void => {
      signal.removeEventListener('abort', goOn);
      resolve();
    };
    sink.once('drain', goOn);
    signal.addEventListener('abort', goOn);
  });
