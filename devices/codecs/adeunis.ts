import type { Codec } from './codec.ts';

const dataFrame = 0x43;
const keepAlive = 0x30;
/** What stands for a probe that is broken or not plugged in. */
const noReading = -0x8000;

/** A probe's number and type in one byte, then tenths of a degree. A type of 0 is a probe that was switched off. */
const probe = (value: DataView, offset: number): { temperature?: number } => {
  const tenths = value.getInt16(offset + 1);
  const isOn = (value.getUint8(offset) & 0x0f) !== 0;
  return isOn && tenths !== noReading ? { temperature: tenths / 10 } : {};
};

/** Adeunis' TEMP with two probes, data frame 0x43 and the keep-alive 0x30 that is laid out alike. */
export const adeunis: Codec = {
  name: 'adeunis',
  decode({ bytes, model }) {
    const isFrame = (bytes[0] === dataFrame || bytes[0] === keepAlive) && bytes.length === 8;
    if (!/adeunis/.test(model) || !/temp/.test(model) || !isFrame) return undefined;
    const value = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return { battery_low: (value.getUint8(1) & 0x02) !== 0, ...probe(value, 2), probe: { ...probe(value, 5) } };
  },
};
