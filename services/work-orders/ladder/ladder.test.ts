import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { departmentTitle, loadLadder, parseLadder } from './ladder.ts';

const text = readFileSync(new URL('./ladder.yaml', import.meta.url), 'utf8');

test('the ladder is that of the star standard', () => {
  const { departments, climbing, jointMeeting, whistles, supervision } = loadLadder();
  expect(departments.map(({ id }) => id)).toEqual([
    ...['urban-management', 'police', 'fire', 'water', 'power', 'gas', 'heating'],
  ]);
  expect([climbing.breaches.count, climbing.overdue.hours, climbing.overdue.workingDays]).toEqual([2, 24, 1]);
  const { screened, met, decided } = jointMeeting;
  expect([screened, met, decided].map(({ workingDays }) => workingDays)).toEqual([1, 5, 10]);
  expect(whistles.emergency.reportIn).toEqual({ minutes: 30, basis: 'B' });
  expect(whistles.ordinary).toMatchObject({
    returned: { workingDays: 2 },
    closed: { workingDays: 5 },
    extended: { workingDays: 10 },
  });
  expect([supervision.reply.workingDays, supervision.returns.count, supervision.redos.count]).toEqual([3, 2, 1]);
});

describe('a broken ladder is refused', () => {
  test.each([
    ['no YAML', 'departments: [', 'ladder.yaml', 'ladder.yaml'],
    [
      'a number without its basis',
      'breaches: { count: 2 }',
      'breaches: { count: 2, basis: D }',
      'climbing.breaches.basis',
    ],
    ['a department that is there twice', 'id: police', 'id: fire', 'departments: one is there twice'],
    ['an unknown department', 'fire-alarm: [fire]', 'fire-alarm: [navy]', 'no department navy'],
    ['an unknown service level', 'fire-alarm: [fire]', 'meteor: [fire]', 'no service level meteor'],
    ['steps in a wrong order', 'met: { workingDays: 5', 'met: { workingDays: 11', 'jointMeeting: a later step'],
    ['bounds that are no bounds', 'low: 5', 'low: 70', 'whistleRate: low is not below high'],
    ['a clock that nobody knows', 'reply: { workingDays: 3', 'reply: { fortnights: 3', 'supervision.reply'],
  ])('%s', (what, before, after, complaint) => {
    const broken =
      what === 'no YAML'
        ? before
        : before.includes('basis') || text.includes(before)
          ? text.replace(before, after)
          : text.replace(after, before);
    expect(broken).not.toBe(text);
    expect(() => parseLadder(broken)).toThrow(complaint);
  });
});

test('a department that the ladder has lost is shown by its id', () => {
  expect(departmentTitle(loadLadder(), 'gas').zh).toBe('燃气');
  expect(departmentTitle(loadLadder(), 'navy')).toEqual({ zh: 'navy', en: 'navy' });
});
