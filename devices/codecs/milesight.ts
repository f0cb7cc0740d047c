import type { Codec, Fields, Frame } from './codec.ts';

interface Item {
  channel: number;
  type: number;
  value: DataView;
}

/** Bytes that follow a channel type. The type says how a value is written, the channel mostly what it is. */
const lengthByType: Record<number, number> = {
  0: 1,
  101: 6,
  103: 2,
  104: 1,
  106: 2,
  115: 2,
  117: 1,
  119: 2,
  123: 2,
  125: 2,
  130: 2,
  203: 1,
};

/** Channel 0xFF carries the device's description, of no interest here but to be stepped over. */
const lengthOfDescription: Record<number, number> = { 1: 1, 9: 2, 10: 2, 11: 1, 15: 1, 22: 8, 254: 1, 255: 2 };

/** Channels from 0x80 on repeat a reading with an alarm byte behind it. */
const lengthOfAlarm: Record<number, number> = { 0: 2, 103: 3, 130: 3 };

const historyType = 0xce;

const lengthOf = (channel: number, type: number): number | undefined => {
  if (channel === 0xff) return lengthOfDescription[type];
  return channel >= 0x80 ? lengthOfAlarm[type] : lengthByType[type];
};

/** Splits channel, type, value triples; nothing when the bytes don't come out even, because then they are no such frame. */
const split = (bytes: Uint8Array): Item[] | undefined => {
  const items: Item[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const channel = bytes[offset];
    const type = bytes[offset + 1];
    if (channel === undefined || type === undefined) return undefined;
    // What a device sends of its past has a length that depends on the model, and always comes last.
    if (type === historyType) return items;
    const length = lengthOf(channel, type);
    if (length === undefined || offset + 2 + length > bytes.length) return undefined;
    items.push({ channel, type, value: new DataView(bytes.buffer, bytes.byteOffset + offset + 2, length) });
    offset += 2 + length;
  }
  return items.length === 0 ? undefined : items;
};

const tenths = (value: DataView): number => value.getInt16(0, true) / 10;
const unsigned = (value: DataView): number => value.getUint16(0, true);

/** Type 0x00 is one byte of state, and only the model says which state: channel 5 is a leak with the EM300-SLD, a PIR
 * with the WS203, a tilt with the EM400. What the frame and the model leave open stays undecoded. */
const stateOf = (channel: number, on: boolean, frame: Frame, isDoorMagnet: boolean): Fields => {
  if (isDoorMagnet && channel === 3) return { magnet_status: on ? 'open' : 'closed' };
  if (isDoorMagnet && channel === 4) return { tamper_status: on ? 'uninstalled' : 'installed' };
  if (channel === 6) return { magnet_status: on ? 'open' : 'closed' };
  if (channel === 5 && /em300-?(sld|zld|mld)/.test(frame.model)) return { leakage_status: on ? 'leak' : 'normal' };
  if (channel === 5 && /ws20[23]/.test(frame.model)) return { occupancy: on };
  return {};
};

const readByType: Record<number, (channel: number, value: DataView) => Fields> = {
  101: (_, value) => ({ illuminance: unsigned(value) }),
  103: (_, value) => ({ temperature: tenths(value) }),
  104: (_, value) => ({ humidity: value.getUint8(0) / 2 }),
  115: (_, value) => ({ barometric_pressure: unsigned(value) / 10 }),
  117: (_, value) => ({ battery: value.getUint8(0) }),
  119: (_, value) => ({ depth_cm: value.getInt16(0, true) }),
  123: (_, value) => ({ pressure_kpa: unsigned(value) }),
  125: (channel, value): Fields => {
    if (channel === 5 || channel === 7) return { co2: unsigned(value) };
    if (channel === 11) return { pm2_5: unsigned(value) };
    return channel === 12 ? { pm10: unsigned(value) } : {};
  },
  130: (_, value) => ({ distance_mm: unsigned(value) }),
};

/** Milesight's channel, type, value format (WS301, EM300, EM500, AM100 families). Their devices send it on port 85, so that
 * a frame on another port is theirs only when the model says so. */
export const milesight: Codec = {
  name: 'milesight',
  decode(frame) {
    if (frame.fPort !== 85 && !frame.model.includes('milesight')) return undefined;
    const items = split(frame.bytes);
    if (items === undefined) return undefined;
    // Only the WS301 has a state on channel 3, and only there channel 4 is the tamper switch.
    const isDoorMagnet = items.some((item) => item.channel === 3 && item.type === 0);
    const fields: Fields = {};
    for (const { channel, type, value } of items) {
      if (type === 0) Object.assign(fields, stateOf(channel, value.getUint8(0) === 1, frame, isDoorMagnet));
      else if (channel !== 0xff) Object.assign(fields, readByType[type]?.(channel, value));
    }
    return fields;
  },
};
