import type { DeviceFact } from '../dialect.ts';
import { type QuantityName, quantities } from '../quantities.ts';
import { entryOf, flagOf, numberOf } from './field-values.ts';
import { type Field, normalKey } from './object-fields.ts';
import { alarmFact, batteryFact, batteryFactOfPercent, rounded, tamperFact } from './state-facts.ts';

type Reading = readonly [QuantityName, number];
type Read = (value: unknown, keysBeside: ReadonlySet<string>) => Reading | undefined;

const scaled =
  (quantity: QuantityName, factor = 1): Read =>
  (value) => {
    const number = numberOf(value);
    return number === undefined ? undefined : [quantity, rounded(number * factor)];
  };

const state =
  (quantity: QuantityName, on: readonly string[], off: readonly string[]): Read =>
  (value) => {
    const flag = flagOf(value, on, off);
    return flag === undefined ? undefined : [quantity, flag ? 1 : 0];
  };

/** Codecs of ultrasonic and level sensors give whole millimetres or centimetres; a fraction is already metres. */
const length =
  (quantity: QuantityName, factorOfWhole: number): Read =>
  (value) => {
    const number = numberOf(value);
    return number === undefined ? undefined : [quantity, Number.isInteger(number) ? number * factorOfWhole : number];
  };

/** `battery` is a percentage with most codecs, volts with some: no percentage is a fraction below 5. */
const battery: Read = (value) => {
  const number = numberOf(value);
  if (number === undefined) return undefined;
  return number < 5 && !Number.isInteger(number) ? ['voltageV', number] : ['batteryPercent', number];
};

/** Millivolts where the number is too large for anything in a compound that has a LoRaWAN sensor. */
const voltage: Read = (value) => {
  const number = numberOf(value);
  return number === undefined ? undefined : ['voltageV', number > 1000 ? rounded(number / 1000) : number];
};

/** A bare `pressure` beside temperature, humidity or CO₂ is the air's, in hPa as barometers give it; alone it is a
 * pipe's, in kPa. */
const pressure: Read = (value, keysBeside) => {
  const ofAir = ['temperature', 'humidity', 'co2'].some((key) => keysBeside.has(key));
  return scaled('pressureKPa', ofAir ? 0.1 : 1)(value, keysBeside);
};

/** A switch's `contact: true` means shut with some codecs and open with others, so that only words count. */
const contactInWords: Read = (value, keysBeside) =>
  typeof value === 'string' && numberOf(value) === undefined && !/^(true|false)$/i.test(value)
    ? state('contactOpen', openWords, shutWords)(value, keysBeside)
    : undefined;

const openWords = ['open', 'opened'];
const shutWords = ['closed', 'close', 'shut'];
const leakWords = ['leak', 'leaking', 'leakage', 'wet', 'flooded'];

