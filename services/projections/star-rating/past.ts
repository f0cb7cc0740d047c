import type { Position } from '../../event-log/event.ts';
import type { Compound } from '../../registry/registry.ts';
import type { ReadingHour, SteadyDays } from './band-time.ts';
import type { KeptFact, RegisterRow } from './fold.ts';
import type { HeardRun } from './heard-runs.ts';
import type { Interval } from './intervals.ts';
import { longestSilenceMs } from './kind-silence.ts';

/**
 * What is known of one compound over a stretch of time: `loadPast` reads it from the tables, once for a month or a year,
 * and `cutterOf` cuts it to the facts of any instant of that stretch, without reading anything.
 */
export interface CompoundPast {
  compound: string;
  /** The log position that all of it was read up to. */
  position: Position | null;
  /** The compound's and its devices' own words in the register, all of them. */
  register: RegisterRow[];
  /** Of every device that ever belonged to the compound. */
  devices: ReadonlyMap<string, DevicePast>;
  /** Beginnings of the UTC hours in which a device of the compound spoke, in order. */
  heardHoursMs: readonly number[];
  facts: readonly KeptFact[];
}

/** Every list in order of time, but for the readings. */
export interface DevicePast {
  firstHeardMs: number | null;
  runs: readonly HeardRun[];
  goneMs: readonly number[];
  backMs: readonly number[];
  counts: readonly CountSeries[];
  /** Of two at the same instant the later told last. */
  retention: readonly { atMs: number; revision: number; retainedDays: number }[];
  readings: readonly (ReadingHour | SteadyDays)[];
}

/** What a counter counted, in pieces, none of which has an edge of a window of the stretch within it. */
export interface CountSeries {
  counter: string;
  /** The UTC hours since the epoch with which the pieces begin, in no order. */
  hours: readonly number[];
  counts: readonly number[];
}

export const nothingHeard: DevicePast = {
  firstHeardMs: null,
  ...{ runs: [], goneMs: [], backMs: [], counts: [], retention: [], readings: [] },
};

/** Instants that are to be cut, the window that each looks back over. */
export interface Stretch {
  fromMs: number;
  toMs: number;
  windowDays: number;
  /** The hours of the UTC day around the instants at which a window may begin or end; left out, all of them. */
  cutHours?: readonly number[];
  /** Whether devices of which the register says the same all along may tell their counts as one, in the name of one. */
  summedAlike?: boolean;
}

const dayMs = 86_400_000;
/** Planned meetings are looked at for a year, and may have been planned a year before that. */
export const meetingsBackMs = 2 * 365 * dayMs;

/** No window of the stretch begins earlier; a day more than its days, for clocks that were put on or back. */
export const firstWindowMs = ({ fromMs, windowDays }: Stretch): number => fromMs - (windowDays + 1) * dayMs;

/** From when on something can matter to the stretch: what was heard last before a window holds on into it. */
export const lowMsOf = (stretch: Stretch): number => firstWindowMs(stretch) - longestSilenceMs;

export const allHours = Array.from({ length: 24 }, (_, hour) => hour);

/** Around one instant: its window begins at the same hour, or as far from it as a zone puts its clocks forward or back. */
const hoursAround = (atMs: number): number[] => {
  const hour = Math.floor(atMs / 3_600_000);
  return [-2, -1, 0, 1, 2, 3].map((shift) => (hour + shift) % 24);
};

/** The hours between which the counts of a UTC day are told as one. */
export const countCutsOf = ({ fromMs, toMs, cutHours }: Omit<Stretch, 'windowDays'>): number[] => {
  const cuts = cutHours ?? (fromMs === toMs ? hoursAround(toMs) : allHours);
  return [...new Set([0, ...cuts, 24])].sort((a, b) => a - b);
};

/** The UTC days that lie within every window of the stretch, whatever its zone; empty for a long stretch. */
export const innerDaysOf = ({ fromMs, toMs, windowDays }: Stretch): Interval => {
  const beginMs = Math.ceil((toMs - (windowDays - 1) * dayMs) / dayMs) * dayMs;
  const endMs = Math.floor(fromMs / dayMs) * dayMs;
  return { fromMs: beginMs, toMs: Math.max(beginMs, endMs) };
};

/** A compound of which the tables don't know yet, though the register does. */
export const pastOfUnknown = (compound: Compound): CompoundPast => ({
  compound: compound.id,
  position: null,
  register: [
    {
      ...{ stream: '', revision: 0, compound: compound.id, device: null, type: 'compound.registered' },
      ...{ atMs: 0, toldMs: 0, data: compound },
    },
  ],
  devices: new Map(),
  heardHoursMs: [],
  facts: [],
});
