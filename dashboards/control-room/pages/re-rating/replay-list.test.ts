import { changesCsv, directionOf, progressPercent } from './replay-list.ts';

test.each([
  [{ done: 0, total: 0 }, 'queued', 0],
  [{ done: 1, total: 3 }, 'running', 33],
  [{ done: 2999, total: 3000 }, 'running', 99],
  [{ done: 3000, total: 3000 }, 'running', 99],
  [{ done: 3000, total: 3000 }, 'done', 100],
  [{ done: 12, total: 30 }, 'cancelled', 40],
] as const)('%j %s is %d %%', (progress, state, percent) => {
  expect(progressPercent({ progress, state })).toBe(percent);
});

const change = {
  compound: 'shengde',
  name: '=盛德,和美',
  day: '2026-01-01',
  until: '2026-01-09',
  days: 9,
  starsInForce: 4,
  starsReplayed: 3,
  criteria: ['CAM-3', 'SEN-1'],
};

test('who loses stars goes down', () => {
  expect(directionOf(change)).toBe('down');
  expect(directionOf({ ...change, starsReplayed: 5 })).toBe('up');
});

test('the file opens in a spreadsheet, Chinese and all, and no name is a formula', () => {
  expect(changesCsv([change], ['小区', '名称'])).toBe(
    '\uFEFF小区,名称\r\nshengde,"\'=盛德,和美",2026-01-01,2026-01-09,9,4,3,CAM-3 SEN-1\r\n',
  );
});
