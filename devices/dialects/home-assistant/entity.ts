import { z } from 'zod';
import { numberOf } from '../../codecs/field-values.ts';
import {
  alarmFact,
  batteryFact,
  batteryFactOfPercent,
  connectionFact,
  faultFact,
  rounded,
  tamperFact,
} from '../../codecs/state-facts.ts';
import type { DeviceFact } from '../../dialect.ts';
import type { QuantityName } from '../../quantities.ts';

/** What a topic says, as discovery or a state stream described it. */
export const entity = z.object({
  /** Which description it is from. */
  id: z.string(),
  component: z.string(),
  device: z.string().min(1).max(200),
  name: z.string().max(200),
  /** The part of the device. */
  part: z.string().max(100),
  deviceClass: z.string(),
  unit: z.string(),
  /** Where in a JSON state the value stands; empty: the state is the value. */
  path: z.string(),
  on: z.string(),
  off: z.string(),
});
export type Entity = z.infer<typeof entity>;

type Convert = (value: number) => number;
const times =
  (factor: number): Convert =>
  (value) =>
    rounded(value * factor);
const asIs = times(1);

/** Device class → quantity and the units that Home Assistant allows for it. */
const measured: Readonly<Record<string, readonly [QuantityName, Readonly<Record<string, Convert>>]>> = {
  temperature: [
    'temperatureC',
    { '°C': asIs, '°F': (value) => rounded(((value - 32) * 5) / 9), K: (value) => rounded(value - 273.15) },
  ],
  humidity: ['humidityPercent', { '%': asIs }],
  pressure: ['pressureKPa', { Pa: times(0.001), hPa: times(0.1), mbar: times(0.1), kPa: asIs, bar: times(100) }],
  atmospheric_pressure: ['pressureKPa', { Pa: times(0.001), hPa: times(0.1), mbar: times(0.1), kPa: asIs }],
  illuminance: ['illuminanceLux', { lx: asIs }],
  carbon_dioxide: ['co2Ppm', { ppm: asIs }],
  pm25: ['pm25UgPerM3', { 'µg/m³': asIs, 'μg/m³': asIs }],
  pm10: ['pm10UgPerM3', { 'µg/m³': asIs, 'μg/m³': asIs }],
  volatile_organic_compounds: ['tvocUgPerM3', { 'µg/m³': asIs, 'μg/m³': asIs, 'mg/m³': times(1000) }],
  sound_pressure: ['noiseDb', { dB: asIs, dBA: asIs }],
  battery: ['batteryPercent', { '%': asIs }],
  voltage: ['voltageV', { V: asIs, mV: times(0.001) }],
  current: ['currentA', { A: asIs, mA: times(0.001) }],
  power: ['powerW', { W: asIs, kW: times(1000) }],
  energy: ['energyWh', { Wh: asIs, kWh: times(1000), MWh: times(1e6) }],
  frequency: ['frequencyHz', { Hz: asIs }],
  power_factor: ['powerFactor', { '': asIs, '%': times(0.01) }],
  distance: ['distanceM', { m: asIs, cm: times(0.01), mm: times(0.001), km: times(1000) }],
  signal_strength: ['signalDbm', { dBm: asIs }],
  volume_flow_rate: ['waterFlowM3PerH', { 'm³/h': asIs, 'L/min': times(0.06), 'L/h': times(0.001) }],
};

const seen: DeviceFact = { type: 'device.seen', data: {} };

const sensorFacts = ({ deviceClass, unit, part }: Entity, state: unknown): DeviceFact[] => {
  const [quantity, units] = (Object.hasOwn(measured, deviceClass) ? measured[deviceClass] : undefined) ?? [];
  const convert = units !== undefined && Object.hasOwn(units, unit) ? units[unit] : undefined;
  const number = numberOf(state);
  if (quantity === undefined || convert === undefined || number === undefined) return [seen];
  const value = convert(number);
  const reading = { type: 'sensor.measured', data: { values: { [quantity]: value }, channel: part } };
  return [reading, ...(quantity === 'batteryPercent' ? batteryFactOfPercent(value) : [])];
};

const flagReading = (quantity: QuantityName, { part }: Entity, on: boolean): DeviceFact => ({
  type: 'sensor.measured',
  data: { values: { [quantity]: on ? 1 : 0 }, channel: part },
});

