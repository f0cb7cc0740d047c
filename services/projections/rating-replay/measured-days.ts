import { delivered, pictureCounter } from '../star-rating/counters.ts';
import type { DeviceFacts, RatingFacts } from '../star-rating/facts.ts';
import { firstIndex, type Interval } from '../star-rating/intervals.ts';
import { daysHeld, owesReport } from '../star-rating/measures/devices.ts';
import {
  alarms,
  answeredWhistles,
  type Happenings,
  plannedMeetings,
  safetyFaults,
  scores,
  steps,
} from '../star-rating/measures/happenings.ts';
import { type Measured, noEvidence, percentOf, valued } from '../star-rating/measures/measured.ts';
import { type MeasureParameters, measure } from '../star-rating/measures/measures.ts';
import { isSelected } from '../star-rating/measures/selection.ts';
import type { CompoundPast } from '../star-rating/past.ts';
import { type Answers, answersOf, wordless } from './answers.ts';
import {
  createCountSums,
  createTimeSums,
  createWholeWindows,
  type DayWindows,
  type TimeSums,
  timeBefore,
} from './day-series.ts';
import { type DeviceDays, type LightDays, lightDays, type Phase } from './light-facts.ts';

const hourMs = 3_600_000;

type Of<Name extends MeasureParameters['name']> = Extract<MeasureParameters, { name: Name }>;
/** What a measure answers on each day. */
type ByDay = (day: number) => Measured;

interface Parts {
  light: LightDays;
  days: DayWindows;
  sums: TimeSums;
  past: CompoundPast;
  /** The real measure, over facts without devices' time and counters. */
  otherwise: ByDay;
}

/** Runs over the phases of the devices that are selected in them. */
const eachSelected = (
  { devices }: LightDays,
  selects: (device: DeviceFacts) => boolean,
  take: (device: DeviceDays, phase: Phase) => void,
): void => {
  for (const device of devices) for (const phase of device.phases) if (selects(phase.facts)) take(device, phase);
};

/** Share of the devices' time, as the measure of that name has it, from sums taken once for the whole period. */
const timeShare = (
  parts: Parts,
  parameters: Of<'online-rate'> | Of<'in-band-share'>,
  well: (device: DeviceDays) => readonly Interval[],
): ByDay => {
  const { light, days, sums, otherwise } = parts;
  const { windows, from, to } = days;
  const whole = createWholeWindows(days.edgesMs.length);
  const spentMs = new Float64Array(windows.length);
  const dutyMs = new Float64Array(windows.length);
  const timed = new Int32Array(windows.length);
  const isTimed = ({ device }: DeviceFacts): boolean => parameters.name === 'online-rate' || device.band !== undefined;
  const selects = (facts: DeviceFacts): boolean => isTimed(facts) && isSelected(facts, parameters);
  eachSelected(light, selects, (device, phase) => {
    const own = well(device);
    const spentBefore = sums(own);
    const lostBefore = sums(device.notObserved);
    const { registeredAtMs, firstHeardAtMs } = phase.facts;
    const commissionedMs =
      firstHeardAtMs !== null && firstHeardAtMs <= registeredAtMs + parameters.commissioningSeconds * 1000
        ? Math.max(firstHeardAtMs, registeredAtMs)
        : registeredAtMs;
    const spentUntil = timeBefore(own, commissionedMs);
    const lostUntil = timeBefore(device.notObserved, commissionedMs);
    const isWhole = firstIndex(windows, ({ fromMs }) => fromMs >= commissionedMs);
    const wholeFrom = Math.min(Math.max(isWhole, phase.from), phase.to);
    for (let day = phase.from; day < wholeFrom; day += 1) {
      timed[day]! += 1;
      const { toMs } = windows[day]!;
      if (commissionedMs >= toMs) continue;
      spentMs[day]! += spentBefore[to[day]!]! - spentUntil;
      dutyMs[day]! += toMs - commissionedMs - (lostBefore[to[day]!]! - lostUntil);
    }
    whole.add({ from: wholeFrom, to: phase.to }, spentBefore, lostBefore);
  });
  for (const { range, devices, spentBefore, lostBefore } of whole.together()) {
    for (let day = range.from; day < range.to; day += 1) {
      const { fromMs, toMs } = windows[day]!;
      timed[day]! += devices;
      spentMs[day]! += spentBefore[to[day]!]! - spentBefore[from[day]!]!;
      dutyMs[day]! += devices * (toMs - fromMs) - (lostBefore[to[day]!]! - lostBefore[from[day]!]!);
    }
  }
  return (day) => {
    if (timed[day] === 0) return otherwise(day);
    if (dutyMs[day] === 0) return noEvidence(wordless);
    return percentOf(spentMs[day]! / hourMs, dutyMs[day]! / hourMs, wordless);
  };
};

