import { expect, test } from '@jest/globals';
import { contractOf, kindOfType, mayExpire, nearTypes } from './vocabulary.ts';

test.each([
  ['gate.passed', 'access-gate'],
  ['charging.metered', 'charging-post'],
  ['sensor.measured', 'sensor'],
  ['device.fault-raised', undefined],
  ['constructor', undefined],
])('kindOfType %s: %s', (type, kind) => {
  expect(kindOfType(type)).toBe(kind);
});

test('contractOf knows the types of kinds and of every device, and no others', () => {
  expect(contractOf('gate.passed')?.safeParse({}).success).toBe(true);
  expect(contractOf('device.seen')?.safeParse({}).success).toBe(true);
  expect(contractOf('lift.arrived')).toBeUndefined();
  expect(contractOf('toString')).toBeUndefined();
});

test.each([
  ['gate.pased', 'gate.passed'],
  ['com.example.gate.forced-open', 'gate.forced-open'],
  ['Gate.Passed', 'gate.passed'],
  ['device.fault.raised', 'device.fault-raised'],
])('nearTypes %s begins with %s', (type, near) => {
  expect(nearTypes(type)[0]).toBe(near);
});

test('nearTypes has no guess for nonsense', () => {
  expect(nearTypes('x')).toEqual([]);
  expect(nearTypes('z'.repeat(100_000))).toEqual([]);
});

test.each([
  ['gate.passed', true],
  ['gate.forced-open', false],
  ['sensor.measured', true],
  ['device.seen', true],
  ['device.connected', false],
  ['ingest.payload-refused', false],
  ['constructor', false],
])('mayExpire %s: %s', (type, may) => {
  expect(mayExpire(type)).toBe(may);
});
