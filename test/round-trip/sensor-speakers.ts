import type { SimulatedEvent } from '../../devices/simulator.ts';
import { isoOf, renamed, type Said, type Speaker } from './speaker.ts';

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
  wrap: (state: object) => unknown,
  own: Readonly<Record<string, string>>,
): Said[] | undefined => {
  const state = stateOf(event, own);
  return state === undefined ? undefined : [{ topic, payload: wrap(state) }];
};

export const sensorSpeakers: Speaker[] = [
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
];