const readers: Record<string, Read> = Object.fromEntries(
  (
    [
      [['temperature', 'temp', 'airtemperature', 'ambienttemperature', 'temperaturesensor'], scaled('temperatureC')],
      [['humidity', 'hum', 'relativehumidity', 'airhumidity', 'humiditysensor'], scaled('humidityPercent')],
      [['barometricpressure', 'airpressure', 'barometer', 'pressurehpa'], scaled('pressureKPa', 0.1)],
      [['pressurempa'], scaled('pressureKPa', 1000)],
      [['pressurebar'], scaled('pressureKPa', 100)],
      [['pressure', 'waterpressure'], pressure],
      [['battery', 'batterylevel', 'batt'], battery],
      [['batteryvoltage', 'batteryv', 'batv', 'voltage'], voltage],
      [['co2', 'co2concentration'], scaled('co2Ppm')],
      [['pm25'], scaled('pm25UgPerM3')],
      [['pm10'], scaled('pm10UgPerM3')],
      [['noise', 'laeq', 'leq'], scaled('noiseDb')],
      [['illuminance', 'illumination', 'lux', 'illuminancesensor'], scaled('illuminanceLux')],
      [['distance'], length('distanceM', 0.001)],
      [['distancemm'], scaled('distanceM', 0.001)],
      [['level', 'waterlevel', 'liquidlevel', 'depth'], length('waterLevelM', 0.01)],
      [['depthcm', 'levelcm', 'waterlevelcm'], scaled('waterLevelM', 0.01)],
      [['tilt', 'angle'], scaled('tiltDegrees')],
      [['power', 'activepower'], scaled('powerW')],
      [['current'], scaled('currentA')],
      [['energykwh'], scaled('energyWh', 1000)],
      [['peoplecount', 'people'], scaled('peopleCount')],
      [
        ['door', 'dooropen', 'doorstatus', 'dooropenstatus', 'magnet', 'magnetstatus'],
        state('contactOpen', openWords, shutWords),
      ],
      [['contact', 'contactstatus', 'contactstate'], contactInWords],
      [['occupancy', 'occupied', 'presence', 'pir'], state('occupancy', ['occupied'], ['vacant'])],
      [
        ['waterleak', 'leak', 'leakage', 'leakagestatus', 'waterleakstatus', 'flood'],
        state('waterLeak', leakWords, ['dry']),
      ],
      [['smoke', 'smokealarm', 'smokestatus'], state('smokeAlarm', ['smoke', 'fire'], [])],
    ] as const
  )
    .flatMap(([keys, read]) => keys.map((key): [string, Read] => [key, read]))
    // A codec written for the hub may use the hub's own names.
    .concat(
      (Object.keys(quantities) as QuantityName[]).map((name): [string, Read] => [
        normalKey(name),
        (value) => {
          const number = numberOf(value) ?? (typeof value === 'boolean' ? Number(value) : undefined);
          return number === undefined ? undefined : [name, number];
        },
      ]),
    )
    .reverse(),
);

const tamperKeys = new Set(['tamper', 'tamperstatus', 'tamperalarm', 'antitamper']);
const tamperedWords = ['uninstalled', 'dismounted', 'removed', 'open', 'opened', 'tampered'];
const untamperedWords = ['installed', 'mounted', 'closed', 'close'];
const gasKeys = new Set(['gas', 'gasalarm', 'gasstatus']);

const stateFactsOf = ({ key, value }: Field): DeviceFact[] => {
  if (key === 'batterylow' || key === 'lowbattery') {
    const low = flagOf(value);
    return low === undefined ? [] : [batteryFact(low)];
  }
  if (tamperKeys.has(key)) {
    const active = flagOf(value, tamperedWords, untamperedWords);
    const word = typeof value === 'string' ? value : undefined;
    return active === undefined ? [] : [tamperFact(active, word)];
  }
  // A number under `gas` is a concentration in a unit that nobody names.
  const gas = gasKeys.has(key) && typeof value !== 'number' ? flagOf(value, ['leak'], []) : undefined;
  return gas === undefined ? [] : [alarmFact('gas', gas)];
};

const stateFactsOfReading = ([quantity, value]: Reading): DeviceFact[] => {
  if (quantity === 'batteryPercent') return batteryFactOfPercent(value);
  if (quantity === 'smokeAlarm') return [alarmFact('smoke', value === 1)];
  return quantity === 'waterLeak' ? [alarmFact('water-leak', value === 1)] : [];
};

/** What the known fields say; unknown ones are passed over, for a codec may emit whatever it likes. */
export const factsOfFields = (fields: readonly Field[]): DeviceFact[] => {
  const keys = new Set(fields.map((field) => field.key));
  const valuesOfChannel = new Map<string | undefined, Partial<Record<QuantityName, number>>>();
  const stateFacts: DeviceFact[] = [];
  for (const field of fields) {
    stateFacts.push(...stateFactsOf(field));
    const reading = entryOf(readers, field.key)?.(field.value, keys);
    if (reading === undefined) continue;
    const values = valuesOfChannel.get(field.channel) ?? {};
    values[reading[0]] = reading[1];
    valuesOfChannel.set(field.channel, values);
    stateFacts.push(...stateFactsOfReading(reading));
  }
  const measured = [...valuesOfChannel].map(
    ([channel, values]): DeviceFact => ({
      type: 'sensor.measured',
      data: channel === undefined ? { values } : { values, channel },
    }),
  );
  return [...measured, ...stateFacts];
};
