import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { RecordedEvent } from '../../../services/event-log/event.ts';
import type { Rating } from '../../../services/projections/star-rating/rating.ts';
import type { Ledger, RegisteredNote } from '../ledger.ts';
import { deadlinesInForce } from './deadlines.ts';
import { onlinePercent } from './up-time.ts';

/** The criteria as their files say them. */
interface Criterion {
  id: string;
  measure: {
    name: string;
    deviceKinds?: string[];
    features?: string[];
    priorities?: string[];
    step?: string;
    eventTypes?: string[];
    withinSeconds?: number;
    satisfiedFrom?: number;
    commissioningSeconds?: number;
  };
}

interface Evidence {
  ledger: Ledger;
  compound: string;
  /** Of the compound, in log order. */
  events: RecordedEvent[];
  devices: RegisteredNote[];
  endMs: number;
}

const folder = new URL(
  '../../../services/projections/star-rating/standards/weihai-smart-compound/2020.1/criteria/',
  import.meta.url,
);

const criteria = (): Criterion[] =>
  readdirSync(folder).map((file) => parse(readFileSync(new URL(file, folder), 'utf8')) as Criterion);

const percent = (good: number, all: number): number | undefined => (all === 0 ? undefined : (100 * good) / all);

const selected = ({ devices }: Evidence, { deviceKinds, features }: Criterion['measure']): RegisteredNote[] =>
  devices.filter(
    (device) =>
      (deviceKinds === undefined || deviceKinds.includes(device.kind)) &&
      (features === undefined || features.some((feature) => device.features.includes(feature))),
  );

const delaySeconds = ({ meta }: RecordedEvent): number =>
  (Date.parse(meta.receivedAt) - Date.parse(meta.occurredAt)) / 1000;

const deliveredWithin = ({ events }: Evidence, { eventTypes = [], withinSeconds = 0 }: Criterion['measure']) => {
  const counted = events.filter(({ type, meta }) => eventTypes.includes(type) && meta.clock === 'trusted');
  return percent(counted.filter((event) => delaySeconds(event) <= withinSeconds).length, counted.length);
};

const pictures = (evidence: Evidence, measure: Criterion['measure']): number | undefined => {
  const ids = new Set(selected(evidence, measure).map(({ id }) => id));
  const probes = evidence.events.filter(
    ({ type, meta }) => type === 'camera.picture-probed' && ids.has(meta.device ?? ''),
  );
  return percent(probes.filter(({ data }) => (data as { ok: boolean }).ok).length, probes.length);
};

interface OrderTimes {
  priority: string;
  raisedMs: number;
  late: boolean;
  /** As they stand after its pauses; none while the clock stands still. */
  dueMs: ReturnType<typeof deadlinesInForce>;
  /** First of each step; resolving counts from the last reopening on. */
  firstMs: Map<string, number>;
  touchedMs: number | undefined;
}

const touching = ['acknowledged', 'dispatched', 'arrived', 'resolved', 'closed', 'cancelled'];

const timesOf = (stream: readonly RecordedEvent[]): OrderTimes => {
  const told = stream.map((event) => ({ event, data: (event.data ?? {}) as Record<string, unknown> }));
  const { priority, late } = told[0]!.data as { priority: string; late: boolean };
  const firstMs = new Map<string, number>();
  let touchedMs: number | undefined;
  for (const { type, meta } of stream.slice(1)) {
    const atMs = Date.parse(meta.occurredAt);
    const step = type.slice('work-order.'.length);
    if (step === 'reopened') for (const undone of ['resolved', 'closed', 'cancelled']) firstMs.delete(undone);
    if (!firstMs.has(step)) firstMs.set(step, atMs);
    if (touching.includes(step)) touchedMs ??= atMs;
  }
  const raisedMs = Date.parse(stream[0]!.meta.occurredAt);
  return { priority, late, raisedMs, dueMs: deadlinesInForce(told), firstMs, touchedMs };
};

const orderTimes = ({ events }: Evidence): OrderTimes[] => {
  const streams = new Map<string, RecordedEvent[]>();
  for (const event of events) {
    if (!event.type.startsWith('work-order.')) continue;
    streams.set(event.stream, [...(streams.get(event.stream) ?? []), event]);
  }
  return [...streams.values()].map(timesOf).filter(({ late }) => !late);
};

const punctual = (evidence: Evidence, { priorities = [], step }: Criterion['measure']): number | undefined => {
  let good = 0;
  let all = 0;
  for (const { priority, dueMs, firstMs } of orderTimes(evidence)) {
    const due = step === 'on-site' ? dueMs.onSite : dueMs.resolve;
    if (!priorities.includes(priority) || due === undefined) continue;
    const [cancelled, closed] = [firstMs.get('cancelled'), firstMs.get('closed')];
    const done =
      step === 'on-site' ? (firstMs.get('arrived') ?? firstMs.get('resolved')) : (firstMs.get('resolved') ?? closed);
    const over = cancelled ?? closed;
    // Over by itself before it was due, or not due yet: nothing can be said of it.
    if (done === undefined && (over === undefined ? evidence.endMs <= due : over <= due)) continue;
    all += 1;
    if (done !== undefined && done <= due) good += 1;
  }
  return percent(good, all);
};

