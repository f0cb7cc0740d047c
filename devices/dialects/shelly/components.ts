import { entryOf, flagOf, numberOf } from '../../codecs/field-values.ts';
import { alarmFact, batteryFactOfPercent, faultFact, rounded } from '../../codecs/state-facts.ts';
import type { DeviceFact } from '../../dialect.ts';
import type { QuantityName } from '../../quantities.ts';

type Status = Record<string, unknown>;
type Values = Partial<Record<QuantityName, number>>;

const isObject = (value: unknown): value is Status =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const load = {
  apower: 'powerW',
  act_power: 'powerW',
  voltage: 'voltageV',
  current: 'currentA',
  freq: 'frequencyHz',
  pf: 'powerFactor',
} as const;

/** By the type of component: its number → our quantity, in the same unit. What else a component says is passed over, as
 * `temperature` within a relay, which is the circuit board's own. */
const numbers: Record<string, Readonly<Record<string, QuantityName>>> = {
  temperature: { tC: 'temperatureC' },
  humidity: { rh: 'humidityPercent' },
  illuminance: { lux: 'illuminanceLux' },
  voltmeter: { voltage: 'voltageV' },
  switch: load,
  light: load,
  cover: load,
  pm1: load,
  em1: load,
  em1data: { total_act_energy: 'energyWh' },
  em: { total_act_power: 'powerW', total_current: 'currentA' },
  emdata: { total_act: 'energyWh' },
};

const alarms: Record<string, readonly [QuantityName, string]> = {
  smoke: ['smokeAlarm', 'smoke'],
  flood: ['waterLeak', 'water-leak'],
};

const ofLoads = {
  overtemp: 'over-temperature',
  overpower: 'over-power',
  overvoltage: 'over-voltage',
  undervoltage: 'under-voltage',
  overcurrent: 'over-current',
};
const ofMeters = { power_meter_failure: 'power-meter-failure' };
const ofSensors = { read: 'sensor-read-failed', out_of_range: 'out-of-range' };

/** By the type of component: its words in `errors` → our codes. */
const faultCodes: Record<string, Record<string, string>> = {
  switch: ofLoads,
  light: ofLoads,
  cover: ofLoads,
  pm1: ofLoads,
  em1: ofMeters,
  em: ofMeters,
  temperature: ofSensors,
  humidity: ofSensors,
  voltmeter: ofSensors,
  flood: { cable_unplugged: 'cable-unplugged' },
};

/** One component as its key names it, `temperature:0`. */
interface Component {
  key: string;
  type: string;
  /** What a device has one of speaks for the device as a whole; further ones and every load are channels. */
  channel: string | undefined;
  status: Status;
}

const wholeDevice = new Set(['temperature', 'humidity', 'illuminance', 'smoke', 'flood', 'devicepower']);

const componentOf = (key: string, status: unknown): Component | undefined => {
  const match = /^([a-z0-9]{1,40}):(\d{1,6})$/.exec(key);
  const [, type, index] = match ?? [];
  if (type === undefined || !isObject(status)) return undefined;
  return { key, type, channel: wholeDevice.has(type) && index === '0' ? undefined : key, status };
};

const valuesOf = ({ type, status }: Component): Values => {
  const values: Values = {};
  for (const [name, quantity] of Object.entries(entryOf(numbers, type) ?? {})) {
    const number = numberOf(status[name]);
    if (number !== undefined) values[quantity] = rounded(number);
  }
  const energyWh = isObject(status.aenergy) ? numberOf(status.aenergy.total) : undefined;
  if (energyWh !== undefined && type in numbers) values.energyWh = rounded(energyWh);
  const [quantity] = entryOf(alarms, type) ?? [];
  const active = flagOf(status.alarm);
  if (quantity !== undefined && active !== undefined) values[quantity] = Number(active);
  return { ...values, ...batteryOf({ type, status }) };
};

