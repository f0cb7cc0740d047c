import protocol from 'sparkplug-payload/lib/sparkplugPayloadProto.js';
import type { SimulatedEvent } from '../../devices/simulator.ts';
import { canonicalSpeaker, inShanghai, isoOf, renamed, type Said, type Say, type Speaker } from './speaker.ts';

const zigbeeWords = {
  temperatureC: 'temperature',
  humidityPercent: 'humidity',
  batteryPercent: 'battery',
  smokeAlarm: 'smoke',
  waterLeak: 'water_leak',
  co2Ppm: 'co2',
  pm25UgPerM3: 'pm25',
  noiseDb: 'noise',
} as const;
const flags = ['smoke', 'water_leak'];
const alarmWords: Readonly<Record<string, string>> = { smoke: 'smoke', 'water-leak': 'water_leak' };

/** The state of a Zigbee2MQTT or LoRaWAN object that says the event. */
const stateOf = ({ type, data }: SimulatedEvent, words: Readonly<Record<string, string>>) => {
  if (type === 'sensor.measured') {
    const state = renamed(data.values as Record<string, unknown>, words);
    return (
      state &&
      Object.fromEntries(Object.entries(state).map(([key, value]) => [key, flags.includes(key) ? value === 1 : value]))
    );
  }
  const alarm = type === 'sensor.threshold-crossed' ? alarmWords[String(data.quantity)] : undefined;
  if (alarm !== undefined) return { [alarm]: data.active };
  return type === 'device.battery-low' ? { battery: data.batteryPercent, battery_low: true } : undefined;
};

const loraWords = {
  ...zigbeeWords,
  pressureKPa: 'pressure_kpa',
  contactOpen: 'door_open',
  batteryPercent: 'battery',
} as const;

const words = (
  event: SimulatedEvent,
  topic: string,
  wrap: (state: Record<string, unknown>) => unknown,
  own: Readonly<Record<string, string>>,
): Said[] | undefined => {
  const state = stateOf(event, own);
  return state === undefined ? undefined : [{ topic, payload: wrap(state) }];
};

/** Component of a Shelly → how it says a value. */
const shellyComponents: Readonly<Record<string, (value: unknown) => Record<string, unknown>>> = {
  temperature: (tC) => ({ 'temperature:0': { id: 0, tC } }),
  humidity: (rh) => ({ 'humidity:0': { id: 0, rh } }),
  battery: (percent) => ({ 'devicepower:0': { id: 0, battery: { percent } } }),
  smoke: (alarm) => ({ 'smoke:0': { id: 0, alarm } }),
  water_leak: (alarm) => ({ 'flood:0': { id: 0, alarm } }),
};

const sayShelly: Say = (event) => {
  // It tells the percentage only and leaves it to the hub what is low.
  const { battery_low: _low, ...state } = stateOf(event, zigbeeWords) ?? {};
  const components = Object.entries(state).map(([word, value]) => shellyComponents[word]?.(value));
  if (components.length === 0 || components.includes(undefined)) return undefined;
  const src = 'shellyhtg3-84fce63ad204';
  const params = Object.assign({ ts: event.atMs / 1000 }, ...components);
  return [{ topic: `${src}/events/rpc`, payload: { src, dst: `${src}/events`, method: 'NotifyStatus', params } }];
};

/** Device class and unit; a word without unit is a binary sensor. */
const discovered: Readonly<Record<string, readonly [deviceClass: string, unit?: string]>> = {
  temperature: ['temperature', '°C'],
  humidity: ['humidity', '%'],
  battery: ['battery', '%'],
  pressure_kpa: ['pressure', 'kPa'],
  co2: ['carbon_dioxide', 'ppm'],
  pm25: ['pm25', 'µg/m³'],
  noise: ['sound_pressure', 'dB'],
  smoke: ['smoke'],
  water_leak: ['moisture'],
  door_open: ['door'],
  battery_low: ['battery'],
};

const sayHomeAssistant: Say = (event) => {
  const state = stateOf(event, loraWords);
  return (
    state &&
    Object.entries(state).flatMap(([word, value]): Said[] => {
      const [device_class, unit_of_measurement] = discovered[word] ?? [];
      const topic = `homeassistant/${unit_of_measurement === undefined ? 'binary_sensor' : 'sensor'}/unit-3/${word}`;
      const config = { device_class, unit_of_measurement, state_topic: `${topic}/state`, unique_id: `unit-3-${word}` };
      const said = unit_of_measurement === undefined ? (value ? 'ON' : 'OFF') : String(value);
      return [
        { topic: `${topic}/config`, payload: config },
        { topic: `${topic}/state`, payload: said },
      ];
    })
  );
};

