import { afterQuietHours, nextTimeOfDay } from './quiet-hours.ts';

const zone = 'Asia/Shanghai';
const ms = (local: string): number => Date.parse(`${local}:00+08:00`);
const night = { from: '22:00', to: '07:00' };
const noon = { from: '12:00', to: '14:00' };

test.each([
  [night, '2026-03-01T21:59', '2026-03-01T21:59'],
  [night, '2026-03-01T22:00', '2026-03-02T07:00'],
  [night, '2026-03-01T23:59', '2026-03-02T07:00'],
  [night, '2026-03-02T00:00', '2026-03-02T07:00'],
  [night, '2026-03-02T06:59', '2026-03-02T07:00'],
  [night, '2026-03-02T07:00', '2026-03-02T07:00'],
  [noon, '2026-03-01T11:59', '2026-03-01T11:59'],
  [noon, '2026-03-01T12:00', '2026-03-01T14:00'],
  [noon, '2026-03-01T14:00', '2026-03-01T14:00'],
  [{ from: '00:00', to: '00:00' }, '2026-03-01T03:00', '2026-03-01T03:00'],
])('quiet %j: what is due at %s is told at %s', (quiet, due, told) => {
  expect(afterQuietHours(ms(due), quiet, zone)).toBe(ms(told));
});

test.each([
  ['2026-03-01T08:29', '2026-03-01T08:30'],
  ['2026-03-01T08:30', '2026-03-02T08:30'],
  ['2026-03-01T20:00', '2026-03-02T08:30'],
])('after %s the next 08:30 is %s', (at, next) => {
  expect(nextTimeOfDay(ms(at), '08:30', zone)).toBe(ms(next));
});