/** On a USB supply the battery's part reads whatever the empty holder gives. */
const batteryOf = ({ type, status }: Pick<Component, 'type' | 'status'>): Values => {
  const { battery, external } = status;
  if (type !== 'devicepower' || !isObject(battery) || (isObject(external) && external.present === true)) return {};
  const batteryPercent = numberOf(battery.percent);
  const voltageV = numberOf(battery.V);
  return {
    ...(batteryPercent === undefined ? {} : { batteryPercent }),
    ...(voltageV === undefined ? {} : { voltageV }),
  };
};

const alarmFacts = ({ type, channel, status }: Component): DeviceFact[] => {
  const [, quantity] = entryOf(alarms, type) ?? [];
  const active = flagOf(status.alarm);
  if (quantity === undefined || active === undefined) return [];
  const fact = alarmFact(quantity, active);
  if (channel === undefined) return [fact];
  const level = { channel: `alarm:${quantity}:${channel}`, value: String(active), initial: 'false' };
  return [{ ...fact, data: { ...fact.data, channel }, level }];
};

/** `errors` is there only while one stands, so that a whole status without it says that none does; a change takes it
 * away by `null`. */
const faultFacts = ({ key, type, status }: Component, isWhole: boolean): DeviceFact[] => {
  const codes = entryOf(faultCodes, type);
  if (codes === undefined || (status.errors === undefined && !isWhole)) return [];
  const errors = Array.isArray(status.errors) ? status.errors.filter((word) => typeof word === 'string') : [];
  const unknown = errors.find((word) => entryOf(codes, word) === undefined);
  const other = unknown === undefined ? {} : { vendorCode: unknown.slice(0, 100) };
  return [
    ...Object.entries(codes).map(([word, code]) => faultFact(code, errors.includes(word), { component: key })),
    faultFact('other', unknown !== undefined, { component: key, ...other }),
  ];
};

/** The three phases of an `em` component are channels of their own. */
const phaseFacts = ({ key, type, status }: Component): DeviceFact[] =>
  type !== 'em'
    ? []
    : ['a', 'b', 'c'].flatMap((phase) => {
        const ofPhase = Object.fromEntries(Object.keys(load).map((name) => [name, status[`${phase}_${name}`]]));
        const values = valuesOf({ key, type: 'em1', channel: undefined, status: ofPhase });
        const channel = `${key}:${phase}`;
        return Object.keys(values).length === 0 ? [] : [{ type: 'sensor.measured', data: { values, channel } }];
      });

const signalOf = (status: Status): number | undefined =>
  isObject(status.wifi) ? numberOf(status.wifi.rssi) : undefined;

/** Of these a change says nothing about a compound: the device's own housekeeping. */
const housekeeping = new Set(['ble', 'cloud', 'mqtt', 'ws', 'sys', 'ts', 'eth', 'knx', 'modbus', 'matter', 'ht_ui']);

/** What the components of a status say. `isWhole`: each is complete, not just what changed. Nothing when all of it is
 * housekeeping. */
export const factsOfComponents = (status: Status, isWhole: boolean): DeviceFact[] => {
  const components = Object.entries(status).flatMap(([key, value]) => componentOf(key, value) ?? []);
  const own: Values = {};
  const channels: DeviceFact[] = [];
  for (const component of components) {
    const values = valuesOf(component);
    const { channel } = component;
    if (channel === undefined) Object.assign(own, values);
    else if (Object.keys(values).length > 0) channels.push({ type: 'sensor.measured', data: { values, channel } });
    channels.push(...phaseFacts(component));
  }
  const { batteryPercent } = own;
  const facts = [
    ...(Object.keys(own).length === 0 ? [] : [{ type: 'sensor.measured', data: { values: own } }]),
    ...channels,
    ...components.flatMap(alarmFacts),
    ...(batteryPercent === undefined ? [] : batteryFactOfPercent(batteryPercent)),
    ...components.flatMap((component) => faultFacts(component, isWhole)),
  ];
  const saysSomething = facts.some(({ type }) => type !== 'device.fault-cleared');
  if (saysSomething || Object.keys(status).every((key) => housekeeping.has(key))) return facts;
  const signalDbm = signalOf(status);
  return [{ type: 'device.seen', data: signalDbm === undefined ? {} : { signalDbm } }, ...facts];
};
