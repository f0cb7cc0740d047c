import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { timeFromEpochMilliseconds, timeFromEpochSeconds, timeFromIso, timeFromLocal } from './time.ts';

const shanghai = 'Asia/Shanghai';

test.each([
  ['2024-08-03T16:16:55Z', '2024-08-03T16:16:55.000Z', 'trusted'],
  ['2019-10-01T10:12:13.0477583Z', '2019-10-01T10:12:13.047Z', 'trusted'],
  ['2024-09-19T12:30:49+00:00', '2024-09-19T12:30:49.000Z', 'trusted'],
  ['2024-09-19T12:30:49.123456789+08:00', '2024-09-19T04:30:49.123Z', 'trusted'],
  ['2024-09-19T12:30:49', '2024-09-19T04:30:49.000Z', 'assumed-zone'],
  ['2024-09-19 12:30:49', '2024-09-19T04:30:49.000Z', 'assumed-zone'],
])('timeFromIso %s', (text, at, clock) => {
  expect(timeFromIso(text, shanghai)).toEqual({ at, clock });
});

test.each(['', 'yesterday', '2024-13-01T00:00:00Z', '2024-02-30T00:00:00'])('timeFromIso refuses %j', (text) => {
  expect(timeFromIso(text, shanghai)).toBeUndefined();
});

test('local time is read in the zone given, and refused in a zone that does not exist', () => {
  expect(timeFromLocal('2024-08-22 13:33:33', shanghai)?.at).toBe('2024-08-22T05:33:33.000Z');
  expect(timeFromLocal('2024-08-22 13:33:33', 'Mars/Olympus')).toBeUndefined();
});

test('epochs in seconds and milliseconds', () => {
  expect(timeFromEpochSeconds(1724304813.5)).toEqual({ at: '2024-08-22T05:33:33.500Z', clock: 'trusted' });
  expect(timeFromEpochMilliseconds(1724304813500)).toEqual({ at: '2024-08-22T05:33:33.500Z', clock: 'trusted' });
  for (const nonsense of [Number.NaN, 1e300, Number.POSITIVE_INFINITY]) {
    expect(timeFromEpochSeconds(nonsense)).toBeUndefined();
    expect(timeFromEpochMilliseconds(nonsense)).toBeUndefined();
  }
});

describe('RFC 3339, the short way and the library’s', () => {
  const two = (value: number): string => String(value).padStart(2, '0');
  const moments = fc
    .record({
      year: fc.integer({ min: 1970, max: 2099 }),
      month: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 1, max: 31 }),
      hour: fc.integer({ min: 0, max: 24 }),
      minute: fc.integer({ min: 0, max: 60 }),
      second: fc.integer({ min: 0, max: 60 }),
      fraction: fc.constantFrom('', '.5', '.25', '.125', '.9999', '.1234567', '.123456789'),
      offset: fc.constantFrom('Z', '+08:00', '-03:30', '+14:00', '+00:00'),
    })
    .map(
      ({ year, month, day, hour, minute, second, fraction, offset }) =>
        `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${fraction}${offset}`,
    );

  test('are one and the same for every text, possible or not', () => {
    fc.assert(
      fc.property(moments, (text) => {
        const read = DateTime.fromISO(text.replace(/(\.\d{3})\d+/, '$1'), { zone: 'utc' });
        expect(timeFromIso(text, 'UTC')?.at).toBe(read.isValid ? read.toISO() : undefined);
      }),
      { numRuns: 2_000 },
    );
  });
});
