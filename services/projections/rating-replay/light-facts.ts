import type { Compound } from '../../registry/registry.ts';
import { byDevice, type DeviceVersions, gapsIn, isLasting, joinedAtMs, timelineOf } from '../star-rating/cut.ts';
import { tell } from '../star-rating/fact-stories.ts';
import type { DeviceFacts, RatingFacts } from '../star-rating/facts.ts';
import type { KeptFact } from '../star-rating/fold.ts';
import { clip, firstIndex, type Interval, subtract, union } from '../star-rating/intervals.ts';
import { type CompoundPast, type DevicePast, meetingsBackMs, nothingHeard } from '../star-rating/past.ts';
import { compoundVersions, versionAt } from '../star-rating/register-past.ts';
import type { DayRange } from './day-series.ts';

/** Days on which the register says the same of a device. */
export interface Phase extends DayRange {
  /** What the measures look at but for time, counters and reports. */
  facts: DeviceFacts;
  /** From when on its counters count for the compound. */
  joinedMs: number;
}

/** A device over the days: what the register says of it while it is there, and its time, whose sums are taken elsewhere. */
export interface DeviceDays {
  past: DevicePast;
  phases: readonly Phase[];
  up: readonly Interval[];
  inBand: readonly Interval[];
  notObserved: readonly Interval[];
}

/** Without anything that changes from day to day, so that the same object serves until the register changes. */
const lightOf = (versions: DeviceVersions, past: DevicePast, compound: string, atMs: number, before?: DeviceFacts) => {
  const state = versionAt(versions, atMs);
  if (state === undefined || state.isRetired || state.device.compound !== compound) return undefined;
  const joinedMs = joinedAtMs(versions, compound, atMs);
  const registeredAtMs = Math.max(state.registeredAtMs, joinedMs);
  const isHeard = past.firstHeardMs !== null && past.firstHeardMs <= atMs;
  const firstHeardAtMs = isHeard ? past.firstHeardMs : null;
  const isSame =
    before?.device === state.device &&
    before.registeredAtMs === registeredAtMs &&
    before.firstHeardAtMs === firstHeardAtMs;
  const facts: DeviceFacts = isSame
    ? before
    : {
        ...{ device: state.device, registeredAtMs, firstHeardAtMs, counts: {}, retainedDays: null },
        ...{ up: [], gatewayDown: [], notObserved: [], inBand: [], outOfBand: [] },
      };
  return { facts, joinedMs };
};

const deviceDays = (
  past: CompoundPast,
  [id, versions]: readonly [string, DeviceVersions],
  windows: readonly Interval[],
): DeviceDays => {
  const own = past.devices.get(id) ?? nothingHeard;
  const changesMs = [...versions.map(({ fromMs }) => fromMs), own.firstHeardMs ?? 0].sort((a, b) => a - b);
  const phases: Phase[] = [];
  let open: Phase | undefined;
  let changes = 0;
  for (const [day, { toMs }] of windows.entries()) {
    if (day === 0 || changesMs[changes]! <= toMs) {
      while (changesMs[changes]! <= toMs) changes += 1;
      const found = lightOf(versions, own, past.compound, toMs, open?.facts);
      const isSame = found !== undefined && found.facts === open?.facts && found.joinedMs === open.joinedMs;
      if (!isSame) {
        open = found && { ...found, from: day, to: day };
        if (open !== undefined) phases.push(open);
      }
    }
    if (open !== undefined) open.to = day + 1;
  }
  const { up, inBand, notObserved } = timelineOf(past, gapsIn(past.facts), id, versions);
  return {
    ...{ past: own, phases, notObserved },
    up: notObserved.length === 0 ? up : subtract(up, notObserved),
    inBand: notObserved.length === 0 ? inBand : subtract(inBand, notObserved),
  };
};

type Told = ReturnType<typeof tell>;

/** The facts of one stream in order of time; what they tell is the same until one comes in or goes out. */
const storyOf = (facts: readonly KeptFact[], backMs: number | null) => {
  const timesMs = facts.map(({ at }) => Date.parse(at));
  let known = { start: -1, end: -1, told: undefined as Told | undefined };
  return (windowFromMs: number, atMs: number): Told | undefined => {
    const lowMs = backMs === null ? windowFromMs : atMs - backMs;
    const start = firstIndex(timesMs, (ms) => ms >= lowMs);
    const end = firstIndex(timesMs, (ms) => ms > atMs);
    if (start >= end) return undefined;
    if (known.start !== start || known.end !== end) {
      known = { start, end, told: tell(facts.slice(start, end), Number.NEGATIVE_INFINITY) };
    }
    return known.told;
  };
};

const backMsOf = (fact: KeptFact): number | null => {
  if (!isLasting(fact)) return null;
  return fact.type.startsWith('disclosure.') ? Number.POSITIVE_INFINITY : meetingsBackMs;
};

const storiesOf = (facts: readonly KeptFact[]) => {
  const byStream = new Map<string, KeptFact[]>();
  for (const fact of [...facts].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) {
    const key = `${backMsOf(fact)} ${fact.stream}`;
    const own = byStream.get(key);
    if (own === undefined) byStream.set(key, [fact]);
    else own.push(fact);
  }
  return [...byStream.values()].map((own) => storyOf(own, backMsOf(own[0]!)));
};

const nothingTold = (): Told => ({
  ...{ workOrders: [], residentRatings: [], meetings: [], whistles: [], platformReportsMs: [], disclosures: [] },
});

export interface LightDays {
  devices: readonly DeviceDays[];
  /** The facts of a day without what is summed up elsewhere: the devices' time and counters, and the hours. */
  facts(day: number): RatingFacts;
  gaps: readonly Interval[];
}

/** What is known of a compound on each of the days, made so that a day costs only what is different on it. */
export const lightDays = (past: CompoundPast, windows: readonly Interval[]): LightDays | undefined => {
  const compounds = compoundVersions(past.register.filter(({ device }) => device === null));
  if (compounds.length === 0) return undefined;
  const devices = [...byDevice(past.register)].map((entry) => deviceDays(past, entry, windows));
  const stories = storiesOf(past.facts);
  const gaps = union(gapsIn(past.facts));
  const turns = new Set(devices.flatMap(({ phases }) => phases.flatMap(({ from, to }) => [from, to])));
  let standing: { day: number; devices: DeviceFacts[] } | undefined;
  const standingOn = (day: number): DeviceFacts[] => {
    const own =
      standing?.day === day - 1 && !turns.has(day)
        ? standing.devices
        : devices.flatMap(({ phases }) => phases.find(({ from, to }) => from <= day && day < to)?.facts ?? []);
    standing = { day, devices: own };
    return own;
  };
  let made: { day: number; facts: RatingFacts } | undefined;
  const facts = (day: number): RatingFacts => {
    if (made?.day !== day) made = { day, facts: factsOn(day) };
    return made.facts;
  };
  const factsOn = (day: number): RatingFacts => {
    const window = windows[day]!;
    const told = nothingTold();
    for (const story of stories) {
      const own = story(window.fromMs, window.toMs);
      if (own === undefined) continue;
      for (const part of Object.keys(told) as (keyof Told)[]) (told[part] as unknown[]).push(...own[part]);
    }
    const compound: Compound = versionAt(compounds, window.toMs)!;
    return {
      ...{ compound, atMs: window.toMs, window, devices: standingOn(day), gatewayGaps: [], heardHoursMs: [] },
      gaps: clip(gaps, window),
      ...told,
    };
  };
  return { devices, facts, gaps };
};
