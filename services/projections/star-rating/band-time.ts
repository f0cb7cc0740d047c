import { clip, endOfPausedMs, type Interval, union } from './intervals.ts';

const minuteMs = 60_000;
export const minutesPerHour = 60;

/** Minutes of one hour with a reading in and out of band, one bit each: setting a bit twice changes nothing. */
export interface BandHour {
  hourMs: number;
  inMinutes: bigint;
  outMinutes: bigint;
}

export const minuteBit = (atMs: number): bigint => 1n << BigInt(Math.floor(atMs / minuteMs) % minutesPerHour);

interface BandMinute {
  atMs: number;
  inBand: boolean;
}

/** A minute with readings on both sides of the edge counts as out of band. */
const minutesOf = ({ hourMs, inMinutes, outMinutes }: BandHour): BandMinute[] => {
  const minutes: BandMinute[] = [];
  for (let minute = 0; minute < minutesPerHour; minute += 1) {
    const bit = 1n << BigInt(minute);
    const out = (outMinutes & bit) !== 0n;
    if (out || (inMinutes & bit) !== 0n) minutes.push({ atMs: hourMs + minute * minuteMs, inBand: !out });
  }
  return minutes;
};

export interface BandTimeOptions {
  window: Interval;
  /** A reading stands for no longer than this, because a silent device's time isn't in band. */
  silentAfterMs: number;
  gaps: readonly Interval[];
}

/** When the readings were in band: each stands until the next one. */
export const timeInBand = (hours: readonly BandHour[], options: BandTimeOptions): Interval[] => {
  const { window, silentAfterMs, gaps } = options;
  const minutes = [...hours]
    .sort((a, b) => a.hourMs - b.hourMs)
    .flatMap(minutesOf)
    .filter(({ atMs }) => atMs < window.toMs);
  const standing = minutes.map(({ atMs, inBand }, index) => ({
    inBand,
    fromMs: atMs,
    toMs: Math.min(endOfPausedMs(atMs, silentAfterMs, gaps), minutes[index + 1]?.atMs ?? Number.POSITIVE_INFINITY),
  }));
  return clip(union(standing.filter(({ inBand }) => inBand)), window);
};
