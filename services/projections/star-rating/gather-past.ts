import type { Position } from '../../event-log/event.ts';
import type { MinuteReading } from './band-time.ts';
import type { KeptFact, RegisterRow } from './fold.ts';
import type { HeardRun } from './heard-runs.ts';
import { createNumberReader, type NumberReader } from './packed-numbers.ts';
import type { CompoundPast, CountSeries, DevicePast } from './past.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** What a device counted of the inner days together, and of each other day until every hour of `cuts` but the first. */
type CountedDays = [
  counter: string,
  inner: number | null,
  cuts: number[],
  firstHour: number[] | null,
  until: number[][] | null,
];

/** What is told of a device, or of the compound; where the numbers themselves are packed in bytes, how many there are. */
interface Told {
  read: [position: Position | null, oldestUnderWay: string];
  told: null;
  register: [string, number, string, string, number, number, RegisterRow['data']];
  first: null;
  runs: number;
  gone: number;
  back: number;
  counts: [counter: string, hour: number[], count: number[]];
  days: CountedDays;
  retention: number;
  steady: number;
  readings: [hour: number[], quantity: string[], minutes: MinuteReading[][]];
  hours: number;
  fact: [stream: string[], type: string[], data: KeptFact['data'][]];
}

/** All that is told in one part, column by column: each by itself costs more than what it says. */
export type Part = {
  [Name in keyof Told]: { part: Name; devices: (string | null)[]; data: Told[Name][] };
}[keyof Told];

type Growing<Of> = { -readonly [Key in keyof Of]: Of[Key] extends readonly (infer Item)[] ? Item[] : Of[Key] };
type GrowingPast = Growing<DevicePast>;

/** The server gives rows in any order, though mostly in that of time, by an index. */
const sortInstants = (instantsMs: number[]): void => {
  for (let index = 1; index < instantsMs.length; index += 1) {
    if (instantsMs[index - 1]! > instantsMs[index]!) {
      instantsMs.sort((a, b) => a - b);
      return;
    }
  }
};

/** A run over the edge of a month is told in parts. */
const joined = (runs: HeardRun[]): HeardRun[] => {
  runs.sort((a, b) => a.fromMs - b.fromMs);
  let last: HeardRun | undefined;
  return runs.filter((run) => {
    if (last === undefined || run.fromMs > last.toMs) {
      last = run;
      return true;
    }
    last.toMs = Math.max(last.toMs, run.toMs);
    return false;
  });
};

/** What a part adds to what is known of a device. */
const addTo: {
  [Name in Exclude<keyof Told, 'read' | 'told' | 'register' | 'days' | 'hours' | 'fact'>]: (
    own: GrowingPast,
    told: Told[Name],
    numbers: NumberReader,
  ) => void;
} = {
  first(own, _, numbers) {
    own.firstHeardMs = numbers.instantMs();
  },
  runs({ runs }, count, numbers) {
    for (let nth = 0; nth < count; nth += 1) runs.push({ fromMs: numbers.instantMs(), toMs: numbers.instantMs() });
  },
  gone({ goneMs }, count, numbers) {
    for (let nth = 0; nth < count; nth += 1) goneMs.push(numbers.instantMs());
  },
  back({ backMs }, count, numbers) {
    for (let nth = 0; nth < count; nth += 1) backMs.push(numbers.instantMs());
  },
  counts({ counts: series }, [counter, hours, counts]) {
    series.push({ counter, hours, counts });
  },
  retention({ retention }, count, numbers) {
    for (let nth = 0; nth < count; nth += 1) {
      const atMs = numbers.instantMs();
      retention.push({ atMs, revision: numbers.integer(), retainedDays: numbers.double() });
    }
  },
  steady({ readings }, count, numbers) {
    const steady = { fromMs: [] as number[], toMs: [] as number[] };
    for (let nth = 0; nth < count; nth += 1) {
      const dayMs = numbers.instantMs();
      steady.fromMs.push(dayMs + numbers.smallInteger() * minuteMs);
      steady.toMs.push(dayMs + numbers.smallInteger() * minuteMs);
    }
    readings.push(steady);
  },
  readings({ readings }, [hours, quantities, minutes]) {
    for (const [index, ofHourMs] of hours.entries()) {
      readings.push({ hourMs: ofHourMs, quantity: quantities[index]!, minutes: minutes[index]! });
    }
  },
};

