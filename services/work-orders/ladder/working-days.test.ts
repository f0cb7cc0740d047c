import { describe, expect, test } from '@jest/globals';
import { addWorkingDays, nextWorkingDay, workingDaysBefore } from './working-days.ts';

const zone = 'Asia/Shanghai';
const at = (text: string): number => Date.parse(`${text}+08:00`);
const shown = (ms: number): string => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 16);

describe('the end of so many working days', () => {
  test.each([
    ['an ordinary Monday', '2026-03-02T10:00', 1, '2026-03-04T00:00'],
    ['over a weekend', '2026-03-06T17:59', 1, '2026-03-10T00:00'],
    ['from a Sunday, which does not count', '2026-03-08T09:00', 1, '2026-03-10T00:00'],
    ['five are a week', '2026-03-04T00:00', 5, '2026-03-12T00:00'],
    ['the Saturday before Spring Festival is worked', '2026-02-13T10:00', 1, '2026-02-15T00:00'],
    ['Spring Festival stands between', '2026-02-13T10:00', 2, '2026-02-25T00:00'],
    ['from within Spring Festival', '2026-02-18T12:00', 1, '2026-02-25T00:00'],
    ['the Saturday after it is worked', '2026-02-27T12:00', 1, '2026-03-01T00:00'],
    ['National Day and Mid-Autumn 2025', '2025-09-30T23:59', 3, '2025-10-12T00:00'],
    ['ten over National Day', '2025-09-26T08:00', 10, '2025-10-17T00:00'],
  ])('%s', (_, from, days, due) => {
    expect(shown(addWorkingDays(at(from), days, zone))).toBe(due);
  });
  test('the zone says which day it is', () => {
    const monday = Date.parse('2026-03-02T20:00:00Z');
    expect(addWorkingDays(monday, 1, 'UTC')).toBe(Date.parse('2026-03-04T00:00:00Z'));
    expect(shown(addWorkingDays(monday, 1, zone))).toBe('2026-03-05T00:00');
  });
});

test.each([
  ['Tuesday', '2026-03-04T00:00', '2026-03-03T00:00'],
  ['Monday, one before is Friday', '2026-03-10T00:00', '2026-03-07T00:00'],
  ['the first day after Spring Festival', '2026-02-25T00:00', '2026-02-15T00:00'],
])('one working day before the end of %s', (_, due, warned) => {
  expect(shown(workingDaysBefore(at(due), 1, zone))).toBe(warned);
});

test.each([
  ['a Friday ran out', '2026-03-07T00:00', '2026-03-09T00:00'],
  ['a Monday ran out', '2026-03-10T00:00', '2026-03-10T00:00'],
  ['the last day before Spring Festival ran out', '2026-02-15T00:00', '2026-02-24T00:00'],
  ['in the middle of a day', '2026-03-10T09:00', '2026-03-11T00:00'],
])('the first overdue working day: %s', (_, due, red) => {
  expect(shown(nextWorkingDay(at(due), zone))).toBe(red);
});
