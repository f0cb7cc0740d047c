import { factsOfFields } from '../../codecs/known-fields.ts';
import { type Field, normalKey } from '../../codecs/object-fields.ts';
import { defined, faultFact, rounded, type Speaker } from '../../codecs/state-facts.ts';
import type { DeviceFact } from '../../dialect.ts';
import { type QuantityName, quantities } from '../../quantities.ts';
import { timeFromEpochMilliseconds } from '../../time.ts';
import { type Metric, metricValue } from './payload.ts';

/** What the birth says of a metric, so that data may name it by a number only. */
export interface Known {
  name: string;
  type?: number | undefined;
  unit?: string | undefined;
}

export interface Named extends Metric {
  known: Known;
}

type Convert = (value: number) => number;
const times =
  (factor: number): Convert =>
  (value) =>
    rounded(value * factor);

/** Units that mean one quantity only; `%`, `m` and the like depend on the metric's name. */
const quantityOfUnit = new Map<string, readonly [QuantityName, Convert]>([
  ['°c', ['temperatureC', times(1)]],
  ['degc', ['temperatureC', times(1)]],
  ['°f', ['temperatureC', (value) => rounded(((value - 32) * 5) / 9)]],
  ['pa', ['pressureKPa', times(0.001)]],
  ['hpa', ['pressureKPa', times(0.1)]],
  ['mbar', ['pressureKPa', times(0.1)]],
  ['kpa', ['pressureKPa', times(1)]],
  ['bar', ['pressureKPa', times(100)]],
  ['v', ['voltageV', times(1)]],
  ['a', ['currentA', times(1)]],
  ['w', ['powerW', times(1)]],
  ['kw', ['powerW', times(1000)]],
  ['wh', ['energyWh', times(1)]],
  ['kwh', ['energyWh', times(1000)]],
  ['hz', ['frequencyHz', times(1)]],
  ['lx', ['illuminanceLux', times(1)]],
  ['lux', ['illuminanceLux', times(1)]],
  ['m³/h', ['waterFlowM3PerH', times(1)]],
  ['m3/h', ['waterFlowM3PerH', times(1)]],
]);

const isPossible = ({ data }: DeviceFact): boolean =>
  Object.entries((data.values ?? {}) as Partial<Record<QuantityName, number>>).every(
    ([name, value]) => value >= quantities[name as QuantityName].min && value <= quantities[name as QuantityName].max,
  );

/** `Boiler/Supply Temperature`: the last step is what it is, those before say of which part. */
const fieldOf = (name: string, value: unknown): Field => {
  const steps = name.split('/');
  const key = normalKey(steps.pop() ?? '');
  const channel = steps.join('/').slice(0, 100);
  return channel === '' ? { key, value } : { key, channel, value };
};

const factsOf = ({ known, ...metric }: Named): DeviceFact[] => {
  const value = metricValue(metric, metric.type ?? known.type);
  if (value === undefined) return [];
  const [quantity, convert] = quantityOfUnit.get((metric.unit ?? known.unit ?? '').trim().toLowerCase()) ?? [];
  if (quantity === undefined || convert === undefined || typeof value !== 'number') {
    return factsOfFields([fieldOf(known.name, value)]);
  }
  return [
    { type: 'sensor.measured', data: { values: { [quantity]: convert(value) }, channel: known.name.slice(0, 100) } },
  ];
};

const good = 192;
const stale = 500;

/** A metric that the node itself calls bad, or that says what can't be, is a sensor that can't be read. */
const readMetric = (metric: Named): DeviceFact[] => {
  const { quality = good, known } = metric;
  if (quality === stale) return [];
  const said = factsOf(metric);
  const component = known.name.slice(0, 200);
  if (quality >= good && said.every(isPossible)) {
    return said.length === 0 ? [] : [...said, faultFact('sensor-read-failed', false, { component })];
  }
  const vendorCode = quality < good ? `Quality ${quality}` : 'out of range';
  return [faultFact('sensor-read-failed', true, { component, vendorCode })];
};

/** What the metrics say; in a second birth a value that bears the instant of the first is the same event. */
export const factsOfMetrics = (metrics: readonly Named[], speaker: Speaker, messageAtMs?: number): DeviceFact[] =>
  metrics.flatMap((metric) => {
    const atMs = metric.atMs ?? messageAtMs;
    const time = atMs === undefined ? undefined : timeFromEpochMilliseconds(atMs);
    const replayed = metric.isHistorical ? true : undefined;
    const sourceId = metric.atMs === undefined ? undefined : `${metric.known.name.slice(0, 150)}:${metric.atMs}`;
    return readMetric(metric).map((fact) => ({ ...defined({ ...speaker, time, replayed, sourceId }), ...fact }));
  });
