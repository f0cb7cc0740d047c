import { deviceStream, type NewEvent } from '../../services/event-log/event.ts';
import { eventId } from '../../services/event-log/event-id.ts';
import { openEventLog } from '../../services/event-log/open.ts';
import { streamOf } from '../../services/ingest/stream-of.ts';
import type { Device } from '../../services/registry/registry.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { compound } from './bench-devices.ts';
import { everyMinutes } from './city-fleet.ts';
import { withPostgres } from './server.ts';

const devices = 300;
const minuteMs = 60_000;
const batchEvents = 1_000;
/** Appends under way: while the log writes one group the next one gathers. */
const appendsAtOnce = 4;

const kinds = ['access-gate', 'sensor', 'charging-post'] as const;
const kindOf = (nth: number): (typeof kinds)[number] => kinds[nth % kinds.length]!;
const idOf = (nth: number): string => `${kindOf(nth)}-${nth}`;

const metaOf = (device: string, occurredAt: string): NewEvent['meta'] => ({
  ...{ schemaVersion: 1, occurredAt, receivedAt: occurredAt, clock: 'trusted' },
  ...{ compound, device, dialect: 'canonical' },
});

const registration = (nth: number, occurredAt: string): NewEvent => {
  const id = idOf(nth);
  const data: Device = {
    ...{ id, compound, kind: kindOf(nth), dialect: 'canonical', name: id },
    ...{ covers: [], features: [], adopted: false },
  };
  return {
    id: eventId({ occurredAtMs: 0, device: id, source: 'registered' }),
    ...{ type: 'device.registered', data, meta: metaOf(id, occurredAt) },
  };
};

/** What a device of each kind says most. */
const words: Record<(typeof kinds)[number], { type: string; data: object }> = {
  'access-gate': {
    type: 'gate.passed',
    data: { credential: { method: 'card' }, direction: 'in', door: 'east', confidence: 0.97, text: '.'.repeat(60) },
  },
  sensor: {
    type: 'sensor.measured',
    data: { values: { temperatureC: 21.5, humidityPercent: 61, batteryPercent: 87, pressureKPa: 101.3 } },
  },
  'charging-post': {
    type: 'charging.metered',
    data: { connector: 1, values: { energyWh: 11_295, voltageV: 230, currentA: 15.9 } },
  },
};

/** After so long every kind begins anew. */
const roundMs = 420 * minuteMs;

/** Who speaks when in a round. None rests longer than a device of its kind may: else every word would end a silence. */
const round = Array.from({ length: devices }, (_, nth) => {
  const everyMs = everyMinutes[kindOf(nth)] * minuteMs;
  const offsetMs = Math.floor((nth * everyMs) / devices);
  return Array.from({ length: roundMs / everyMs }, (_, turn) => ({ nth, atMs: offsetMs + turn * everyMs }));
})
  .flat()
  .sort((left, right) => left.atMs - right.atMs);

const report = (number: number, firstMs: number): NewEvent => {
  const said = round[number % round.length]!;
  const atMs = firstMs + Math.floor(number / round.length) * roundMs + said.atMs;
  const device = idOf(said.nth);
  const { type, data } = words[kindOf(said.nth)];
  return {
    id: eventId({ occurredAtMs: atMs, device, source: String(number) }),
    ...{ type, data, meta: metaOf(device, isoTime(atMs)) },
  };
};

/**
 * Fills a log through its own writer, seals and all: what a compound's devices said lately, one after the other as they
 * came, 33,000 words a day.
 */
const fillLog = async (url: string, events: number): Promise<void> => {
  const { log } = await openEventLog(url, { clock: systemClock });
  const firstMs = systemClock.now() - Math.ceil(events / round.length) * roundMs;
  try {
    await log.append(
      Array.from({ length: devices }, (_, nth) => ({
        stream: deviceStream(idOf(nth)),
        expectedRevision: 'any' as const,
        events: [registration(nth, isoTime(firstMs))],
      })),
    );
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < events) {
        const [first, end] = [next, Math.min(events, next + batchEvents)];
        next = end;
        const streams = new Map<string, NewEvent[]>();
        for (let number = first; number < end; number += 1) {
          const event = report(number, firstMs);
          const stream = streamOf(event.meta.device!, event.type);
          const own = streams.get(stream);
          if (own === undefined) streams.set(stream, [event]);
          else own.push(event);
        }
        await log.append(
          [...streams].map(([stream, own]) => ({ stream, expectedRevision: 'any' as const, events: own })),
        );
      }
    };
    await Promise.all(Array.from({ length: appendsAtOnce }, worker));
  } finally {
    await log.close();
  }
};

/** A server with a log of so many events and nothing projected yet. */
export const withFilledServer = <T>(
  events: number,
  work: (server: { url: string; fillSeconds: number }) => Promise<T>,
): Promise<T> =>
  withPostgres(async ({ url }) => {
    const startMs = performance.now();
    await fillLog(url, events);
    return work({ url, fillSeconds: (performance.now() - startMs) / 1000 });
  });
