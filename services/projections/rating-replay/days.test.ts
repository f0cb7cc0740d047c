import { dayCount, daysOf } from './days.ts';

test('a day is rated when it is over in the compound’s own calendar', () => {
  expect(daysOf('2026-02-27', '2026-03-01', 'Asia/Shanghai')).toEqual([
    { day: '2026-02-27', at: '2026-02-27T16:00:00.000Z' },
    { day: '2026-02-28', at: '2026-02-28T16:00:00.000Z' },
    { day: '2026-03-01', at: '2026-03-01T16:00:00.000Z' },
  ]);
});

test('the day of a clock change is as long as it is there', () => {
  expect(daysOf('2026-03-28', '2026-03-29', 'Europe/Berlin').map(({ at }) => at)).toEqual([
    '2026-03-28T23:00:00.000Z',
    '2026-03-29T22:00:00.000Z',
  ]);
});

test('both ends are counted', () => {
  expect(dayCount('2026-01-01', '2026-01-01')).toBe(1);
  expect(dayCount('2024-01-01', '2024-12-31')).toBe(366);
  expect(daysOf('2026-03-02', '2026-03-01', 'Asia/Shanghai')).toEqual([]);
});
