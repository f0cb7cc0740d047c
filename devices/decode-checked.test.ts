import { describe, expect, test } from '@jest/globals';
import { decodeChecked } from './decode-checked.ts';
import { type Decoded, type Dialect, facts } from './dialect.ts';

const message = { topic: 't', payload: new Uint8Array(), retain: false, timeZone: 'UTC' };
const speaking = (decode: () => Decoded): Dialect => ({
  name: 'test',
  title: { zh: '测试', en: 'Test' },
  kinds: ['sensor'],
  topics: ['t'],
  decode,
});
const check = (decode: () => Decoded) => decodeChecked(speaking(decode), message, () => undefined);

describe('decodeChecked', () => {
  test('lets through facts that satisfy their contracts', () => {
    const decoded = facts({ type: 'gate.passed', data: {} });
    expect(check(() => decoded)).toEqual(decoded);
  });

  test('refuses a violation with the field of the fact it stands in', () => {
    const good = { type: 'gate.passed', data: {} };
    const bad = { type: 'sensor.measured', data: { values: { temperatureC: 9999 } } };
    expect(check(() => facts(bad))).toMatchObject({ code: 'contract-violated', field: 'data.values.temperatureC' });
    expect(check(() => facts(good, bad))).toMatchObject({ field: '1.data.values.temperatureC' });
  });

  test('refuses an unknown type and names what may be meant', () => {
    expect(check(() => facts({ type: 'gate.pased', data: {} }))).toMatchObject({
      code: 'unknown-type',
      field: 'type',
      reason: expect.stringContaining('gate.passed'),
    });
  });

  test('turns an error of the dialect into a refusal', () => {
    const decoded = check(() => {
      throw new Error('boom');
    });
    expect(decoded).toMatchObject({ outcome: 'refused', code: 'contract-violated' });
    expect((decoded as { reason: string }).reason).toContain('boom');
  });

  test('no facts at all is a no-op, and what was to be remembered stays', () => {
    expect(check(() => ({ ...facts(), remember: { a: '1' } }) as Decoded)).toEqual({
      outcome: 'no-op',
      reason: 'nothing-said',
      remember: { a: '1' },
    });
  });
});
