import { describe, expect, test } from '@jest/globals';
import type { ZonedServiceHours } from '../runtime/service-hours.ts';
import { isWorkingDay, plusServiceTime, serviceTimeBetween } from './calendar.ts';
import { deadlinesAfterPause, startClocks } from './clocks.ts';
import { loadServiceLevels } from './service-levels.ts';

const office: ZonedServiceHours = { from: '09:00', to: '18:00', days: 'working-days', timeZone: 'Asia/Shanghai' };
const daily: ZonedServiceHours = { ...office, from: '08:00', to: '20:00', days: 'every-day' };
const hourMs = 3_600_000;
const ms = (shanghai: string): number => Date.parse(`${shanghai}+08:00`);
/** As a wall clock in Shanghai shows it. */
const wall = (atMs: number): string => new Date(atMs + 8 * hourMs).toISOString().slice(0, 19);

describe('days that are worked by the notices of the State Council', () => {
  test.each([
    ['2026-02-14', true, 'a Saturday worked for the Spring Festival'],
    ['2026-02-15', false, 'the festival begins on a Sunday'],
    ['2026-02-17', false, 'New Year’s Day of the lunar year, a Tuesday'],
    ['2026-02-23', false, 'its last day, a Monday'],
    ['2026-02-24', true, 'the first day after'],
    ['2026-02-28', true, 'the other Saturday'],
    ['2026-03-07', false, 'any Saturday'],
    ['2026-10-01', false, 'National Day'],
    ['2025-09-28', true, 'a Sunday worked for National Day'],
    ['2031-03-08', false, 'no notice yet: a Saturday'],
    ['2031-03-10', true, 'no notice yet: a Monday'],
  ])('%s: %s, %s', (day, expected) => {
    expect(isWorkingDay(day)).toBe(expected);
  });
});

describe('service time', () => {
  test.each<[string, number, ZonedServiceHours | undefined, string, string]>([
    ['2026-03-04T17:59:00', 0.5, office, '2026-03-05T09:29:00', 'raised at 17:59: one minute today, the rest tomorrow'],
    ['2026-03-06T17:59:00', 4, office, '2026-03-09T12:59:00', 'raised at 17:59 on a Friday'],
    ['2026-03-04T18:00:00', 1, office, '2026-03-05T10:00:00', 'raised as the office closes'],
    ['2026-03-04T03:00:00', 1, office, '2026-03-04T10:00:00', 'raised at night'],
    ['2026-03-04T09:00:00', 9, office, '2026-03-04T18:00:00', 'a whole day ends with the day'],
    ['2026-02-13T17:00:00', 2, office, '2026-02-14T10:00:00', 'over to a Saturday that is worked'],
    ['2026-02-14T17:00:00', 2, office, '2026-02-24T10:00:00', 'over the Spring Festival'],
    ['2026-02-14T17:00:00', 24, office, '2026-02-26T14:00:00', '24 service hours over the Spring Festival'],
    ['2026-02-16T12:00:00', 1, office, '2026-02-24T10:00:00', 'raised during the Spring Festival'],
    ['2026-02-16T19:00:00', 2, daily, '2026-02-17T09:00:00', 'hours of every day know no festival'],
    ['2026-02-14T17:00:00', 24, undefined, '2026-02-15T17:00:00', 'day and night'],
  ])('%s and %s h', (from, hours, contract, expected) => {
    const end = plusServiceTime(ms(from), hours * hourMs, contract);
    expect(wall(end)).toBe(expected);
    expect(serviceTimeBetween(ms(from), end, contract)).toBe(hours * hourMs);
  });
  test.each([
    ['2026-03-04T10:00:00', '2026-03-04T09:00:00', 0],
    ['2026-03-04T18:00:00', '2026-03-05T09:00:00', 0],
    ['2026-02-14T18:00:00', '2026-02-24T09:00:00', 0],
    ['2026-02-13T09:00:00', '2026-02-24T10:00:00', 19],
  ])('between %s and %s', (from, to, hours) => {
    expect(serviceTimeBetween(ms(from), ms(to), office)).toBe(hours * hourMs);
  });
  test('days are counted in the contract’s zone, also where clocks are changed', () => {
    const berlin: ZonedServiceHours = { from: '00:00', to: '24:00', days: 'every-day', timeZone: 'Europe/Berlin' };
    const from = Date.parse('2026-03-28T12:00:00+01:00');
    expect(new Date(plusServiceTime(from, 24 * hourMs, berlin)).toISOString()).toBe('2026-03-29T11:00:00.000Z');
  });
});

describe('the clocks of an order', () => {
  const levels = loadServiceLevels();
  const raisedAt = new Date(ms('2026-02-14T17:00:00')).toISOString();
  test('of the urgent classes run through the festival', () => {
    const urgent = startClocks({ raisedAt, level: levels.get('gate-out-of-order')!, contractHours: office });
    expect(urgent).toEqual(startClocks({ raisedAt, level: levels.get('gate-out-of-order')! }));
    expect(wall(Date.parse(urgent.deadlines.resolve!))).toBe('2026-02-14T19:00:00');
  });
  test('of the others keep the hours of the contract, and only where it has any', () => {
    const level = levels.get('general-repair')!;
    const { deadlines, serviceHours } = startClocks({ raisedAt, level, contractHours: office });
    expect(Object.values(deadlines).map((due) => wall(Date.parse(due!)))).toEqual([
      '2026-02-14T17:30:00',
      '2026-02-24T12:00:00',
      '2026-02-26T14:00:00',
    ]);
    expect(serviceHours).toEqual(office);
    expect(startClocks({ raisedAt, level })).not.toHaveProperty('serviceHours');
  });
  test('a pause across the festival gives back the service time that was left', () => {
    const level = levels.get('general-repair')!;
    const { deadlines } = startClocks({
      raisedAt: new Date(ms('2026-02-13T09:00:00')).toISOString(),
      ...{ level, contractHours: office },
    });
    expect(wall(Date.parse(deadlines.resolve!))).toBe('2026-02-24T15:00:00');
    const pausedAt = new Date(ms('2026-02-14T15:00:00')).toISOString();
    const pause = { at: pausedAt, stops: ['resolve'] as const, deadlines };
    const moved = deadlinesAfterPause(pause, new Date(ms('2026-02-25T16:00:00')).toISOString(), office);
    expect(wall(Date.parse(moved.resolve!))).toBe('2026-02-26T16:00:00');
    expect({ ...moved, resolve: null }).toEqual({ ...deadlines, resolve: null });
  });
});
