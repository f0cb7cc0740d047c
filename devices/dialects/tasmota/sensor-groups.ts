import { entryOf, numberOf } from '../../codecs/field-values.ts';
import { defined, faultFact, rounded } from '../../codecs/state-facts.ts';
import type { DeviceFact } from '../../dialect.ts';
import type { QuantityName } from '../../quantities.ts';

type Group = Record<string, unknown>;
type Values = Partial<Record<QuantityName, number>>;
type Convert = (value: number) => number;

export const isObject = (value: unknown): value is Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const times =
  (factor: number): Convert =>
  (value) =>
    rounded(value * factor);
const asIs = times(1);

/** `TempUnit` and `PressureUnit` stand once beside all groups (SetOption8, SetOption24). */
const temperatures: Record<string, Convert> = { C: asIs, F: (value) => rounded(((value - 32) * 5) / 9) };
const pressures: Record<string, Convert> = { hPa: times(0.1), mmHg: times(0.133322), inHg: times(3.386389) };

const numbers: Record<string, readonly [QuantityName, Convert]> = {
  Humidity: ['humidityPercent', asIs],
  Illuminance: ['illuminanceLux', asIs],
  CarbonDioxide: ['co2Ppm', asIs],
  'PM2.5': ['pm25UgPerM3', asIs],
  PM10: ['pm10UgPerM3', asIs],
  Battery: ['batteryPercent', asIs],
  RSSI: ['signalDbm', asIs],
};

/** Kilowatt-hours; the same words in another group may mean another thing. */
const energy: Record<string, readonly [QuantityName, Convert]> = {
  Total: ['energyWh', times(1000)],
  Power: ['powerW', asIs],
  Voltage: ['voltageV', asIs],
  Current: ['currentA', asIs],
  Factor: ['powerFactor', asIs],
  Frequency: ['frequencyHz', asIs],
};

const temperatureKeys = new Set(['Temperature', 'OBJTMP', 'ProbeTemperature']);

interface Units {
  temperature: Convert | undefined;
  pressure: Convert | undefined;
}

const readerOf = (name: string, key: string, units: Units): readonly [QuantityName, Convert] | undefined => {
  if (name === 'ENERGY') return entryOf(energy, key);
  if (temperatureKeys.has(key)) return units.temperature && ['temperatureC', units.temperature];
  if (key === 'Pressure') return units.pressure && ['pressureKPa', units.pressure];
  // The SR04 gives centimetres; other distance sensors differ from release to release.
  if (key === 'Distance') return name.startsWith('SR04') ? ['distanceM', times(0.01)] : undefined;
  return entryOf(numbers, key);
};

const measured = (channel: string, values: Values): DeviceFact[] =>
  Object.keys(values).length === 0 ? [] : [{ type: 'sensor.measured', data: { values, channel } }];

/** A meter of several loads gives a list: load n is channel `ENERGY-n`. */
const readingsOf = (name: string, group: Group, units: Units): DeviceFact[] => {
  const own: Values = {};
  const ofLoads: Values[] = [];
  for (const [key, value] of Object.entries(group)) {
    const [quantity, convert] = readerOf(name, key, units) ?? [];
    if (quantity === undefined || convert === undefined) continue;
    const list = Array.isArray(value) ? value.slice(0, 8) : [value];
    for (const [index, item] of list.entries()) {
      const number = numberOf(item);
      if (number === undefined) continue;
      if (!Array.isArray(value)) own[quantity] = convert(number);
      else ofLoads[index] = { ...ofLoads[index], [quantity]: convert(number) };
    }
  }
  return [...measured(name, own), ...ofLoads.flatMap((values, index) => measured(`${name}-${index + 1}`, values))];
};

/** The air around an infrared thermometer, where `OBJTMP` is what it looks at. */
const ambientOf = (name: string, group: Group, { temperature }: Units): DeviceFact[] => {
  const number = numberOf(group.AMBTMP);
  return number === undefined || temperature === undefined
    ? []
    : measured(`${name}-ambient`, { temperatureC: temperature(number) });
};

/** A thermocouple's amplifier gives 0 while all is well; beside another number its reading means nothing. */
const faultOf = (name: string, group: Group): DeviceFact | undefined => {
  const error = numberOf(group.Error);
  if (error === undefined) return undefined;
  return faultFact('sensor-read-failed', error !== 0, { component: name, vendorCode: String(error) });
};

/** What is written on a card is its owner's and is left where it is. `Auth` says whether the card knows the reader's
 * key, which is no decision about its owner. */
const cardOf = (name: string, group: Group): DeviceFact[] => {
  const { UID: uid, Auth: auth } = group;
  if (!['RC522', 'PN532', 'RDM6300'].includes(name) || typeof uid !== 'string' || uid === '') return [];
  const text = typeof auth === 'string' ? `Auth ${auth.slice(0, 20)}` : undefined;
  const credential = { method: 'card', reference: uid.slice(0, 200) };
  return [{ kind: 'access-gate', type: 'gate.credential-seen', data: defined({ credential, text }) }];
};

const factsOfGroup = (name: string, group: Group, units: Units): DeviceFact[] => {
  const fault = faultOf(name, group);
  if (fault?.type === 'device.fault-raised') return [fault];
  const readings = [...readingsOf(name, group, units), ...ambientOf(name, group, units)];
  return [...readings, ...(fault === undefined ? [] : [fault]), ...cardOf(name, group)];
};

const unitOf = (table: Record<string, Convert>, word: unknown, usual: string): Convert | undefined =>
  entryOf(table, typeof word === 'string' ? word : usual);

/** A SENSOR message names its groups by the sensor's model, `BME280` or `DS18B20-2`: each is a channel. */
export const factsOfSensors = (message: Record<string, unknown>): DeviceFact[] => {
  const units = {
    temperature: unitOf(temperatures, message.TempUnit, 'C'),
    pressure: unitOf(pressures, message.PressureUnit, 'hPa'),
  };
  const groups = Object.entries(message).slice(0, 100);
  return groups.flatMap(([name, group]) => (isObject(group) ? factsOfGroup(name.slice(0, 80), group, units) : []));
};
