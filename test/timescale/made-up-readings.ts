import type { RecordedEvent } from '../../services/event-log/event.ts';
import type { Bucket, ReadingsWanted } from '../../services/projections/time-series/queries.ts';

/** `sensor.measured` with the values given; the id derives from device, instant and number, as the ingest's does. */
export const measured = (device: string, atMs: number, values: Record<string, number>, channel?: string) => {
  const at = new Date(atMs).toISOString();
  const tag = [...`${device}|${channel ?? ''}|${atMs}`].reduce(
    (hash, sign) => (hash * 31 + sign.charCodeAt(0)) >>> 0,
    7,
  );
  const event: RecordedEvent = {
    id: `00000000-0000-4000-8000-${tag.toString(16).padStart(12, '0')}`,
    type: 'sensor.measured',
    data: { values, ...(channel === undefined ? {} : { channel }) },
    meta: { schemaVersion: 1, occurredAt: at, receivedAt: at, clock: 'trusted', compound: 'garden', device },
    stream: `device-${device}`,
    revision: 0,
    position: '0',
  };
  return event;
};

/** A fixed sequence, so that a failure repeats. */
const numbersFrom = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
};

/** Days of readings every seven minutes or so, with silences, two channels and, now and then, two at one instant. */
export const someDays = (fromMs: number, days: number, seed = 1): RecordedEvent[] => {
  const number = numbersFrom(seed);
  const events: RecordedEvent[] = [];
  for (let atMs = fromMs; atMs < fromMs + days * 86_400_000; atMs += Math.round(60_000 + number() * 720_000)) {
    if (number() < 0.02) atMs += 5 * 3_600_000;
    const values = { temperatureC: Math.round(number() * 400) / 10 - 10, relativeHumidityPercent: number() * 100 };
    events.push(measured('sensor-1', atMs, values));
    if (number() < 0.3)
      events.push(measured('post-1', atMs, { powerKW: Math.round(number() * 70) / 10 }, 'connector-1'));
    if (number() < 0.3)
      events.push(measured('post-1', atMs, { powerKW: Math.round(number() * 70) / 10 }, 'connector-2'));
  }
  return events;
};

const originMs = Date.UTC(2000, 0, 2, 16);

/** What `readings` must answer, computed from the events alone. */
export const expectedBuckets = (events: readonly RecordedEvent[], wanted: ReadingsWanted): Bucket[] => {
  const widthMs = wanted.bucketSeconds * 1000;
  const points = new Map<string, { atMs: number; value: number }>();
  for (const { id, data, meta } of events) {
    const { values, channel } = data as { values: Record<string, number>; channel?: string };
    const value = values[wanted.quantity];
    const atMs = Date.parse(meta.occurredAt);
    const asked =
      meta.device === wanted.device &&
      (wanted.channel === undefined || channel === wanted.channel) &&
      atMs >= Date.parse(wanted.from) &&
      atMs < Date.parse(wanted.to);
    if (asked && value !== undefined) points.set(`${id}|${atMs}`, { atMs, value });
  }
  const buckets = new Map<number, { atMs: number; value: number }[]>();
  for (const point of points.values()) {
    const start = Math.floor((point.atMs - originMs) / widthMs) * widthMs + originMs;
    buckets.set(start, [...(buckets.get(start) ?? []), point]);
  }
  return [...buckets]
    .sort(([a], [b]) => a - b)
    .map(([start, within]) => {
      const values = within.map(({ value }) => value);
      const newestMs = Math.max(...within.map(({ atMs }) => atMs));
      return {
        at: new Date(start).toISOString(),
        count: values.length,
        min: Math.min(...values),
        max: Math.max(...values),
        avg: values.reduce((sum, value) => sum + value, 0) / values.length,
        last: Math.max(...within.filter(({ atMs }) => atMs === newestMs).map(({ value }) => value)),
      };
    });
};
