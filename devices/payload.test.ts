import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { kebabCase, looseNumber, parseJson } from './payload.ts';

test.each([
  ['OverVoltage', 'over-voltage'],
  ['EVCommunicationError', 'ev-communication-error'],
  ['SuspendedEVSE', 'suspended-evse'],
  ['DeAuthorized', 'de-authorized'],
  ['already-kebab', 'already-kebab'],
  ['with space_and.dot', 'with-space-and-dot'],
  ['!!', ''],
])('kebabCase %s: %s', (word, expected) => {
  expect(kebabCase(word)).toBe(expected);
});

test.each<[unknown, number]>([
  ['236.1', 236.1],
  [' 10 ', 10],
  ['-1e3', -1000],
  ['5.', 5],
  ['.5', 0.5],
  [7, 7],
])('looseNumber %j: %d', (input, expected) => {
  expect(looseNumber.parse(input)).toBe(expected);
});

test.each(['', 'NaN', '1e999', '0x10', '1,5', null, true])('looseNumber refuses %j', (input) => {
  expect(looseNumber.safeParse(input).success).toBe(false);
});

test('parseJson names what is wrong', () => {
  const schema = z.strictObject({ a: z.object({ b: z.number() }) });
  const parse = (text: string | Uint8Array) =>
    parseJson(typeof text === 'string' ? new TextEncoder().encode(text) : text, schema);
  expect(parse('{"a":{"b":1}}')).toEqual({ ok: true, value: { a: { b: 1 } } });
  expect(parse('{"a"')).toMatchObject({ ok: false, refusal: { code: 'broken-json' } });
  expect(parse(new Uint8Array([0xff, 0xd8]))).toMatchObject({ ok: false, refusal: { code: 'binary-payload' } });
  expect(parse('{"a":{"b":"x"}}')).toMatchObject({ ok: false, refusal: { code: 'contract-violated', field: 'a.b' } });
});
