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

/** When the readings were in and out of band: each stands until the next one. A minute on both sides of the edge is out. */
export const bandTime = (hours: readonly ReadingHour[], { bandAt, silentAfterMs, gaps }: BandTimeOptions): BandTime => {
  // A month of a chatty sensor is forty thousand readings, so they are looked at without an object for each.
  const times: number[] = [];
  const isIn = new Map<number, boolean>();
  for (const { hourMs, quantity, minutes } of hours) {
    for (const [minute, low, high] of minutes) {
      const atMs = hourMs + minute * minuteMs;
      const band = bandAt(atMs);
      if (band?.quantity !== quantity) continue;
      times.push(atMs);
      isIn.set(atMs, low >= band.min && high <= band.max);
    }
  }
  times.sort((one, other) => one - other);
  const time: BandTime = { inBand: [], outOfBand: [] };
  for (const [index, atMs] of times.entries()) {
    const nextMs = times[index + 1] ?? Number.POSITIVE_INFINITY;
    const endMs = nextMs - atMs <= silentAfterMs ? nextMs : Math.min(endOfPausedMs(atMs, silentAfterMs, gaps), nextMs);
    extend(isIn.get(atMs) === true ? time.inBand : time.outOfBand, atMs, endMs);
  }
  return time;
};
