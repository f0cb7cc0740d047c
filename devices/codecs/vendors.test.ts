import { describe, expect, test } from '@jest/globals';
import { decodeFrame } from './decode-frame.ts';

const decode = (bytes: string, model: string, fPort: number) =>
  decodeFrame({ bytes: Uint8Array.from(Buffer.from(bytes.replaceAll(' ', ''), 'hex')), fPort, model });

describe("frames of the smaller vendors, read through all codecs' order", () => {
  test.each([
    [
      'Elsys ERS CO2',
      '0100E7 0221 040024 0502 0601B0 070E4D',
      'elsys ers co2',
      5,
      { temperature: 23.1, humidity: 33, illuminance: 36, co2: 432, battery_voltage: 3.661 },
    ],
    ['Elsys EMS, frost and a leak', '01FFCE 1201', 'elsys ems', 5, { temperature: -5, water_leak: true }],
    ['Elsys, somebody there', '1102 0C00FA', 'elsys ers eye', 5, { occupancy: true, probe: { temperature: 25 } }],
    [
      'Netvox RA02A, quiet, its battery low',
      '010A01 98 00 00 0104 000000',
      'netvox ra02a',
      6,
      { battery_voltage: 2.4, battery_low: true, smoke: false, temperature: 26 },
    ],
    [
      'Netvox RA02A, fire',
      '010A01 1E 01 01 0258 000000',
      'ra02a stairs',
      6,
      { battery_voltage: 3, battery_low: false, smoke: true, temperature: 60 },
    ],
    [
      'Adeunis TEMP with two probes',
      '4340 01 00F4 02 00F1',
      'adeunis temp',
      1,
      { battery_low: false, temperature: 24.4, probe: { temperature: 24.1 } },
    ],
    [
      'Adeunis TEMP, one probe switched off',
      '4340 11 00F4 20 0000',
      'adeunis temp',
      1,
      { battery_low: false, temperature: 24.4, probe: {} },
    ],
    [
      'Adeunis TEMP, a broken probe',
      '3042 01 00F4 02 8000',
      'adeunis temp',
      1,
      { battery_low: true, temperature: 24.4, probe: {} },
    ],
    ['Dragino LHT52', '08CD 0220 7FFF 01 61CD4EDD', 'dragino lht52', 2, { temperature: 22.53, humidity: 54.4 }],
    ['Dragino LWL03A, wet', '01 000001 000002 6537C25D', 'lwl03a cellar', 2, { water_leak: 'leak' }],
  ])('%s', (_, bytes, model, fPort, expected) => {
    expect(decode(bytes, model, fPort)).toEqual(expected);
  });

  test.each([
    ['an Elsys frame whose model nobody named', '0100E7 0221', '', 5],
    ['an Elsys frame that was cut', '0100E7 02', 'elsys ers', 5],
    ['an Elsys type that nobody knows', 'EE00', 'elsys ers', 5],
    ['a Netvox frame of another device', '010B01 98 00 00 0104 000000', 'netvox', 6],
    ['an Adeunis frame of its configuration', '1040 01 00F4 02 00F1', 'adeunis temp', 1],
  ])('%s is not guessed at', (_, bytes, model, fPort) => {
    expect(decode(bytes, model, fPort)).toBeUndefined();
  });
});
