import { clockDuration, roughDuration } from './duration.ts';
import { absoluteTime, dayOf, endOfDay, shortTime } from './instant.ts';

test.each([
  [-5, 'duration.seconds', 0],
  [59_999, 'duration.seconds', 59],
  [60_000, 'duration.minutes', 1],
  [3_599_999, 'duration.minutes', 59],
  [47 * 3_600_000, 'duration.hours', 47],
  [48 * 3_600_000, 'duration.days', 2],
])('roughly %d ms', (ms, key, n) => {
  expect(roughDuration(ms)).toEqual({ key, values: { n } });
});

test.each([
  [0, '0:00'],
  [61_000, '1:01'],
  [-61_000, '1:01'],
  [3_599_999, '59:59'],
  [3_661_000, { key: 'duration.hoursMinutes', values: { hours: 1, minutes: 1 } }],
  [26 * 3_600_000, { key: 'duration.hoursMinutes', values: { hours: 26, minutes: 0 } }],
  [172_800_000 + 3_600_000, { key: 'duration.daysHours', values: { days: 2, hours: 1 } }],
])('a clock of %d ms', (ms, expected) => {
  expect(clockDuration(ms)).toEqual(expected);
});

describe('times in the compound’s zone', () => {
  const iso = '2026-03-01T16:05:09.000Z';
  const now = Date.parse('2026-03-01T17:00:00Z');
  test('absolute', () => {
    expect(absoluteTime(iso, 'Asia/Shanghai')).toBe('2026-03-02 00:05:09 GMT+8');
  });
  test.each([
    [iso, '00:05:09'],
    ['2026-03-01T15:59:59.000Z', '03-01 23:59'],
    ['2025-12-31T10:00:00.000Z', '2025-12-31'],
  ])('short %s', (instant, expected) => {
    expect(shortTime(instant, 'Asia/Shanghai', now)).toBe(expected);
  });
  test('the day', () => {
    expect(dayOf(iso, 'Asia/Shanghai')).toBe('2026-03-02');
  });
  test.each([
    ['2026-03-01', 'Asia/Shanghai', '2026-03-01T15:59:59.999Z'],
    ['2026-03-29', 'Europe/Berlin', '2026-03-29T21:59:59.999Z'],
    ['2026-10-25', 'Europe/Berlin', '2026-10-25T22:59:59.999Z'],
    ['2026-07-01', 'America/Los_Angeles', '2026-07-02T06:59:59.999Z'],
  ])('the end of %s in %s', (day, zone, expected) => {
    expect(endOfDay(day, zone)).toBe(expected);
  });
});
