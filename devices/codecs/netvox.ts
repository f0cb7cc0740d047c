import type { Codec } from './codec.ts';

const smokeDetector = 0x0a;

/** Netvox' RA02A smoke detector, status report (device type 0x0A, report type 1) on port 6: volts in tenths with the
 * low-battery bit above them, the fire alarm, the heat alarm, tenths of a degree. */
export const netvox: Codec = {
  name: 'netvox',
  decode({ bytes, fPort, model }) {
    if (!/netvox|ra02a/.test(model) || fPort !== 6 || bytes.length !== 11) return undefined;
    const value = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (value.getUint8(1) !== smokeDetector || value.getUint8(2) !== 1) return undefined;
    const battery = value.getUint8(3);
    return {
      battery_voltage: (battery & 0x7f) / 10,
      battery_low: (battery & 0x80) !== 0,
      smoke: value.getUint8(4) !== 0,
      temperature: value.getInt16(6) / 10,
    };
  },
};
