import { modelOf } from '../../../devices/model.ts';
import { type BandTime, bandTime } from './band-time.ts';
import { tell } from './fact-stories.ts';
import type { DeviceFacts, RatingFacts } from './facts.ts';
import type { KeptFact, RegisterRow } from './fold.ts';
import { clip, clipOrdered, firstIndex, type Interval, union } from './intervals.ts';
import { silentAfterMs } from './kind-silence.ts';
import { type CompoundPast, type CountSeries, type DevicePast, meetingsBackMs, nothingHeard } from './past.ts';
import { ratingWindow } from './rate.ts';
import { compoundVersions, deviceVersions, type RegisteredState, type Version, versionAt } from './register-past.ts';
import { type Beneath, type Heard, type UpTime, upTime } from './up-time.ts';

const hourMs = 3_600_000;

/** A recorded gap; without a gateway it is one of the whole compound. */
export interface Gap extends Interval {
  gateway: string | null;
}

export const gapsIn = (facts: readonly KeptFact[]): Gap[] =>
  facts
    .filter(({ type }) => type === 'compound.gap-recorded')
    .map(({ data }) => ({
      fromMs: Date.parse(String(data.from)),
      toMs: Date.parse(String(data.to)),
      gateway: typeof data.gateway === 'string' ? data.gateway : null,
    }));

const heardOf = ({ runs, goneMs, backMs }: DevicePast, mayBeSilentMs: number): Heard => ({
  ...{ runs, goneMs, backMs, silentAfterMs: mayBeSilentMs },
});

/** What became of one device over the whole stretch; the same whatever instant it is then cut to. */
export interface Timeline extends UpTime, BandTime {
  notObserved: Interval[];
}

export type DeviceVersions = readonly Version<RegisteredState>[];

/** The stretches of time for which the versions give the same answer. */
const periods = (versions: DeviceVersions, gatewayOf: (state: RegisteredState) => string | undefined) =>
  versions.flatMap(({ fromMs, state }, index) => {
    const gateway = gatewayOf(state);
    return gateway === undefined
      ? []
      : [{ gateway, fromMs, toMs: versions[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY }];
  });

export const timelineOf = (
  past: CompoundPast,
  gaps: readonly Gap[],
  id: string,
  versions: DeviceVersions,
): Timeline => {
  const own = past.devices.get(id) ?? nothingHeard;
  // What it is doesn't change: who names its model later names what it always was.
  const { kind, model } = versions.at(-1)!.state.device;
  const mayBeSilentMs = silentAfterMs(kind, modelOf(model));
  const beneath = periods(versions, ({ device }) => device.gateway);
  const notObserved = union([
    ...gaps.filter(({ gateway }) => gateway === null || gateway === id),
    ...beneath.flatMap((period) =>
      clip(
        gaps.filter(({ gateway }) => gateway === period.gateway),
        period,
      ),
    ),
  ]);
  const gateways = beneath.map(
    ({ gateway, fromMs, toMs }): Beneath => ({
      gateway: heardOf(past.devices.get(gateway) ?? nothingHeard, silentAfterMs('gateway')),
      ...{ fromMs, toMs },
    }),
  );
  const [first] = versions;
  const isOnly = versions.length === 1;
  // Readings from before it was registered are judged by the band it was registered with.
  const bandAt = (atMs: number) => ((isOnly ? undefined : versionAt(versions, atMs)) ?? first!.state).device.band;
  return {
    ...upTime(heardOf(own, mayBeSilentMs), { gaps: notObserved, beneath: gateways }),
    ...bandTime(own.readings, { bandAt, silentAfterMs: mayBeSilentMs, gaps: notObserved }),
    notObserved,
  };
};

const pastOfGateway = (past: CompoundPast, { state }: Version<RegisteredState>): DevicePast | undefined =>
  state.device.gateway === undefined ? undefined : past.devices.get(state.device.gateway);

/** What became of a device, and of what that was worked out: it holds as long as all of it is the very same. */
interface Worked {
  gaps: string;
  versions: DeviceVersions;
  own: DevicePast | undefined;
  gateways: readonly (DevicePast | undefined)[];
  timeline: Timeline;
}

/**
 * What was worked out of a compound's devices, for its next past: `loadPastSince` hands on the very same objects for those
 * of which nothing was told since.
 */
export const createCutMemory = () => {
  const registered = new Map<string, { rows: readonly RegisterRow[]; versions: DeviceVersions }>();
  const worked = new Map<string, Worked>();
  return {
    versionsOf(id: string, rows: readonly RegisterRow[]): DeviceVersions {
      const known = registered.get(id);
      if (known?.rows.length === rows.length && rows.every((row, nth) => row === known.rows[nth]))
        return known.versions;
      const versions = deviceVersions(rows);
      registered.set(id, { rows, versions });
      return versions;
    },
    timelinesOf(past: CompoundPast, recorded: readonly Gap[]) {
      const gaps = JSON.stringify(recorded);
      return (id: string, versions: DeviceVersions): Timeline => {
        const own = past.devices.get(id);
        const known = worked.get(id);
        if (
          known?.versions === versions &&
          known.own === own &&
          known.gaps === gaps &&
          versions.every((version, nth) => pastOfGateway(past, version) === known.gateways[nth])
        ) {
          return known.timeline;
        }
        const gateways = versions.map((version) => pastOfGateway(past, version));
        const timeline = timelineOf(past, recorded, id, versions);
        worked.set(id, { gaps, versions, own, gateways, timeline });
        return timeline;
      };
    },
  };
};

/** Counts of the hours from the first to the last. */
const sumsOf = (series: readonly CountSeries[], firstHour: number, lastHour: number): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { counter, hours, counts } of series) {
    let sum = 0;
    for (let piece = 0; piece < hours.length; piece += 1) {
      if (hours[piece]! >= firstHour && hours[piece]! <= lastHour) sum += counts[piece]!;
    }
    if (sum > 0) sums[counter] = (sums[counter] ?? 0) + sum;
  }
  return sums;
};
/** What was summed last: for an hour a window that moves touches the same hours. */
const summed = new WeakMap<
  readonly CountSeries[],
  { firstHour: number; lastHour: number; sums: DeviceFacts['counts'] }
