import { mayExpire } from '../../devices/vocabulary.ts';
import { deviceStream, type NewEvent, telemetryStream } from '../event-log/event.ts';
import type { StreamAppend } from '../event-log/event-log.ts';

/** A device has two streams, so that what it observes may expire by itself. */
export const streamOf = (device: string, type: string): string =>
  mayExpire(type) ? telemetryStream(device) : deviceStream(device);

const append = (stream: string, events: NewEvent[]): StreamAppend => ({ stream, expectedRevision: 'any', events });

/** One device's events, in their order on each of its streams; what it is comes before what it observed. */
export const appendsOf = (device: string, events: NewEvent[]): StreamAppend[] => {
  if (events.length === 1) return [append(streamOf(device, events[0]!.type), events)];
  const staying = events.filter(({ type }) => !mayExpire(type));
  const passing = events.filter(({ type }) => mayExpire(type));
  return [
    ...(staying.length === 0 ? [] : [append(deviceStream(device), staying)]),
    ...(passing.length === 0 ? [] : [append(telemetryStream(device), passing)]),
  ];
};
