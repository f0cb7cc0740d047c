import type { Codec, Fields, Frame } from './codec.ts';

interface Layout {
  /** The model's name as installers write it; Dragino's frames carry none, and their lengths prove nothing. */
  model: RegExp;
  fPort: number;
  lengths: readonly number[];
  read(value: DataView): Fields;
}

/** Millivolts in the lower 14 bits of the first two bytes; the upper two are states with some models. */
const batteryV = (value: DataView): number => (value.getUint16(0) & 0x3fff) / 1000;

const doorAndLeak = (value: DataView): Fields => {
  const states = value.getUint8(0);
  const mode = value.getUint8(2);
  const battery = { battery_voltage: batteryV(value) };
  // Mode 3 counts openings and has no state.
  if (mode === 1) return { ...battery, door: (states & 0x80) === 0 ? 'closed' : 'open' };
  return mode === 2 ? { ...battery, water_leak: (states & 0x40) === 0 ? 'normal' : 'leak' } : battery;
};

/** Millimetres; 0 says that no probe is there, up to 20 that it heard no echo. */
const distance = (value: DataView): Fields => {
  const millimetres = value.getUint16(2);
  const battery = { battery_voltage: batteryV(value) };
  return millimetres <= 20 ? battery : { ...battery, distance_mm: millimetres };
};

/** With external sensor type 9 a time stamp shifts the rest. */
const climate = (value: DataView): Fields =>
  (value.getUint8(6) & 0x7f) === 9
    ? {}
    : {
        battery_voltage: batteryV(value),
        temperature: value.getInt16(2) / 100,
        humidity: value.getUint16(4) / 10,
      };

/** Hundredths of a degree, tenths of a per cent, the probe, its type, a time stamp; the battery comes on port 5. */
const smallClimate = (value: DataView): Fields => ({
  temperature: value.getInt16(0) / 100,
  humidity: value.getUint16(2) / 10,
});

/** A state byte, two counters and a time stamp. */
const leakRope = (value: DataView): Fields => ({ water_leak: (value.getUint8(0) & 1) === 1 ? 'leak' : 'normal' });

const layouts: readonly Layout[] = [
  { model: /lds0[12]|lwl0[12]/, fPort: 10, lengths: [10], read: doorAndLeak },
  { model: /l?dds(45|75)/, fPort: 2, lengths: [5, 8], read: distance },
  { model: /lht65/, fPort: 2, lengths: [11], read: climate },
  { model: /lht52/, fPort: 2, lengths: [11], read: smallClimate },
  { model: /lwl03/, fPort: 2, lengths: [11], read: leakRope },
];

const fits = ({ model, fPort, lengths }: Layout, frame: Frame): boolean =>
  model.test(frame.model) && fPort === frame.fPort && lengths.includes(frame.bytes.length);

/** Dragino's door and leak sensors (LDS01/02, LWL01/02/03A), distance sensors (LDDS45/75, DDS75-LB), LHT65 and LHT52, as
 * their user manuals lay the bytes out. */
export const dragino: Codec = {
  name: 'dragino',
  decode(frame) {
    const layout = layouts.find((candidate) => fits(candidate, frame));
    const { buffer, byteOffset, byteLength } = frame.bytes;
    return layout?.read(new DataView(buffer, byteOffset, byteLength));
  },
};
