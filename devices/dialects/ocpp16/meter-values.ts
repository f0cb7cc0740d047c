import { z } from 'zod';
import { looseNumber } from '../../payload.ts';
import type { QuantityName } from '../../quantities.ts';
import { timestamp } from './saying.ts';

const word = z.string().optional();

const sampledValue = z.looseObject({
  value: z.unknown(),
  measurand: word,
  unit: word,
  phase: word,
  location: word,
  format: word,
});

/** OCPP 1.6, MeterValue. */
export const meterValue = z.looseObject({ timestamp, sampledValue: z.array(sampledValue) });
export type MeterValue = z.infer<typeof meterValue>;
type SampledValue = z.infer<typeof sampledValue>;

const scaled =
  (factor: number) =>
  (value: number): number =>
    Number((value * factor).toFixed(6));
const asIs = scaled(1);

interface Measurand {
  quantity: QuantityName;
  defaultUnit: string;
  units: Readonly<Record<string, (value: number) => number>>;
  /** How the readings of L1, L2 and L3 make one, where the post sends no total. */
  acrossPhases: (values: number[]) => number;
}

const sum = (values: number[]): number => asIs(values.reduce((total, value) => total + value, 0));
const mean = (values: number[]): number => Number((sum(values) / values.length).toFixed(3));
/** The sum of phase currents flows in no conductor; the fullest phase is what a breaker's rating is compared with. */
const largest = (values: number[]): number => Math.max(...values);
const first = ([value]: number[]): number => value ?? Number.NaN;

const celsius = { c: asIs, celsius: asIs, celcius: asIs };

/** Measurands of OCPP 1.6 that the hub has a quantity for; others are passed over. Units in lower case. */
const measurands: Readonly<Record<string, Measurand>> = {
  'Energy.Active.Import.Register': {
    quantity: 'energyWh',
    defaultUnit: 'wh',
    units: { wh: asIs, kwh: scaled(1000) },
    acrossPhases: sum,
  },
  'Power.Active.Import': {
    quantity: 'powerW',
    defaultUnit: 'w',
    units: { w: asIs, kw: scaled(1000) },
    acrossPhases: sum,
  },
  'Current.Import': { quantity: 'currentA', defaultUnit: 'a', units: { a: asIs }, acrossPhases: largest },
  Voltage: { quantity: 'voltageV', defaultUnit: 'v', units: { v: asIs }, acrossPhases: mean },
  Frequency: { quantity: 'frequencyHz', defaultUnit: 'hz', units: { hz: asIs }, acrossPhases: mean },
  'Power.Factor': { quantity: 'powerFactor', defaultUnit: '', units: { '': asIs }, acrossPhases: mean },
  SoC: {
    quantity: 'stateOfChargePercent',
    defaultUnit: 'percent',
    units: { percent: asIs, '%': asIs },
    acrossPhases: first,
  },
  Temperature: {
    quantity: 'temperatureC',
    // `Celcius` is how the 1.6 schema itself spells it.
    defaultUnit: 'celsius',
    units: {
      ...celsius,
      k: (value) => asIs(value - 273.15),
      kelvin: (value) => asIs(value - 273.15),
      fahrenheit: (value) => asIs(((value - 32) * 5) / 9),
    },
    acrossPhases: first,
  },
};

interface Reading {
  measurand: Measurand;
  /** `undefined`: the total; else 1 to 3. */
  phase: number | undefined;
  atOutlet: boolean;
  value: number;
}

/** L1 and L1-N are phase 1. Neutral and line-to-line readings measure something else and are passed over. */
const phaseOf = (phase: string | undefined): number | 'total' | 'other' => {
  if (phase === undefined || phase === '') return 'total';
  const match = /^L([123])(-N)?$/.exec(phase);
  return match?.[1] === undefined ? 'other' : Number(match[1]);
};

type Sampled = { reading: Reading } | { skipped: true } | { unreadable: true };

const readSample = (sample: SampledValue): Sampled => {
  const name = sample.measurand || 'Energy.Active.Import.Register';
  const measurand = Object.hasOwn(measurands, name) ? measurands[name] : undefined;
  const phase = phaseOf(sample.phase);
  if (measurand === undefined || phase === 'other' || sample.format === 'SignedData') return { skipped: true };
  const unit = (sample.unit || measurand.defaultUnit).toLowerCase();
  // The power factor has no unit; whatever is written there doesn't change it.
  const known = Object.hasOwn(measurand.units, unit) ? measurand.units[unit] : undefined;
  const convert = measurand.quantity === 'powerFactor' ? asIs : known;
  if (convert === undefined) return { skipped: true };
  const value = looseNumber.safeParse(sample.value);
  if (!value.success) return { unreadable: true };
  const atOutlet = sample.location === undefined || sample.location === '' || sample.location === 'Outlet';
  const reading = { measurand, phase: phase === 'total' ? undefined : phase, atOutlet, value: convert(value.data) };
  return { reading };
};

export type Readings =
  | { ok: true; byTime: { timestamp: string | undefined; values: Partial<Record<QuantityName, number>> }[] }
  /** `field` is the path below `meterValue`. */
  | { ok: false; field: string };

/**
 * One set of values per time stamp: some posts send one meterValue per measurand, all with the same time. A time whose
 * samples were all passed over is left out.
 */
export const readMeterValues = (meterValues: readonly MeterValue[]): Readings => {
  const byTime = new Map<string | undefined, Reading[]>();
  for (const [index, { timestamp: taken, sampledValue: samples }] of meterValues.entries()) {
    for (const [sampleIndex, sample] of samples.entries()) {
      const result = readSample(sample);
      if ('unreadable' in result) return { ok: false, field: `${index}.sampledValue.${sampleIndex}.value` };
      if ('reading' in result) byTime.set(taken, [...(byTime.get(taken) ?? []), result.reading]);
    }
  }
  return {
    ok: true,
    byTime: [...byTime].map(([taken, readings]) => ({ timestamp: taken, values: valuesOf(readings) })),
  };
};

const valuesOf = (readings: readonly Reading[]): Partial<Record<QuantityName, number>> => {
  const values: Partial<Record<QuantityName, number>> = {};
  for (const measurand of new Set(readings.map((reading) => reading.measurand))) {
    const all = readings.filter((reading) => reading.measurand === measurand);
    // The outlet is where OCPP's default location lies; a cable's or an inlet's reading only stands in for it.
    const outlet = all.filter(({ atOutlet }) => atOutlet);
    const chosen = outlet.length > 0 ? outlet : all;
    const total = chosen.findLast(({ phase }) => phase === undefined);
    const perPhase = new Map(chosen.map(({ phase, value }) => [phase, value]));
    values[measurand.quantity] = total === undefined ? measurand.acrossPhases([...perPhase.values()]) : total.value;
  }
  return values;
};