>();

/** Counts of the hours that touch the window. */
const countsWithin = (series: readonly CountSeries[], { fromMs, toMs }: Interval): DeviceFacts['counts'] => {
  const firstHour = Math.floor(fromMs / hourMs);
  const lastHour = Math.ceil(toMs / hourMs) - 1;
  const known = summed.get(series);
  if (known?.firstHour === firstHour && known.lastHour === lastHour) return known.sums;
  const sums = sumsOf(series, firstHour, lastHour);
  summed.set(series, { firstHour, lastHour, sums });
  return sums;
};

/**
 * The instant from which on the device belonged to the compound to which it belongs at `atMs`. What it said before it was
 * registered belongs to its first compound: a camera may be entered after it was mounted.
 */
export const joinedAtMs = (versions: DeviceVersions, compound: string, atMs: number): number => {
  let joinedMs = Number.NEGATIVE_INFINITY;
  let before = compound;
  for (const { fromMs, state } of versions) {
    if (fromMs > atMs) break;
    const own = state.device.compound;
    if (own === compound && before !== compound) joinedMs = fromMs;
    before = own;
  }
  return joinedMs;
};

export const byDevice = (
  register: readonly RegisterRow[],
  versionsOf: (id: string, rows: readonly RegisterRow[]) => DeviceVersions = (_, rows) => deviceVersions(rows),
): Map<string, DeviceVersions> => {
  const rows = new Map<string, RegisterRow[]>();
  for (const row of register) {
    if (row.device === null) continue;
    const own = rows.get(row.device);
    if (own === undefined) rows.set(row.device, [row]);
    else own.push(row);
  }
  // In an order of their own, so that the same facts are the same however they were read.
  const ordered = [...rows].sort(([one], [other]) => (one < other ? -1 : 1));
  const versions = ordered.map(([id, own]) => [id, versionsOf(id, own)] as const);
  return new Map(versions.filter(([, own]) => own.length > 0));
};

/** When the city platform took the compound's first report. */
export const platformSince = (facts: readonly KeptFact[]): ((atMs: number) => number | null) => {
  let firstMs = Number.POSITIVE_INFINITY;
  for (const { type, atMs } of facts) if (type === 'platform.reported') firstMs = Math.min(firstMs, atMs);
  return (atMs) => (firstMs <= atMs ? firstMs : null);
};