type ReadFlag = (entity: Entity, on: boolean) => DeviceFact[];
const contact: ReadFlag = (entity, on) => [flagReading('contactOpen', entity, on)];
const occupancy: ReadFlag = (entity, on) => [flagReading('occupancy', entity, on)];
const alarm =
  (quantity: string): ReadFlag =>
  (_, on) => [alarmFact(quantity, on)];

/** What "on" means with each class (Home Assistant, binary sensor). */
const flags: Readonly<Record<string, ReadFlag>> = {
  door: contact,
  garage_door: contact,
  opening: contact,
  window: contact,
  motion: occupancy,
  occupancy,
  presence: occupancy,
  moisture: (entity, on) => [flagReading('waterLeak', entity, on), alarmFact('water-leak', on)],
  smoke: (entity, on) => [flagReading('smokeAlarm', entity, on), alarmFact('smoke', on)],
  gas: alarm('gas'),
  carbon_monoxide: alarm('carbon-monoxide'),
  heat: alarm('heat'),
  safety: alarm('safety'),
  tamper: (_, on) => [tamperFact(on)],
  battery: (_, on) => [batteryFact(on)],
  connectivity: (_, on) => [connectionFact(on)],
  problem: ({ part }, on) => [faultFact('problem', on, { component: part })],
};

const wordOf = (state: unknown): string => String(state).trim();

const flagFacts = (entity: Entity, state: unknown): DeviceFact[] | undefined => {
  const word = wordOf(state).toLowerCase();
  const isOn = word === entity.on.toLowerCase();
  if (!isOn && word !== entity.off.toLowerCase()) return undefined;
  if (entity.component === 'availability') return [connectionFact(isOn)];
  const read = Object.hasOwn(flags, entity.deviceClass) ? flags[entity.deviceClass] : undefined;
  return read === undefined ? [seen] : read(entity, isOn);
};

const doorStates = new Set(['open', 'closed', 'opening', 'closing', 'stopped']);

/** A cover is a gate, a garage door, a shutter; only its own word for where it is counts. */
const coverFacts = ({ deviceClass, part }: Entity, state: unknown): DeviceFact[] => {
  if (!/^(gate|garage|door)$/.test(deviceClass)) return [seen];
  const word = wordOf(state).toLowerCase();
  const door = doorStates.has(word) ? word : 'unknown';
  const level = { channel: `door:${part}`, value: door };
  return [{ type: 'gate.door-changed', data: { state: door, door: part }, level }];
};

/** An unlocked door is not an open one, so that only a lock that can't move is told. */
const lockFacts = ({ part }: Entity, state: unknown): DeviceFact[] => [
  seen,
  faultFact('lock-jammed', wordOf(state).toLowerCase() === 'jammed', { component: part }),
];

const valueAt = (state: unknown, path: string): unknown => {
  let value = state;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
};

/** Where people are is nobody's business here. */
export const isPersonal = (component: string): boolean => component === 'person' || component === 'device_tracker';

const kindOf = (component: string): string =>
  component === 'cover' || component === 'lock' ? 'access-gate' : 'sensor';

const saidBy = (entity: Entity, value: unknown): DeviceFact[] | undefined => {
  switch (entity.component) {
    case 'sensor':
      return sensorFacts(entity, value);
    case 'binary_sensor':
    case 'availability':
      return flagFacts(entity, value);
    case 'cover':
      return coverFacts(entity, value);
    case 'lock':
      return lockFacts(entity, value);
    default:
      return [seen];
  }
};

/**
 * What one state says of one entity: facts, nothing when its part of the state is missing or not known yet, `undefined`
 * when it is a word that its description doesn't have.
 */
export const factsOf = (entity: Entity, text: string, json: unknown): DeviceFact[] | undefined => {
  const value = entity.path === '' ? text : valueAt(json, entity.path);
  if (value === undefined || value === null || /^(unknown|none)?$/i.test(wordOf(value))) return [];
  const isGone = entity.component !== 'availability' && wordOf(value) === 'unavailable';
  const said = isGone ? [connectionFact(false)] : saidBy(entity, value);
  const about = { externalId: entity.device, kind: kindOf(entity.component), name: entity.name };
  return said?.map((fact) => ({ ...fact, ...about }));
};
