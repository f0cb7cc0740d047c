import fc from 'fast-check';
import { endOfDay, instantOf, localOf } from './instant.ts';

test.each([
  ['2026-03-01T08:00', 'Asia/Shanghai', '2026-03-01T00:00:00.000Z'],
  ['2026-03-01T08:00:05', 'Asia/Shanghai', '2026-03-01T00:00:05.000Z'],
  ['2026-07-01T08:00', 'Europe/Berlin', '2026-07-01T06:00:00.000Z'],
  // The first hour after the clocks went forward, and the last one before they go back.
  ['2026-03-29T03:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
  ['2026-10-25T01:30', 'Europe/Berlin', '2026-10-24T23:30:00.000Z'],
  ['2026-03-01T08:00', 'Asia/Kathmandu', '2026-03-01T02:15:00.000Z'],
])('%s in %s', (local, zone, iso) => {
  expect(instantOf(local, zone)).toBe(iso);
});

test('a day ends with its last millisecond', () => {
  expect(endOfDay('2026-03-01', 'Asia/Shanghai')).toBe('2026-03-01T15:59:59.999Z');
  expect(endOfDay('2026-03-29', 'Europe/Berlin')).toBe('2026-03-29T21:59:59.999Z');
});

test('what a field shows is read back as the same minute', () => {
  const minutes = fc.integer({ min: 28_000_000, max: 30_000_000 });
  fc.assert(
    fc.property(minutes, fc.constantFrom('Asia/Shanghai', 'Asia/Kathmandu', 'UTC'), (minute, zone) => {
      const iso = new Date(minute * 60_000).toISOString();
      expect(instantOf(localOf(iso, zone), zone)).toBe(iso);
    }),
  );
});
