import { monthOf, monthsBefore } from './months.ts';

test.each([
  ['2026-11', 5, '2026-06'],
  ['2026-01', 1, '2025-12'],
  ['2026-03', 15, '2024-12'],
  ['2026-12', 0, '2026-12'],
])('%s, %i before: %s', (month, count, expected) => {
  expect(monthsBefore(month, count)).toBe(expected);
});

test('the month of a day', () => {
  expect(monthOf('2026-03-09')).toBe('2026-03');
});
