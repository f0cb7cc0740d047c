import { compoundStream } from '../../event-log/event.ts';
import {
  byDevice,
  type DeviceVersions,
  type Gap,
  gapsIn,
  joinedAtMs,
  platformSince,
  timelineOf,
} from '../star-rating/cut.ts';
import type { DeviceFacts, RatingFacts } from '../star-rating/facts.ts';
import { firstIndex, type Interval, subtract, union } from '../star-rating/intervals.ts';
import { type CompoundPast, type DevicePast, nothingHeard } from '../star-rating/past.ts';
import { compoundVersions, versionAt } from '../star-rating/register-past.ts';
import type { DayRange } from './day-series.ts';
import { type ToldStretch, toldStretches } from './told-stretches.ts';

/** Days on which the register says the same of a device. */
export interface Phase extends DayRange {
  /** What the measures look at but for time, counters and reports; nothing of it changes from day to day. */
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

/** The same object serves until the register changes. */
const lightOf = (versions: DeviceVersions, past: DevicePast, compound: string, atMs: number) => {
  const state = versionAt(versions, atMs);
  if (state === undefined || state.isRetired || state.device.compound !== compound) return undefined;
  const joinedMs = joinedAtMs(versions, compound, atMs);
  const registeredAtMs = Math.max(state.registeredAtMs, joinedMs);
  const isHeard = past.firstHeardMs !== null && past.firstHeardMs <= atMs;
  const facts: DeviceFacts = {
    device: state.device,
    registeredAtMs,
    firstHeardAtMs: isHeard ? past.firstHeardMs : null,
    up: [],
    gatewayDown: [],
    notObserved: [],
    inBand: [],
    outOfBand: [],
    counts: {},
    retainedDays: null,
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
    past: own,
    phases,
    notObserved,
    up: notObserved.length === 0 ? up : subtract(up, notObserved),
    inBand: notObserved.length === 0 ? inBand : subtract(inBand, notObserved),
  };
};

export interface LightDays {
  devices: readonly DeviceDays[];
  /** The facts of each day without what is summed up elsewhere: time, counters, reports, and what people do. */
  facts: readonly RatingFacts[];
  told: readonly ToldStretch[];
  gaps: readonly Interval[];
}

const nothingTold = { workOrders: [], residentRatings: [], meetings: [], whistles: [], platformReportsMs: [] };

/** The devices of each day; of days on which nobody comes, changes or goes, the same list. */
const standingByDay = (devices: readonly DeviceDays[], days: number): DeviceFacts[][] => {
  const turns = new Set(devices.flatMap(({ phases }) => phases.flatMap(({ from, to }) => [from, to])));
  const standing: DeviceFacts[][] = [];
  for (let day = 0; day < days; day += 1) {
    const own =
      day > 0 && !turns.has(day)
        ? standing[day - 1]!
        : devices.flatMap(({ phases }) => phases.find(({ from, to }) => from <= day && day < to)?.facts ?? []);
    standing.push(own);
  }
  return standing;
};

/** The publications of each day; the same empty list where there are none. */
const disclosuresByDay = (told: readonly ToldStretch[], days: number): RatingFacts['disclosures'][] => {
  const none: RatingFacts['disclosures'] = [];
  const published = Array.from({ length: days }, () => none);
  for (const {
    told: { disclosures },
    from,
    to,
  } of told) {
    if (disclosures.length === 0) continue;
    for (let day = from; day < to; day += 1) published[day] = [...published[day]!, ...disclosures];
  }
  return published;
};

/** What is known of a compound on each of the days, made so that a day costs only what is different on it. */
export const lightDays = (past: CompoundPast, windows: readonly Interval[]): LightDays | undefined => {
  const compounds = compoundVersions(past.register.filter(({ device }) => device === null));
  if (compounds.length === 0) return undefined;
  const recorded = gapsIn(past.facts);
  const devices = [...byDevice(past.register)].map((entry) => deviceDays(past, recorded, entry, windows));
  const ownStream = compoundStream(past.compound);
  const told = toldStretches(
    past.facts.filter(({ stream }) => stream !== ownStream),
    windows,
  );
  const standing = standingByDay(devices, windows.length);
  const published = disclosuresByDay(told, windows.length);
  const platformSinceAt = platformSince(past.facts);
  const facts = windows.map(
    (window, day): RatingFacts => ({
      compound: versionAt(compounds, window.toMs)!,
      atMs: window.toMs,
      window,
      devices: standing[day]!,
      gaps: [],
      gatewayGaps: [],
      heardHoursMs: [],
      platformSinceMs: platformSinceAt(window.toMs),
      disclosures: published[day]!,
      ...nothingTold,
    }),
  );
  return { devices, facts, told, gaps: union(recorded) };
};
