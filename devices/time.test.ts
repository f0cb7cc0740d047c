import { expect, test } from '@jest/globals';
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
