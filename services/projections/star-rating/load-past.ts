import type { Position } from '../../event-log/event.ts';
import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import type { MinuteReading } from './band-time.ts';
import type { KeptFact, RegisterRow } from './fold.ts';
import type { HeardRun } from './heard-runs.ts';
import type { Interval } from './intervals.ts';
import { modelsSilentWithinADay } from './kind-silence.ts';
import { createNumberReader, type NumberReader } from './packed-numbers.ts';
import {
  allHours,
  type CompoundPast,
  countCutsOf,
  type DevicePast,
  firstWindowMs,
  innerDaysOf,
  lowMsOf,
  meetingsBackMs,
  nothingHeard,
  type Stretch,
} from './past.ts';
import { pastStatement } from './past-statement.ts';
import { starRatingProjection } from './projection.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Where the numbers themselves are packed in bytes, the data say how many there are. */
type Row =
  | { part: 'position'; device: null; data: Position | null }
  | {
      part: 'register';
      device: string | null;
      data: [string, number, string, string, number, number, RegisterRow['data']];
    }
  | { part: 'streams'; device: string; data: [stream: string[], revision: number[]] }
  | { part: 'first'; device: string; data: null }
  | { part: 'runs'; device: string; data: number }
  | { part: 'sessions'; device: string; data: [gone: number, back: number] }
  | { part: 'counts'; device: string; data: [counter: string, hour: number[], count: number[]] }
  | { part: 'totals'; device: string; data: [counter: string[], total: number[]] }
  | { part: 'retention'; device: string; data: number }
  | { part: 'steady'; device: string; data: number }
  | { part: 'readings'; device: string; data: [hour: number[], quantity: string[], minutes: MinuteReading[][]] }
  | { part: 'hours'; device: null; data: number }
  | { part: 'fact'; device: null; data: [stream: string[], type: string[], data: KeptFact['data'][]] };

/** All rows of one part: each by itself costs the driver more than what it says. */
interface Part {
  part: Row['part'];
  rows: [device: Row['device'], data: Row['data']][];
  bytes: Buffer | null;
}

/** The server gives rows in any order, though mostly in that of time, by an index. */
const inOrder = (instantsMs: number[]): number[] =>
  instantsMs.every((ms, index) => index === 0 || instantsMs[index - 1]! <= ms)
    ? instantsMs
    : instantsMs.sort((a, b) => a - b);

const runsOf = (fromMs: readonly number[], toMs: readonly number[]): HeardRun[] =>
  fromMs.map((beginMs, index) => ({ fromMs: beginMs, toMs: toMs[index]! })).sort((a, b) => a.fromMs - b.fromMs);

/** What a row adds to what is known of its device. */
const partsOf = (
  row: Row,
  numbers: NumberReader,
  { known, inner }: { known: DevicePast; inner: Interval },
): Partial<DevicePast> => {
  switch (row.part) {
    case 'first':
      return { firstHeardMs: numbers.instantsMs(1)[0]! };
    case 'runs':
      return { runs: runsOf(numbers.instantsMs(row.data), numbers.instantsMs(row.data)) };
    case 'sessions': {
      const [gone, back] = row.data;
      return { goneMs: inOrder(numbers.instantsMs(gone)), backMs: inOrder(numbers.instantsMs(back)) };
    }
    case 'counts': {
      const [counter, hours, counts] = row.data;
      return { counts: [...known.counts, { counter, hours, counts }] };
    }
    case 'totals': {
      const [counter, total] = row.data;
      const totals = counter.map((name, index) => ({
        ...{ counter: name, hours: [inner.fromMs / hourMs], counts: [total[index]!] },
      }));
      return { counts: [...known.counts, ...totals] };
    }
    case 'retention': {
      const at = numbers.instantsMs(row.data);
      const revision = numbers.integers(row.data);
      const days = numbers.doubles(row.data);
      const reports = at.map((atMs, index) => ({ atMs, revision: revision[index]!, retainedDays: days[index]! }));
      return { retention: reports.sort((a, b) => a.atMs - b.atMs || a.revision - b.revision) };
    }
    case 'steady': {
      const days = numbers.instantsMs(row.data);
      const minuteOf = (minute: number, day: number): number => days[day]! + minute * minuteMs;
      const fromMs = numbers.smallIntegers(row.data).map(minuteOf);
      const toMs = numbers.smallIntegers(row.data).map(minuteOf);
      return { readings: [...known.readings, { fromMs, toMs }] };
    }
    case 'readings': {
      const [hour, quantity, minutes] = row.data;
      const hours = hour.map((hourMs, index) => ({ hourMs, quantity: quantity[index]!, minutes: minutes[index]! }));
      return { readings: [...known.readings, ...hours] };
    }
    default:
      return {};
  }
};