/** Share of counted things, from sums taken once for the whole period. */
const countShare = (
  { light, days, otherwise }: Parts,
  selects: (device: DeviceFacts) => boolean,
  weights: { good(counter: string): number; all(counter: string): number },
): ByDay => {
  const sums = { good: createCountSums(days), all: createCountSums(days) };
  eachSelected(light, selects, ({ past: { counts } }, { from, to, joinedMs }) => {
    for (const which of ['good', 'all'] as const) {
      sums[which].add(counts, weights[which], { from, to, sinceMs: joinedMs });
    }
  });
  const [good, all] = [sums.good.byDay(), sums.all.byDay()];
  return (day) => (all[day] === 0 ? otherwise(day) : percentOf(good[day]!, all[day]!, wordless));
};

const deliveryShare = (parts: Parts, { eventTypes, withinSeconds }: Of<'delivery-within'>): ByDay => {
  const counted = (which: 'within' | 'all') => (counter: string) =>
    eventTypes.reduce((sum, type) => sum + delivered({ [counter]: 1 }, type, withinSeconds)[which], 0);
  return countShare(parts, () => true, { good: counted('within'), all: counted('all') });
};

const pictureShare = (parts: Parts, parameters: Of<'picture-rate'>): ByDay => {
  const isGood = (counter: string): number => Number(counter === pictureCounter(true));
  const isAny = (counter: string): number => isGood(counter) || Number(counter === pictureCounter(false));
  return countShare(parts, (facts) => isSelected(facts, parameters), { good: isGood, all: isAny });
};

/** Days that the worst device holds, by its newest retention report in the window. */
const leastRetained = (parts: Parts, parameters: Of<'retention-days'>): ByDay => {
  const { light, days, otherwise } = parts;
  const { windows } = days;
  const least = new Float64Array(windows.length).fill(Number.POSITIVE_INFINITY);
  const owing = new Int32Array(windows.length);
  const selects = (facts: DeviceFacts): boolean => isSelected(facts, parameters);
  eachSelected(light, selects, ({ past: { retention } }, { from, to, facts, joinedMs }) => {
    let next = 0;
    for (let day = from; day < to; day += 1) {
      const { fromMs, toMs } = windows[day]!;
      while (next < retention.length && retention[next]!.atMs <= toMs) next += 1;
      const newest = retention[next - 1];
      const isIn = newest !== undefined && newest.atMs >= Math.max(fromMs, joinedMs);
      const age = toMs - facts.registeredAtMs;
      if (isIn) least[day] = Math.min(least[day]!, daysHeld(newest.retainedDays, age, parameters));
      else if (owesReport(age, parameters)) owing[day]! += 1;
    }
  });
  return (day) => {
    if (owing[day]! > 0) return noEvidence(wordless);
    return least[day] === Number.POSITIVE_INFINITY ? otherwise(day) : valued(least[day]!, wordless);
  };
};

/** Share of hours without an unexplained silence, from sums over the hours of the whole period. */
const gapHours = ({ light, days, past, otherwise }: Parts): ByDay => {
  const { windows, edgesMs } = days;
  const firstHour = Math.floor(edgesMs[0]! / hourMs);
  const hours = Math.ceil(edgesMs.at(-1)! / hourMs) - firstHour;
  const isHeard = new Uint8Array(hours);
  for (const ms of past.heardHoursMs) isHeard[ms / hourMs - firstHour] = 1;
  const isExplained = new Uint8Array(hours);
  for (const { fromMs, toMs } of light.gaps) {
    const [from, to] = [Math.floor(fromMs / hourMs) - firstHour, Math.ceil(toMs / hourMs) - firstHour];
    isExplained.fill(1, Math.max(from, 0), Math.max(to, 0));
  }
  const heardBefore = new Int32Array(hours + 1);
  const silentBefore = new Int32Array(hours + 1);
  for (let hour = 0; hour < hours; hour += 1) {
    const heard = isHeard[hour] === 1;
    heardBefore[hour + 1] = heardBefore[hour]! + Number(heard);
    silentBefore[hour + 1] = silentBefore[hour]! + Number(!heard && isExplained[hour] === 0);
  }
  let standing: { devices: readonly DeviceFacts[]; registeredMs: number } | undefined;
  return (day) => {
    const { devices } = light.facts[day]!;
    if (devices.length === 0) return otherwise(day);
    const { fromMs, toMs } = windows[day]!;
    if (standing?.devices !== devices) {
      standing = { devices, registeredMs: Math.min(...devices.map(({ registeredAtMs }) => registeredAtMs)) };
    }
    const since = Math.max(fromMs, standing.registeredMs) / hourMs - firstHour;
    const until = toMs / hourMs - firstHour;
    const heard = heardBefore[Math.ceil(until)]! - heardBefore[Math.floor(since)]!;
    const silent = silentBefore[Math.floor(until)]! - silentBefore[Math.min(Math.ceil(since), Math.floor(until))]!;
    return heard + silent === 0 ? noEvidence(wordless) : percentOf(heard, heard + silent, wordless);
  };
};

