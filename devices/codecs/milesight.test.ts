import { describe, expect, test } from '@jest/globals';
import { milesight } from './milesight.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

const decode = (bytes: string, model = '', fPort = 85) => milesight.decode({ bytes: hex(bytes), fPort, model });

describe('Milesight frames', () => {
  test.each([
    [
      'WS301 door magnet',
      '017564 030001 040001',
      '',
      { battery: 100, magnet_status: 'open', tamper_status: 'uninstalled' },
    ],
    ['WS301 shut and in place', '030000 040000', '', { magnet_status: 'closed', tamper_status: 'installed' }],
    ['EM300-TH', '01755C 03673401 046865', '', { battery: 92, temperature: 30.8, humidity: 50.5 }],
    ['frost', '0367CEFF', '', { temperature: -5 }],
    ['EM300-MCS', '03673401 060001', '', { temperature: 30.8, magnet_status: 'open' }],
    ['EM500-CO2', '046873 057D6704 06736827', '', { humidity: 57.5, co2: 1127, barometric_pressure: 1008.8 }],
    ['EM500-PP', '017564 037B0A00', '', { battery: 100, pressure_kpa: 10 }],
    ['EM500-SWL', '03770200', '', { depth_cm: 2 }],
    ['EM500-UDL', '03821E00', '', { distance_mm: 30 }],
    ['temperature with alarm byte', '8367220101', '', { temperature: 29 }],
    ['leak sensor, model known', '050001', 'milesight em300-sld', { leakage_status: 'leak' }],
    ['history behind a reading', '017564 20CE9E74466310015D01', '', { battery: 100 }],
    ['description channels are stepped over', 'FF0BFF 017532', '', { battery: 50 }],
  ])('%s', (_, bytes, model, expected) => {
    expect(decode(bytes, model)).toEqual(expected);
  });

  test('a state whose model is unknown is not guessed', () => {
    expect(decode('050001')).toEqual({});
    expect(decode('03821E00 040001')).toEqual({ distance_mm: 30 });
  });

  test.each([
    ['a cut frame', '0367 34'],
    ['an unknown type', '03AA01'],
    ['nothing', ''],
  ])('%s is no Milesight frame', (_, bytes) => {
    expect(decode(bytes)).toBeUndefined();
  });

  test('another port is theirs only when the model says so', () => {
    expect(decode('017564', '', 1)).toBeUndefined();
    expect(decode('017564', 'milesight am107', 1)).toEqual({ battery: 100 });
  });
});
