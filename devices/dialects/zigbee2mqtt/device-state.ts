import { entryOf, flagOf, numberOf } from '../../codecs/field-values.ts';
import { alarmFact, batteryFact, batteryFactOfPercent, rounded, tamperFact } from '../../codecs/state-facts.ts';
import type { DeviceFact } from '../../dialect.ts';
import type { QuantityName } from '../../quantities.ts';

type State = Record<string, unknown>;

/** Zigbee2MQTT's own unit of each property → factor to ours. */
const numbers: Record<string, readonly [QuantityName, number]> = {
  temperature: ['temperatureC', 1],
  humidity: ['humidityPercent', 1],
  pressure: ['pressureKPa', 0.1],
  battery: ['batteryPercent', 1],
  // Since version 2 `illuminance` is in lux; before that it was a raw value with `illuminance_lux` beside it.
  illuminance: ['illuminanceLux', 1],
  illuminance_lux: ['illuminanceLux', 1],
  co2: ['co2Ppm', 1],
  pm25: ['pm25UgPerM3', 1],
  pm10: ['pm10UgPerM3', 1],
  noise: ['noiseDb', 1],
  power: ['powerW', 1],
  current: ['currentA', 1],
  energy: ['energyWh', 1000],
  ac_frequency: ['frequencyHz', 1],
  power_factor: ['powerFactor', 1],
};

const flags: Record<string, readonly [QuantityName, (flag: boolean) => number]> = {
  // `contact: true` means that the two halves touch: the door is shut.
  contact: ['contactOpen', (touching) => (touching ? 0 : 1)],
  occupancy: ['occupancy', Number],
  presence: ['occupancy', Number],
  water_leak: ['waterLeak', Number],
  smoke: ['smokeAlarm', Number],
};

const alarms: Record<string, string> = {
  smoke: 'smoke',
  water_leak: 'water-leak',
  gas: 'gas',
  carbon_monoxide: 'carbon-monoxide',
};

/** Millivolts from a battery, volts from a mains plug, under one name; no plug has 1000 V and no battery 1 V. */
const voltageOf = (voltage: number): number => (voltage > 1000 ? rounded(voltage / 1000) : voltage);

const valuesOf = (state: State): Partial<Record<QuantityName, number>> => {
  const values: Partial<Record<QuantityName, number>> = {};
  for (const [key, value] of Object.entries(state)) {
    const [quantity, factor] = entryOf(numbers, key) ?? [];
    const number = quantity === undefined ? undefined : numberOf(value);
    if (quantity !== undefined && factor !== undefined && number !== undefined)
      values[quantity] = rounded(number * factor);
    const [flagQuantity, toNumber] = entryOf(flags, key) ?? [];
    const flag = flagQuantity === undefined ? undefined : flagOf(value);
    if (flagQuantity !== undefined && toNumber !== undefined && flag !== undefined)
      values[flagQuantity] = toNumber(flag);
  }
  const lux = numberOf(state.illuminance_lux);
  if (lux !== undefined) values.illuminanceLux = lux;
  const voltage = numberOf(state.voltage);
  if (voltage !== undefined) values.voltageV = voltageOf(voltage);
  return values;
};

const batteryFactsOf = (state: State): DeviceFact[] => {
  const percent = numberOf(state.battery);
  const low = flagOf(state.battery_low);
  // The device's own verdict counts more than a percentage, which many sensors guess from the voltage.
  if (low !== undefined) return [batteryFact(low, percent)];
  return percent === undefined ? [] : batteryFactOfPercent(percent);
};

/** What a device's state says. Nested objects (`update`, `color`) and everything unknown are passed over; a state with
 * nothing known still shows that the device lives. */
export const factsOfState = (state: State): DeviceFact[] => {
  const values = valuesOf(state);
  const tampered = flagOf(state.tamper);
  const facts: DeviceFact[] = [
    ...(Object.keys(values).length === 0 ? [] : [{ type: 'sensor.measured', data: { values } }]),
    ...Object.entries(alarms).flatMap(([key, quantity]) => {
      const active = flagOf(state[key]);
      // `gas` is a number of no known unit with some detectors.
      return active === undefined || typeof state[key] === 'number' ? [] : [alarmFact(quantity, active)];
    }),
    ...(tampered === undefined ? [] : [tamperFact(tampered)]),
    ...batteryFactsOf(state),
  ];
  return facts.length === 0 ? [{ type: 'device.seen', data: {} }] : facts;
};
