import { entryOf } from '../../codecs/field-values.ts';
import { factsOfFields } from '../../codecs/known-fields.ts';
import type { DeviceFact } from '../../dialect.ts';
import { isObject } from './sensor-groups.ts';

/** Tasmota's words of a Zigbee device → the codecs'. An opened contact is an alarm of its zone, hence 1 (ZCL, 8.2.2). */
const words: Record<string, string> = {
  Temperature: 'temperature',
  Humidity: 'humidity',
  Pressure: 'pressurehpa',
  BatteryPercentage: 'batterypercent',
  BatteryVoltage: 'batteryvoltage',
  Occupancy: 'occupancy',
  Contact: 'contactopen',
  Water: 'waterleak',
  Fire: 'smoke',
  ActivePower: 'power',
  RMSVoltage: 'voltage',
  RMSCurrent: 'current',
};

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, 100) : undefined;

const factsOfDevice = (bridge: string, key: string, said: Record<string, unknown>): DeviceFact[] => {
  const fields = Object.entries(said)
    .slice(0, 100)
    .flatMap(([name, value]) => {
      const word = entryOf(words, name);
      return word === undefined ? [] : [{ key: word, value }];
    });
  const facts = factsOfFields(fields);
  const externalId = `${bridge}/${textOf(said.Device) ?? key.slice(0, 100)}`;
  const about = { externalId, name: textOf(said.Name) ?? externalId, kind: 'sensor' };
  // A button or a plain state: nothing that is measured, but the device lives.
  return (facts.length === 0 ? [{ type: 'device.seen', data: {} }] : facts).map((fact) => ({ ...fact, ...about }));
};

/** What a Zigbee bridge with Tasmota received from the devices beneath it, by their short addresses or their names. */
export const factsOfZigbee = (received: unknown, bridge: string): DeviceFact[] =>
  isObject(received)
    ? Object.entries(received)
        .slice(0, 100)
        .flatMap(([key, said]) => (isObject(said) ? factsOfDevice(bridge, key, said) : []))
    : [];
