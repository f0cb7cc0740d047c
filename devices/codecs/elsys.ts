import type { Codec, Fields } from './codec.ts';

const signed = (value: DataView): number => value.getInt16(0) / 10;
const nothing = (): Fields => ({});

/** Type byte → how many bytes follow it, and what they say. Types of no interest are stepped over. */
const types: Readonly<Record<number, readonly [number, (value: DataView) => Fields]>> = {
  1: [2, (value) => ({ temperature: signed(value) })],
  2: [1, (value) => ({ humidity: value.getUint8(0) })],
  3: [3, nothing],
  4: [2, (value) => ({ illuminance: value.getUint16(0) })],
  5: [1, nothing],
  6: [2, (value) => ({ co2: value.getUint16(0) })],
  7: [2, (value) => ({ battery_voltage: value.getUint16(0) / 1000 })],
  8: [2, nothing],
  9: [6, nothing],
  10: [2, nothing],
  11: [4, nothing],
  12: [2, (value) => ({ probe: { temperature: signed(value) } })],
  // A digital input, the reed switch of the EMS Door among them: which way round it is wired isn't said.
  13: [1, nothing],
  14: [2, (value) => ({ distance_mm: value.getUint16(0) })],
  15: [1, nothing],
  16: [4, nothing],
  // 1 is somebody coming or going.
  17: [1, (value) => ({ occupancy: value.getUint8(0) === 2 })],
  18: [1, (value) => ({ water_leak: value.getUint8(0) > 0 })],
  19: [65, nothing],
  20: [4, (value) => ({ barometric_pressure: value.getInt32(0) / 1000 })],
  21: [2, (value) => ({ noise: value.getUint8(1) })],
  22: [2, nothing],
  23: [4, nothing],
  24: [2, nothing],
  25: [2, nothing],
  26: [1, nothing],
  27: [4, nothing],
  28: [2, nothing],
  61: [4, nothing],
};

/** Elsys' type and value format (ERS, EMS, ELT families). Nothing in a frame says whose it is, so that the model must. */
export const elsys: Codec = {
  name: 'elsys',
  decode({ bytes, model }) {
    if (!/\b(elsys|ers)\b/.test(model) || bytes.length === 0) return undefined;
    const fields: Fields = {};
    for (let offset = 0; offset < bytes.length; ) {
      const [length, read] = types[bytes[offset] ?? 0] ?? [];
      if (length === undefined || read === undefined || offset + 1 + length > bytes.length) return undefined;
      Object.assign(fields, read(new DataView(bytes.buffer, bytes.byteOffset + offset + 1, length)));
      offset += 1 + length;
    }
    return fields;
  },
};
