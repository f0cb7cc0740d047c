import { describe, expect, test } from '@jest/globals';
import { dragino } from './dragino.ts';

const decode = (bytes: string, model: string, fPort: number) =>
  dragino.decode({ bytes: Uint8Array.from(Buffer.from(bytes.replaceAll(' ', ''), 'hex')), fPort, model });

describe('Dragino frames', () => {
  test.each([
    ['LDS02 open', '8B66 01 000093 000025 01', 'dragino lds02', 10, { battery_voltage: 2.918, door: 'open' }],
    ['LDS02 shut', '0B66 01 000093 000025 00', 'dragino lds02', 10, { battery_voltage: 2.918, door: 'closed' }],
    ['LWL02 wet', '4BE1 02 000001 000000 01', 'lwl02 cellar', 10, { battery_voltage: 3.041, water_leak: 'leak' }],
    ['LWL02 dry', '0BE1 02 000001 000003 00', 'lwl02 cellar', 10, { battery_voltage: 3.041, water_leak: 'normal' }],
    ['a counter of openings', '0B66 03 000093 000025 00', 'lds02', 10, { battery_voltage: 2.918 }],
    ['LDDS75', '0CE4 0B06 00 0000 01', 'ldds75', 2, { battery_voltage: 3.3, distance_mm: 2822 }],
    ['LDDS75 without an echo', '0CE4 0014 00 0000 01', 'ldds75', 2, { battery_voltage: 3.3 }],
    [
      'LHT65',
      'CBF6 0B0D 0376 01 0ADD 7FFF',
      'lht65',
      2,
      { battery_voltage: 3.062, temperature: 28.29, humidity: 88.6 },
    ],
    ['LHT65 in the frost', 'CBF6 FF38 0376 01 0ADD 7FFF', 'lht65n', 2, expect.objectContaining({ temperature: -2 })],
    ['LHT65 with a time stamp in the way', 'CBF6 0B0D 0376 09 0ADD 7FFF', 'lht65', 2, {}],
  ])('%s', (_, bytes, model, fPort, expected) => {
    expect(decode(bytes, model, fPort)).toEqual(expected);
  });

  test.each([
    ['the model is not named', '8B66 01 000093 000025 01', '', 10],
    ['it comes on another port', '8B66 01 000093 000025 01', 'lds02', 2],
    ['it has another length', '8B66 01', 'lds02', 10],
  ])('a frame is not read when %s', (_, bytes, model, fPort) => {
    expect(decode(bytes, model, fPort)).toBeUndefined();
  });
});