const { Payload } = protocol.org.eclipse.tahu.protobuf;
const metricNames = [...new Set(Object.values(loraWords)), 'battery_low'];

/** Births first; after them a metric is a number only. */
const speakSparkplug = (): Say => {
  let seq = -1;
  const say = (word: string, timestamp: number, metrics: object[]): Said => {
    seq = (seq + 1) % 256;
    const topic = `spBv1.0/garden/${word}/node-1${word.startsWith('D') ? '/unit-3' : ''}`;
    return { topic, payload: Payload.encode({ timestamp, seq, metrics }).finish() };
  };
  const births = (timestamp: number): Said[] => [
    say('NBIRTH', timestamp, [{ name: 'bdSeq', datatype: 4, longValue: 0 }]),
    say(
      'DBIRTH',
      timestamp,
      metricNames.map((name, index) => ({ name, alias: index + 1, datatype: 10, isNull: true })),
    ),
  ];
  return (event) => {
    const state = stateOf(event, loraWords);
    if (state === undefined) return undefined;
    const { atMs: timestamp } = event;
    const metrics = Object.entries(state).map(([word, value]) => ({
      ...{ alias: metricNames.indexOf(word) + 1, timestamp },
      ...(typeof value === 'boolean' ? { datatype: 11, booleanValue: value } : { datatype: 10, doubleValue: value }),
    }));
    return [...(seq === -1 ? births(timestamp) : []), say('DDATA', timestamp, metrics)];
  };
};

const sayThermalCamera: Say = ({ data, type, atMs }) => {
  if (type !== 'sensor.threshold-crossed' || data.quantity !== 'temperatureC' || data.active !== true) return undefined;
  const info = { facesluiceId: 'cam-1', time: inShanghai(atMs), tempeunit: 0, message: [{ areaId: 0 }] };
  return [{ topic: 'mqtt/face/cam-1/Snap', payload: { operator: 'TemHighSnapPush', info } }];
};

export const sensorSpeakers: Speaker[] = [
  canonicalSpeaker,
  {
    dialect: 'zigbee2mqtt',
    speak: () => (event) =>
      words(
        event,
        'zigbee2mqtt/unit-3',
        (state) => ({ ...state, linkquality: 90, last_seen: event.atMs }),
        zigbeeWords,
      ),
  },
  {
    dialect: 'chirpstack',
    speak: () => (event) =>
      words(
        event,
        'application/garden/device/24e1241410000001/event/up',
        (object) => ({ time: isoOf(event), deviceInfo: { devEui: '24e1241410000001' }, fPort: 85, object }),
        loraWords,
      ),
  },
  {
    dialect: 'the-things-stack',
    speak: () => (event) =>
      words(
        event,
        'v3/garden@ttn/devices/unit-3/up',
        (state) => ({
          end_device_ids: { device_id: 'unit-3', dev_eui: '24E1241410000001' },
          uplink_message: { session_key_id: 'AZ', f_port: 2, decoded_payload: state, received_at: isoOf(event) },
        }),
        loraWords,
      ),
  },
  {
    dialect: 'thingsboard',
    speak: () => (event) =>
      words(event, 'v1/devices/me/telemetry', (values) => ({ ts: event.atMs, values }), loraWords),
  },
  {
    dialect: 'ditto',
    speak: () => (event) =>
      words(
        event,
        'ditto/twins',
        (state) => ({
          ...{ topic: 'xingyuan/unit-3/things/twin/events/modified', path: '/features', timestamp: isoOf(event) },
          value: Object.fromEntries(Object.entries(state).map(([word, value]) => [word, { properties: { value } }])),
        }),
        loraWords,
      ),
  },
  {
    dialect: 'tasmota',
    time: 'seconds',
    speak: () => (event) => {
      const values =
        event.type === 'sensor.measured' &&
        renamed(event.data.values as Record<string, unknown>, {
          temperatureC: 'Temperature',
          humidityPercent: 'Humidity',
          batteryPercent: 'Battery',
        });
      const payload = { Time: isoOf(event).replace(/\.\d+/, ''), AM2301: values, TempUnit: 'C' };
      return values ? [{ topic: 'tele/unit-3/SENSOR', payload }] : undefined;
    },
  },
  { dialect: 'shelly', speak: () => sayShelly },
  { dialect: 'home-assistant', time: 'none', speak: () => sayHomeAssistant },
  { dialect: 'sparkplug-b', speak: speakSparkplug },
  { dialect: 'facegate', time: 'seconds', speak: () => sayThermalCamera },
];