const registerRowOf = (device: string | null, data: (Row & { part: 'register' })['data']): RegisterRow => {
  const [stream, revision, compound, type, atMs, toldMs, said] = data;
  return { stream, revision, compound, device, type, atMs, toldMs, data: said };
};

const factsOf = (
  compound: string,
  [streams, types, data]: (Row & { part: 'fact' })['data'],
  numbers: NumberReader,
): KeptFact[] => {
  const revisions = numbers.integers(streams.length);
  const at = numbers.instantsMs(streams.length);
  const toldAt = numbers.instantsMs(streams.length);
  return streams.map((stream, index) => ({
    stream,
    revision: revisions[index]!,
    compound,
    type: types[index]!,
    at: isoTime(at[index]!),
    toldAt: isoTime(toldAt[index]!),
    data: data[index]!,
  }));
};

const noBytes = new Uint8Array();

/** A past, and the revisions up to which it holds its devices' streams. */
export interface LoadedPast {
  past: CompoundPast;
  revisions: ReadonlyMap<string, number>;
}

/**
 * Reads what the tables hold of a compound for the instants of a stretch of time; of devices that have told nothing since
 * `known` was read, for the same stretch, that is taken over.
 */
export const loadPastSince = async (
  sql: Sql,
  compound: string,
  stretch: Stretch,
  known?: LoadedPast,
): Promise<LoadedPast> => {
  const inner = innerDaysOf(stretch);
  const cuts = countCutsOf(stretch);
  const cutsAlike = stretch.summedAlike ? cuts : [];
  const statement = { name: `load-past ${cutsAlike}`, text: pastStatement(cutsAlike) };
  const { rows: parts } = await sql.query<Part>(statement, [
    compound,
    starRatingProjection.name,
    isoTime(lowMsOf(stretch)),
    isoTime(stretch.toMs),
    isoTime(stretch.fromMs - meetingsBackMs),
    isoTime(inner.fromMs),
    isoTime(inner.toMs),
    [...(known?.revisions.keys() ?? [])],
    [...(known?.revisions.values() ?? [])],
    cuts,
    [0, ...allHours.map((hour) => hour + 1)],
    stretch.summedAlike ? isoTime(stretch.fromMs) : null,
    modelsSilentWithinADay,
    isoTime(firstWindowMs(stretch)),
  ]);
  const devices = new Map<string, DevicePast>();
  const register: RegisterRow[] = [];
  let facts: KeptFact[] = [];
  const revisions = new Map(known?.revisions);
  const toldMore = new Set<string>();
  let position: Position | null = null;
  let heardHoursMs: readonly number[] = [];
  for (const { part, rows, bytes } of parts) {
    const numbers = createNumberReader(bytes ?? noBytes);
    for (const [device, data] of rows) {
      const row = { part, device, data } as Row;
      if (row.part === 'position') position = row.data;
      else if (row.part === 'register') register.push(registerRowOf(row.device, row.data));
      else if (row.part === 'hours') heardHoursMs = inOrder(numbers.instantsMs(row.data));
      else if (row.part === 'fact') facts = factsOf(compound, row.data, numbers);
      else if (row.part === 'streams') {
        toldMore.add(row.device);
        for (const [index, stream] of row.data[0].entries()) revisions.set(stream, row.data[1][index]!);
      } else {
        const told = devices.get(row.device) ?? nothingHeard;
        devices.set(row.device, { ...told, ...partsOf(row, numbers, { known: told, inner }) });
      }
    }
  }
  for (const [device, told] of known?.past.devices ?? []) if (!toldMore.has(device)) devices.set(device, told);
  for (const row of known?.past.register ?? [])
    if (row.device !== null && !toldMore.has(row.device)) register.push(row);
  // In an order of their own, for the server gives them in any, and some happened at one instant.
  facts.sort((a, b) => (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : a.revision - b.revision));
  return { past: { compound, position, register, devices, heardHoursMs, facts }, revisions };
};

export const loadPast = async (sql: Sql, compound: string, stretch: Stretch): Promise<CompoundPast> =>
  (await loadPastSince(sql, compound, stretch)).past;
