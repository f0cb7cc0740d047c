import type { Compound } from '../../registry/registry.ts';
import {
  byDevice,
  type DeviceVersions,
  type Gap,
  gapsIn,
  isLasting,
  joinedAtMs,
  platformSince,
  timelineOf,
} from '../star-rating/cut.ts';
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
const lightOf = (versions: DeviceVersions, past: DevicePast, compound: string, atMs: number) => {
  const state = versionAt(versions, atMs);
  if (state === undefined || state.isRetired || state.device.compound !== compound) return undefined;
  const joinedMs = joinedAtMs(versions, compound, atMs);
  const registeredAtMs = Math.max(state.registeredAtMs, joinedMs);
  const isHeard = past.firstHeardMs !== null && past.firstHeardMs <= atMs;
  const facts: DeviceFacts = {
    ...{ device: state.device, registeredAtMs, firstHeardAtMs: isHeard ? past.firstHeardMs : null },
    ...{ counts: {}, retainedDays: null, up: [], gatewayDown: [], notObserved: [], inBand: [], outOfBand: [] },
  };
  return { facts, joinedMs };
};

const deviceDays = (
  past: CompoundPast,
  gaps: readonly Gap[],
  [id, versions]: readonly [string, DeviceVersions],
  windows: readonly Interval[],
): DeviceDays => {
  const own = past.devices.get(id) ?? nothingHeard;
  const changesMs = [...versions.map(({ fromMs }) => fromMs), own.firstHeardMs ?? 0].sort((a, b) => a - b);
  const turns = changesMs.map((changeMs) => firstIndex(windows, ({ toMs }) => toMs >= changeMs));
  const phases: Phase[] = [];
  for (const [index, from] of turns.entries()) {
    const to = turns[index + 1] ?? windows.length;
    if (from === to) continue;
    const found = lightOf(versions, own, past.compound, windows[from]!.toMs);
    if (found !== undefined) phases.push({ ...found, from, to });
  }
  const { up, inBand, notObserved } = timelineOf(past, gaps, id, versions);
  return {
    ...{ past: own, phases, notObserved },
    up: notObserved.length === 0 ? up : subtract(up, notObserved),
    inBand: notObserved.length === 0 ? inBand : subtract(inBand, notObserved),
  };
};

type Told = ReturnType<typeof tell>;

const nothingTold = (): Told => ({
  ...{ workOrders: [], residentRatings: [], meetings: [], whistles: [], platformReportsMs: [], disclosures: [] },
});
const partsTold = Object.keys(nothingTold()) as (keyof Told)[];

/** For how long before an instant a fact is looked at; `null`: for the window of that instant. */
const backMsOf = (fact: KeptFact): number | null => {
  if (!isLasting(fact)) return null;
  return fact.type.startsWith('disclosure.') ? Number.POSITIVE_INFINITY : meetingsBackMs;
};

/** Facts that are told together, each list in order of time: those of one order, meeting, whistle or publication. */
const storiesOf = (facts: readonly KeptFact[]): KeptFact[][] => {
  const stories = new Map<string, KeptFact[]>();
  for (const fact of [...facts].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) {
    const key = `${backMsOf(fact)} ${fact.stream}`;
    const own = stories.get(key);
    if (own === undefined) stories.set(key, [fact]);
    else own.push(fact);
  }
  return [...stories.values()];
};

/** What the facts tell on each day; a story is told anew when one of its facts comes in or goes out of what is looked at. */
const toldByDay = (facts: readonly KeptFact[], windows: readonly Interval[]): Told[] => {
  const days = windows.map(nothingTold);
  for (const story of storiesOf(facts)) {
    const timesMs = story.map(({ at }) => Date.parse(at));
    const backMs = backMsOf(story[0]!);
    let [start, end] = [0, 0];
    let told: [part: keyof Told, items: readonly unknown[]][] = [];
    for (let day = firstIndex(windows, ({ toMs }) => toMs >= timesMs[0]!); day < windows.length; day += 1) {
      const { fromMs, toMs } = windows[day]!;
      const lowMs = backMs === null ? fromMs : toMs - backMs;
      const before = { start, end };
      while (end < story.length && timesMs[end]! <= toMs) end += 1;
      while (start < end && timesMs[start]! < lowMs) start += 1;
      if (start === story.length) break;
      if (start !== before.start || end !== before.end) {
        const all = tell(story.slice(start, end), Number.NEGATIVE_INFINITY);
        told = partsTold.filter((part) => all[part].length > 0).map((part) => [part, all[part]]);
      }
      for (const [part, items] of told) (days[day]![part] as unknown[]).push(...items);
    }
  }
  return days;
};

export interface LightDays {
  devices: readonly DeviceDays[];
  /** The facts of a day without what is summed up elsewhere: the devices' time and counters, hours and reports. */
  facts(day: number): RatingFacts;
  gaps: readonly Interval[];
}

/** What is known of a compound on each of the days, made so that a day costs only what is different on it. */
export const lightDays = (past: CompoundPast, windows: readonly Interval[]): LightDays | undefined => {
  const compounds = compoundVersions(past.register.filter(({ device }) => device === null));
  if (compounds.length === 0) return undefined;
  const recorded = gapsIn(past.facts);
  const devices = [...byDevice(past.register)].map((entry) => deviceDays(past, recorded, entry, windows));
  const platformSinceAt = platformSince(past.facts);
  const told = toldByDay(
    past.facts.filter(({ type }) => !type.startsWith('platform.')),
    windows,
  );
  const gaps = union(recorded);
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
    const compound: Compound = versionAt(compounds, window.toMs)!;
    return {
      ...{ compound, atMs: window.toMs, window, devices: standingOn(day), gatewayGaps: [], heardHoursMs: [] },
      gaps: clip(gaps, window),
      platformSinceMs: platformSinceAt(window.toMs),
      ...told[day]!,
    };
  };
  return { devices, facts, gaps };
};
