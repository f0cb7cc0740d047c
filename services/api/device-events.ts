import { z } from 'zod';
import { deviceStream, type RecordedEvent, telemetryStream } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';

const largestRevision = 2_147_483_647;
/** Stands for a stream of which everything was shown. */
const done = 'x';

/** For each of a device's streams the revision that comes next, going back. */
export const deviceEventsCursor = z
  .string()
  .regex(/^(?:\d{1,10}|x)\.(?:\d{1,10}|x)$/, { error: 'the `next` of the page before', abort: true })
  .refine((text) => text.split('.').every((part) => part === done || Number(part) <= largestRevision), {
    message: 'the `next` of the page before',
  });

const isNewer = (event: RecordedEvent, other: RecordedEvent | undefined): boolean =>
  other === undefined || event.meta.receivedAt >= other.meta.receivedAt;

/** A device's events of both streams, newest first by when the hub took them in, each stream in its own order. */
export const deviceEventsPage = async (
  log: Pick<EventLog, 'readStream'>,
  device: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ events: RecordedEvent[]; next: string | null }> => {
  const [keptFrom, telemetryFrom] = cursor?.split('.') ?? [];
  const read = async (stream: string, from: string | undefined): Promise<RecordedEvent[]> => {
    if (from === done) return [];
    const fromRevision = from === undefined ? {} : { fromRevision: Number(from) };
    return log.readStream(stream, { backwards: true, maxCount: limit + 1, ...fromRevision });
  };
  const [kept, telemetry] = await Promise.all([
    read(deviceStream(device), keptFrom),
    read(telemetryStream(device), telemetryFrom),
  ]);
  const events: RecordedEvent[] = [];
  let [nextKept, nextTelemetry] = [kept[0], telemetry[0]];
  for (let [fromKept, fromTelemetry] = [0, 0]; events.length < limit; ) {
    if (nextTelemetry !== undefined && isNewer(nextTelemetry, nextKept)) {
      events.push(nextTelemetry);
      fromTelemetry += 1;
      nextTelemetry = telemetry[fromTelemetry];
    } else if (nextKept !== undefined) {
      events.push(nextKept);
      fromKept += 1;
      nextKept = kept[fromKept];
    } else break;
  }
  const hasMore = nextKept !== undefined || nextTelemetry !== undefined;
  return { events, next: hasMore ? `${nextKept?.revision ?? done}.${nextTelemetry?.revision ?? done}` : null };
};