/** Share of days with a report to the city platform; each window is whole days of the compound's calendar. */
const reportedDays = ({ light, days: { windows, midnightsMs }, past, otherwise }: Parts): ByDay => {
  const reported = new Int32Array(midnightsMs.length);
  for (const { type, atMs } of past.facts) {
    if (type !== 'platform.reported') continue;
    const next = firstIndex(midnightsMs, (ms) => ms > atMs);
    if (next > 0 && next < reported.length) reported[next] = 1;
  }
  for (let day = 1; day < reported.length; day += 1) reported[day]! += reported[day - 1]!;
  return (day) => {
    if (light.facts[day]!.platformSinceMs === null) return otherwise(day);
    const { fromMs, toMs } = windows[day]!;
    const [from, to] = [firstIndex(midnightsMs, (ms) => ms >= fromMs), firstIndex(midnightsMs, (ms) => ms >= toMs)];
    return percentOf(reported[to]! - reported[from]!, to - from, wordless);
  };
};

/** Share of what happened that was in time, each happening judged on the days that look at it. */
const inTimeShare = <Item>(
  { light, days: { windows }, otherwise }: Parts,
  { of, isMeant, judge }: Happenings<Item>,
): ByDay => {
  const met = new Int32Array(windows.length);
  const all = new Int32Array(windows.length);
  for (const { told, from, to } of light.told) {
    for (const item of of(told)) {
      if (!isMeant(item)) continue;
      for (let day = from; day < to; day += 1) {
        const verdict = judge(item, windows[day]!.toMs)?.verdict;
        if (verdict === undefined) continue;
        all[day]! += 1;
        if (verdict) met[day]! += 1;
      }
    }
  }
  return (day) => (all[day] === 0 ? otherwise(day) : percentOf(met[day]!, all[day]!, wordless));
};

/**
 * The real measure over what the register and publications say, for where there is nothing to sum up. Asked again when
 * they have changed; a publication may run out any day.
 */
const asked = ({ facts }: LightDays, parameters: MeasureParameters): ByDay => {
  let known: { of: RatingFacts; measured: Measured } | undefined;
  return (day) => {
    const of = facts[day]!;
    const isKnown =
      known?.of.devices === of.devices &&
      known.of.compound === of.compound &&
      known.of.disclosures === of.disclosures &&
      of.disclosures.length === 0;
    if (known === undefined || !isKnown) known = { of, measured: measure(of, parameters) };
    return known.measured;
  };
};

const byDay = (parts: Parts, parameters: MeasureParameters): ByDay => {
  switch (parameters.name) {
    case 'online-rate':
      return timeShare(parts, parameters, ({ up }) => up);
    case 'in-band-share':
      return timeShare(parts, parameters, ({ inBand }) => inBand);
    case 'delivery-within':
      return deliveryShare(parts, parameters);
    case 'picture-rate':
      return pictureShare(parts, parameters);
    case 'unexplained-gap-hours':
      return gapHours(parts);
    case 'platform-days':
      return reportedDays(parts);
    case 'retention-days':
      return leastRetained(parts, parameters);
    case 'safety-faults-closed':
      return inTimeShare(parts, safetyFaults(parameters));
    case 'acknowledged-within':
      return inTimeShare(parts, alarms(parameters));
    case 'on-time':
      return inTimeShare(parts, steps(parameters));
    case 'satisfaction':
      return inTimeShare(parts, scores(parameters));
    case 'meetings-held':
      return inTimeShare(parts, plannedMeetings(parameters));
    case 'whistles-on-time':
      return inTimeShare(parts, answeredWhistles);
    default:
      return parts.otherwise;
  }
};

export interface MeasuredDays {
  profiles: readonly RatingFacts['compound']['profile'][];
  answers(parameters: MeasureParameters): Answers;
}

/**
 * What the measures answer on each of the days: the same as over the facts cut to each day, but what is a sum over time
 * is summed up once for the whole period. `undefined` for a compound that was never registered.
 */
export const measuredDays = (past: CompoundPast, days: DayWindows): MeasuredDays | undefined => {
  const light = lightDays(past, days.windows);
  if (light === undefined) return undefined;
  const sums = createTimeSums(days.edgesMs);
  /** Two standards mostly ask the same. */
  const alike = new Map<string, Answers>();
  const known = new Map<MeasureParameters, Answers>();
  const alikeAnswers = (parameters: MeasureParameters): Answers => {
    const key = JSON.stringify(parameters);
    const parts: Parts = { light, days, sums, past, otherwise: asked(light, parameters) };
    const answers = alike.get(key) ?? answersOf(byDay(parts, parameters), light.facts.length);
    alike.set(key, answers);
    return answers;
  };
  return {
    profiles: light.facts.map(({ compound }) => compound.profile),
    answers(parameters) {
      const answers = known.get(parameters) ?? alikeAnswers(parameters);
      known.set(parameters, answers);
      return answers;
    },
  };
};