const acknowledged = (evidence: Evidence, { priorities = [], withinSeconds = 0 }: Criterion['measure']) => {
  const judged = orderTimes(evidence)
    .filter(({ priority }) => priorities.includes(priority))
    .map(({ raisedMs, touchedMs }) => ({ dueMs: raisedMs + withinSeconds * 1000, touchedMs }))
    .filter(({ dueMs, touchedMs }) => touchedMs !== undefined || evidence.endMs > dueMs);
  const good = judged.filter(({ dueMs, touchedMs }) => touchedMs !== undefined && touchedMs <= dueMs);
  return percent(good.length, judged.length);
};

const satisfied = ({ events }: Evidence, { satisfiedFrom = 0 }: Criterion['measure']): number | undefined => {
  const scores = events
    .filter(({ type }) => type === 'work-order.rated')
    .map(({ data }) => (data as { score: number }).score);
  return percent(scores.filter((score) => score >= satisfiedFrom).length, scores.length);
};

const connected = (evidence: Evidence, measure: Criterion['measure']): number | undefined => {
  const devices = selected(evidence, measure);
  const spoke = new Set(evidence.events.filter(isWord).map(({ meta }) => meta.device));
  return percent(devices.filter(({ id }) => spoke.has(id)).length, devices.length);
};

/** The device's own word, not the registry's of it; a lost connection is no word. */
const isWord = ({ type, meta, data }: RecordedEvent): boolean =>
  meta.device !== undefined &&
  !/^(work-order\.|device\.(registered|credential-))/.test(type) &&
  /^(device|gate|charging|camera|sensor)\./.test(type) &&
  !(type === 'device.disconnected' && (data as { reason?: string }).reason !== 'goodbye');

/** Percentage points by which sampling may differ from the exact time. */
const samplingPoints = 0.3;

interface Expected {
  least: number | undefined;
  most: number | undefined;
}

/**
 * The runs of heard time that the rating keeps tell no more, for a device that was heard before and after its gateway
 * was lost, whether it was heard in between: so its time may count as up with the gateway's losses or without them.
 */
const online = (evidence: Evidence, measure: Criterion['measure']): Expected => {
  const devices = selected(evidence, measure);
  const commissioningSeconds = measure.commissioningSeconds ?? 0;
  const percentUp = (withGateways: boolean): number | undefined =>
    onlinePercent({ ...evidence, isWord }, devices, { commissioningSeconds, withGateways });
  const [least, most] = [percentUp(true), percentUp(false)];
  return {
    least: least === undefined ? undefined : least - samplingPoints,
    most: most === undefined ? undefined : most + samplingPoints,
  };
};

const expected = (evidence: Evidence, { measure }: Criterion): Expected | undefined => {
  const exactly = (value: number | undefined): Expected => ({
    least: value === undefined ? undefined : value - 1e-6,
    most: value === undefined ? undefined : value + 1e-6,
  });
  switch (measure.name) {
    case 'delivery-within':
      return exactly(deliveredWithin(evidence, measure));
    case 'picture-rate':
      return exactly(pictures(evidence, measure));
    case 'on-time':
      return exactly(punctual(evidence, measure));
    case 'acknowledged-within':
      return exactly(acknowledged(evidence, measure));
    case 'satisfaction':
      return exactly(satisfied(evidence, measure));
    case 'connected-share':
      return exactly(connected(evidence, measure));
    case 'online-rate':
      return online(evidence, measure);
    default:
      return undefined;
  }
};

/** Devices that the hub took in itself count like all others. */
const devicesOf = (ledger: Ledger, compound: string, events: readonly RecordedEvent[]): RegisteredNote[] => {
  const known = ledger.devices.filter((device) => device.compound === compound);
  const ids = new Set(known.map(({ id }) => id));
  const adopted = events.flatMap(({ type, data, meta }) => {
    const device = data as RegisteredNote;
    if (type !== 'device.registered' || ids.has(device.id)) return [];
    return [{ ...device, atMs: Date.parse(meta.occurredAt) }];
  });
  return [...known, ...adopted];
};

/** Some of the measures, by arithmetic of our own over what the other checks have found to be said and heard. */
export const auditRatings = (
  ledger: Ledger,
  events: readonly RecordedEvent[],
  ratings: readonly Rating[],
  endMs: number,
): { complaints: string[]; compared: number } => {
  let compared = 0;
  const complaints = ratings.flatMap(({ compound, criteria: rated }) => {
    const own = events.filter(({ meta }) => meta.compound === compound);
    const evidence: Evidence = { ledger, compound, events: own, devices: devicesOf(ledger, compound, own), endMs };
    return criteria().flatMap((criterion) => {
      const should = expected(evidence, criterion);
      const result = rated.find(({ id }) => id === criterion.id);
      if (should === undefined || result === undefined) return [];
      compared += 1;
      const { value } = result;
      const { least, most } = should;
      const isSame =
        least === undefined || most === undefined ? value === null : value !== null && value >= least && value <= most;
      const about = `${criterion.id} (${criterion.measure.name}) of ${compound}`;
      return isSame ? [] : [`${about}: rated ${value}, by our count ${least} to ${most}`];
    });
  });
  if (ratings.length !== ledger.compounds.length) complaints.push('not every compound was rated');
  return { complaints, compared };
};
