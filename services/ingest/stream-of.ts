import { mayExpire } from '../../devices/vocabulary.ts';
import { deviceStream, type NewEvent, telemetryStream } from '../event-log/event.ts';
import type { StreamAppend } from '../event-log/event-log.ts';

/** A device has two streams, so that what it observes may expire by itself. */
export const streamOf = (device: string, type: string): string =>
  mayExpire(type) ? telemetryStream(device) : deviceStream(device);

const append = (stream: string, events: NewEvent[]): StreamAppend => ({ stream, expectedRevision: 'any', events });

/** Devices' events, in their order on each of their streams; what a device is comes before what it observed. */
export const appendsOf = (events: NewEvent[]): StreamAppend[] => {
  const [first] = events;
  // A list that was pushed to keeps room for sixteen more until its commit.
  if (events.length === 1) return [append(streamOf(first!.meta.device!, first!.type), [first!])];
  const byDevice = new Map<string, NewEvent[]>();
  for (const event of events) {
    const own = byDevice.get(event.meta.device!);
    if (own === undefined) byDevice.set(event.meta.device!, [event]);
    else own.push(event);
  }
  return [...byDevice].flatMap(([device, own]) => {
    const staying = own.filter(({ type }) => !mayExpire(type));
    const passing = own.filter(({ type }) => mayExpire(type));
    return [
      ...(staying.length === 0 ? [] : [append(deviceStream(device), staying)]),
      ...(passing.length === 0 ? [] : [append(telemetryStream(device), passing)]),
    ];
  });
};
