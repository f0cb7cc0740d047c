import type { Device } from '../../registry/registry.ts';
import { endOfPausedMs, type Interval } from './intervals.ts';

const minuteMs = 60_000;

/** Lowest and highest reading of each minute of an hour; seeing a reading twice changes nothing. */
export interface ReadingHour {
  hourMs: number;
  quantity: string;
  /** `[minute of the hour, lowest, highest]`, in order. */
  minutes: readonly MinuteReading[];
}
export type MinuteReading = readonly [minute: number, low: number, high: number];

/** Days all of whose readings were in the one band of the device, none too long after the one before. */
export interface SteadyDays {
  /** Of each day the first minute that was read in, and the last. */
  fromMs: readonly number[];
  toMs: readonly number[];
}

export const minuteOf = (atMs: number): number => Math.floor(atMs / minuteMs) % 60;

export const widen = (minutes: Map<number, MinuteReading>, [minute, low, high]: MinuteReading): void => {
  const known = minutes.get(minute);
  minutes.set(minute, [minute, Math.min(known?.[1] ?? low, low), Math.max(known?.[2] ?? high, high)]);
};

export interface BandTimeOptions {
  /** Its band, as it was registered at that instant. */
  bandAt(atMs: number): Device['band'];
  /** A reading stands for no longer than this, because a silent device's time isn't in band. */
  silentAfterMs: number;
  gaps: readonly Interval[];
}

export interface BandTime {
  inBand: Interval[];
  outOfBand: Interval[];
}

/** Appends to what is in order, as one with the last where they touch. */
const extend = (intervals: Interval[], fromMs: number, toMs: number): void => {
  const last = intervals.at(-1);
  if (last?.toMs === fromMs) last.toMs = toMs;
  else intervals.push({ fromMs, toMs });
};

/** From its first to its last minute the readings were all in band, or all out of it. */
interface Stood extends Interval {
  isIn: boolean;
}

const stoodBy = (readings: readonly (ReadingHour | SteadyDays)[], bandAt: BandTimeOptions['bandAt']): Stood[] => {
  const stood: Stood[] = [];
  for (const told of readings) {
    if ('hourMs' in told) {
      for (const [minute, low, high] of told.minutes) {
        const atMs = told.hourMs + minute * minuteMs;
        const band = bandAt(atMs);
        if (band?.quantity !== told.quantity) continue;
        stood.push({ fromMs: atMs, toMs: atMs, isIn: low >= band.min && high <= band.max });
      }
    } else {
      for (const [index, fromMs] of told.fromMs.entries()) stood.push({ fromMs, toMs: told.toMs[index]!, isIn: true });
    }
  }
  return stood.sort((one, other) => one.fromMs - other.fromMs);
};

/** When the readings were in and out of band: each stands until the next one. A minute on both sides of the edge is out. */
export const bandTime = (
  readings: readonly (ReadingHour | SteadyDays)[],
  { bandAt, silentAfterMs, gaps }: BandTimeOptions,
): BandTime => {
  const stood = stoodBy(readings, bandAt);
  const time: BandTime = { inBand: [], outOfBand: [] };
  for (const [index, { fromMs, toMs, isIn }] of stood.entries()) {
    const nextMs = stood[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
    const endMs = nextMs - toMs <= silentAfterMs ? nextMs : Math.min(endOfPausedMs(toMs, silentAfterMs, gaps), nextMs);
    extend(isIn ? time.inBand : time.outOfBand, fromMs, endMs);
  }
  return time;
};