const registerRowOf = (device: string | null, told: Told['register']): RegisterRow => {
  const [stream, revision, compound, type, atMs, toldMs, data] = told;
  return { stream, revision, compound, device, type, atMs, toldMs, data };
};

const seriesOf = ([counter, inner, cuts, firstHours, untils]: CountedDays, innerFromMs: number): CountSeries => {
  const [hours, counts]: [number[], number[]] = [[], []];
  if (inner !== null) {
    hours.push(innerFromMs / hourMs);
    counts.push(inner);
  }
  for (const [day, firstHour] of (firstHours ?? []).entries()) {
    let before = 0;
    for (const [place, until] of untils![day]!.entries()) {
      if (until > before) {
        hours.push(firstHour + cuts[place]!);
        counts.push(until - before);
      }
      before = until;
    }
  }
  return { counter, hours, counts };
};

/** What was read at once; the numbers of all its parts stand in `bytes` one behind the other. */
export interface ToldParts {
  told: readonly Part[];
  bytes: Uint8Array;
}

export interface GatheredPast {
  past: CompoundPast & { register: RegisterRow[]; devices: Map<string, DevicePast> };
  /** Devices of which all was told; those that are asked for `since` a transaction. */
  told: ReadonlySet<string>;
  /** The oldest transaction that was under way: what it and later ones folded is told to whoever asks `since` it. */
  oldestUnderWay: string;
}

/** Puts together what was told of a compound. `innerFromMs`: when the inner days begin. */
export const gatherPast = (compound: string, all: readonly ToldParts[], innerFromMs: number): GatheredPast => {
  const devices = new Map<string, GrowingPast>();
  const register: RegisterRow[] = [];
  const facts: KeptFact[] = [];
  const heardHoursMs: number[] = [];
  const toldOf = new Set<string>();
  let position: Position | null = null;
  let oldestUnderWay = '';

  const ofDevice = (device: string): GrowingPast => {
    let own = devices.get(device);
    if (own === undefined) {
      own = { firstHeardMs: null, runs: [], goneMs: [], backMs: [], counts: [], retention: [], readings: [] };
      devices.set(device, own);
    }
    return own;
  };
  const addFacts = ([streams, types, data]: Told['fact'], numbers: NumberReader): void => {
    for (const [index, stream] of streams.entries()) {
      facts.push({
        stream,
        revision: numbers.integer(),
        compound,
        type: types[index]!,
        atMs: numbers.instantMs(),
        toldMs: numbers.instantMs(),
        data: data[index]!,
      });
    }
  };
  const takePart = ({ part, devices: of, data }: Part, numbers: NumberReader): void => {
    switch (part) {
      case 'read':
        [position, oldestUnderWay] = data[0]!;
        return;
      case 'told':
        for (const device of of) toldOf.add(device!);
        return;
      case 'register':
        for (const [index, told] of data.entries()) register.push(registerRowOf(of[index]!, told));
        return;
      case 'days':
        for (const [index, told] of data.entries()) ofDevice(of[index]!).counts.push(seriesOf(told, innerFromMs));
        return;
      case 'hours':
        for (let nth = 0; nth < data[0]!; nth += 1) heardHoursMs.push(numbers.instantMs());
        return;
      case 'fact':
        for (const told of data) addFacts(told, numbers);
        return;
      default: {
        const add = addTo[part] as (own: GrowingPast, told: unknown, numbers: NumberReader) => void;
        for (let index = 0; index < of.length; index += 1) add(ofDevice(of[index]!), data[index], numbers);
      }
    }
  };
  for (const { told, bytes } of all) {
    const numbers = createNumberReader(bytes);
    for (const part of told) takePart(part, numbers);
  }
  for (const own of devices.values()) {
    own.runs = joined(own.runs);
    sortInstants(own.goneMs);
    sortInstants(own.backMs);
    own.retention.sort((a, b) => a.atMs - b.atMs || a.revision - b.revision);
  }
  sortInstants(heardHoursMs);
  // In an order of their own, for the server gives them in any, and some happened at one instant.
  facts.sort((a, b) => (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : a.revision - b.revision));
  return { past: { compound, position, register, devices, heardHoursMs, facts }, told: toldOf, oldestUnderWay };
};
