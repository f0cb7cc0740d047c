import { describe, expect, test } from '@jest/globals';
import { startClocks } from './clocks.ts';
import { priorities } from './commands.ts';
import { loadServiceLevels, parseServiceLevels } from './service-levels.ts';

const level = (changes: string): string => `levels:
  - { id: lamp, title: { zh: 灯, en: Lamp }, priority: P2, acknowledge: null, onSite: null, resolve: null, serviceHours: true${changes} }`;

describe('the levels that are shipped', () => {
  const levels = [...loadServiceLevels().values()];
  test('name every priority, and both languages', () => {
    expect(new Set(levels.map(({ priority }) => priority))).toEqual(new Set(priorities));
    for (const { title } of levels) expect([title.zh, title.en].every((words) => words.trim() !== '')).toBe(true);
  });
  test('run day and night where life or a gate is at stake', () => {
    for (const { priority, serviceHours } of levels) expect(serviceHours).toBe(priority === 'P2' || priority === 'P3');
  });
  test('a fire alarm is acknowledged in a minute and reached in three', () => {
    const level = loadServiceLevels().get('fire-alarm')!;
    expect(startClocks({ raisedAt: '2026-03-01T08:00:00.000Z', level }).deadlines).toEqual({
      acknowledge: '2026-03-01T08:01:00.000Z',
      onSite: '2026-03-01T08:03:00.000Z',
      resolve: null,
    });
  });
});

describe('a file that is wrong says where', () => {
  test.each([
    ['levels: [', 'service-levels.yaml'],
    [level(', colour: red'), 'levels.0: Unrecognized key: "colour"'],
    [level('').replace('P2', 'P7'), 'levels.0.priority'],
    [level('').replace('acknowledge: null', 'acknowledge: { seconds: 60 }'), 'levels.0.acknowledge.basis'],
    [`${level('')}\n${level('').split('\n')[1]}`, 'lamp is there twice'],
    [
      level('')
        .replace('acknowledge: null', 'acknowledge: { seconds: 60, basis: D }')
        .replace('resolve: null', 'resolve: { seconds: 30, basis: D }'),
      'lamp: a later step is due before an earlier one',
    ],
  ])('%#', (text, complaint) => {
    expect(() => parseServiceLevels(text)).toThrow(complaint);
  });
});