export const isLasting = ({ type }: KeptFact): boolean => type.startsWith('meeting.') || type.startsWith('disclosure.');

/** The part of the facts that one instant looks at; `facts` in order of time. */
export const factsWithin = (facts: readonly KeptFact[], fromMs: number, toMs: number): readonly KeptFact[] =>
  facts.slice(
    firstIndex(facts, ({ atMs }) => atMs >= fromMs),
    firstIndex(facts, ({ atMs }) => atMs > toMs),
  );

export interface CutRequest {
  at: string;
  windowDays: number;
}

/**
 * Cuts a past to what the measures look at, as it was at `at` (what was told late about earlier times included). What
 * doesn't depend on the instant is worked out once, so that a year of days costs little more than one. Undefined for a
 * compound that was never registered. Pure.
 */
export const cutterOf = (
  past: CompoundPast,
  memory = createCutMemory(),
): ((request: CutRequest) => RatingFacts) | undefined => {
  const compounds = compoundVersions(past.register.filter(({ device }) => device === null));
  if (compounds.length === 0) return undefined;
  const devices = byDevice(past.register, memory.versionsOf);
  const ordered = [...past.facts].sort((a, b) => a.atMs - b.atMs);
  const gaps = gapsIn(ordered);
  const ofCompound = union(gaps.filter(({ gateway }) => gateway === null));
  const ofGateways = gaps.filter(({ gateway }) => gateway !== null);
  const lasting = ordered.filter(isLasting);
  const passing = ordered.filter((fact) => !isLasting(fact));
  const sinceAt = platformSince(ordered);
  const timeline = memory.timelinesOf(past, gaps);

  const cutDevice = (id: string, versions: DeviceVersions, window: Interval): DeviceFacts | undefined => {
    const state = versionAt(versions, window.toMs);
    if (state === undefined || state.isRetired || state.device.compound !== past.compound) return undefined;
    const own = past.devices.get(id) ?? nothingHeard;
    const joinedMs = joinedAtMs(versions, past.compound, window.toMs);
    const { up, gatewayDown, inBand, outOfBand, notObserved } = timeline(id, versions);
    const within = { fromMs: Math.max(window.fromMs, joinedMs), toMs: window.toMs };
    const newest = own.retention[firstIndex(own.retention, ({ atMs }) => atMs > window.toMs) - 1];
    const isHeard = own.firstHeardMs !== null && own.firstHeardMs <= window.toMs;
    return {
      device: state.device,
      registeredAtMs: Math.max(state.registeredAtMs, joinedMs),
      firstHeardAtMs: isHeard ? own.firstHeardMs : null,
      up: clipOrdered(up, window),
      gatewayDown: clipOrdered(gatewayDown, window),
      notObserved: clipOrdered(notObserved, window),
      inBand: clipOrdered(inBand, window),
      outOfBand: clipOrdered(outOfBand, window),
      counts: countsWithin(own.counts, within),
      retainedDays: newest !== undefined && newest.atMs >= within.fromMs ? newest.retainedDays : null,
    };
  };

  return ({ at, windowDays }) => {
    const atMs = Date.parse(at);
    const compound = versionAt(compounds, atMs)!;
    const window = ratingWindow(at, compound.timeZone, windowDays);
    const heard = past.heardHoursMs;
    const lastingFacts = factsWithin(lasting, 0, atMs).filter(
      (fact) => fact.type.startsWith('disclosure.') || fact.atMs >= atMs - meetingsBackMs,
    );
    return {
      compound,
      atMs,
      window,
      devices: [...devices].flatMap(([id, versions]) => cutDevice(id, versions, window) ?? []),
      gaps: clipOrdered(ofCompound, window),
      gatewayGaps: ofGateways.flatMap(({ gateway, ...gap }) =>
        clip([gap], window).map((part) => ({ gateway: gateway!, ...part })),
      ),
      heardHoursMs: heard.slice(
        firstIndex(heard, (ms) => ms > window.fromMs - hourMs),
        firstIndex(heard, (ms) => ms >= window.toMs),
      ),
      platformSinceMs: sinceAt(atMs),
      ...tell([...factsWithin(passing, window.fromMs, atMs), ...lastingFacts], window.fromMs),
    };
  };
};
