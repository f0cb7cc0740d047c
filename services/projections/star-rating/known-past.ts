import { Refusal } from '../../event-log/decider.ts';
import { deviceStream, type RecordedEvent, telemetryStream } from '../../event-log/event.ts';
import type { EventLog } from '../../event-log/event-log.ts';
import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import { firstTakenIn } from './first-taken-in.ts';
import type { KnownDevice, Loss } from './fold.ts';
import { loadPast } from './load-past.ts';
import { type CompoundPast, type DevicePast, lowMsOf } from './past.ts';
import { createDeviceMemory, gatewaysFirst, knownFrom } from './past-in-memory.ts';

type Log = Pick<EventLog, 'readStream'>;

const pageMax = 1_000;
/** Below this a stream is read from its beginning; a longer one from where it can matter on. */
const wholeMax = 4_000;
/** The order of a stream is the order of telling, but for what several processes take in at the same moment. */
const skewMs = 60_000;

const toldMs = ({ meta }: RecordedEvent): number => Date.parse(meta.receivedAt);

interface KnownStretch {
  lowMs: number;
  knownAtMs: number;
}

const tellStream = async (
  log: Log,
  stream: string,
  { lowMs, knownAtMs }: KnownStretch,
  take: (events: RecordedEvent[]) => void,
): Promise<void> => {
  const [newest] = await log.readStream(stream, { maxCount: 1, backwards: true });
  if (newest === undefined) return;
  const first = await log.readStream(stream, { maxCount: pageMax });
  if (first[0]!.revision > 0 && toldMs(first[0]!) > lowMs) {
    const message = `${stream} goes back to ${isoTime(toldMs(first[0]!))}; what it told before has expired, so what was known then can't be worked out any more`;
    throw new Refusal('rating.expired', message, { field: 'known-at' });
  }
  // The first words are always looked at: whether it was ever heard is told by them.
  let page = first;
  let next = newest.revision < wholeMax ? 0 : await firstTakenIn(log, stream, lowMs - skewMs);
  if (next <= first.at(-1)!.revision) next = first.at(-1)!.revision + 1;
  while (page.length > 0) {
    take(page.filter((event) => toldMs(event) <= knownAtMs));
    if (toldMs(page.at(-1)!) > knownAtMs + skewMs) return;
    page = await log.readStream(stream, { fromRevision: next, maxCount: pageMax });
    next = (page.at(-1)?.revision ?? next) + 1;
  }
};

export interface KnownRequest {
  compound: string;
  at: string;
  windowDays: number;
  knownAt: string;
}

const devicesAtOnce = 4;
/** More than a month of three hundred devices that speak every five minutes; each takes the processor some microseconds. */
const eventsMax = 3_000_000;

/** The log, which refuses to be read on once an answer would take longer than anybody waits. */
const readInBounds = (log: Log): Log => {
  let read = 0;
  return {
    async readStream(stream, options) {
      const events = await log.readStream(stream, options);
      read += events.length;
      if (read > eventsMax) {
        const message = `the devices told more than ${eventsMax} events in the window, too many to be read for one answer`;
        throw new Refusal('rating.known-at-too-much', message, { field: 'known-at' });
      }
      return events;
    },
  };
};

/**
 * What the log held of a compound by `knownAt` for the rating of `at`. Register, orders and records are in the tables as
 * they were told; what devices said is read from the log again, which takes seconds for a large compound.
 */
export const loadKnownPast = async (
  { sql, log }: { sql: Sql; log: Log },
  { compound, at, windowDays, knownAt }: KnownRequest,
): Promise<CompoundPast> => {
  const atMs = Date.parse(at);
  const known = isoTime(Date.parse(knownAt));
  const stretch = { fromMs: atMs, toMs: atMs, windowDays };
  const all = await loadPast(sql, compound, stretch);
  const past: CompoundPast = {
    ...all,
    register: all.register.filter((row) => row.toldMs <= Date.parse(known)),
    facts: all.facts.filter(({ toldMs }) => toldMs <= Date.parse(known)),
  };
  const ids = [...new Set(past.register.flatMap(({ device }) => device ?? []))];
  const devices = new Map<string, DevicePast>();
  const losses = new Map<string, readonly Loss[]>();
  const hoursMs = new Set<number>();
  const bounded = readInBounds(log);
  const read = async (device: KnownDevice): Promise<void> => {
    const above = device.gateways.flatMap((gateway) => losses.get(gateway) ?? []);
    const memory = createDeviceMemory(device, past.compound, above);
    for (const stream of [deviceStream(device.device), telemetryStream(device.device)]) {
      await tellStream(bounded, stream, { lowMs: lowMsOf(stretch), knownAtMs: Date.parse(known) }, memory.add);
    }
    devices.set(device.device, memory.past());
    losses.set(device.device, memory.losses);
    for (const ms of memory.hoursMs) hoursMs.add(ms);
  };
  for (const group of gatewaysFirst(ids.map((id) => knownFrom(id, past.register)))) {
    const left = group.values();
    const worker = async (): Promise<void> => {
      for (const device of left) await read(device);
    };
    await Promise.all(Array.from({ length: devicesAtOnce }, worker));
  }
  return { ...past, devices, heardHoursMs: [...hoursMs].sort((one, other) => one - other) };
};
