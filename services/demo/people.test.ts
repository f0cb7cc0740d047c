import { describe, expect, test } from '@jest/globals';
import { type OrderSeen, shiftActs } from './people.ts';

const startMs = Date.parse('2026-03-01T04:00:00Z');
const at = (seconds: number): string => new Date(startMs + seconds * 1000).toISOString();

const order = (given: Partial<OrderSeen> = {}): OrderSeen => ({
  id: 'order-1',
  device: 'device-1',
  priority: 'P1',
  state: 'raised',
  raisedAt: at(0),
  lastStepAt: at(0),
  faultStanding: true,
  touchedByVisitor: false,
  ...given,
});
const acts = (orders: OrderSeen[], seconds: number) => shiftActs(orders, startMs + seconds * 1000, () => '王海燕');
const commands = (given: Partial<OrderSeen>, seconds = 86_400) =>
  acts([order(given)], seconds).map(({ command }) => command);

describe('the next step of an urgent order', () => {
  test.each([
    ['raised', {}, ['acknowledge']],
    ['acknowledged', { state: 'acknowledged' }, ['dispatch']],
    ['dispatched', { state: 'dispatched' }, ['arrive']],
    ['on site while the device still reports the fault', { state: 'on-site' }, []],
    ['on site after the recovery', { state: 'on-site', faultStanding: false }, ['resolve']],
    ['resolved while the fault has returned', { state: 'resolved' }, []],
  ] as [string, Partial<OrderSeen>, string[]][])('%s', (_case, given, expected) => {
    expect(commands(given)).toEqual(expected);
  });

  test('resolved and recovered: closed as repaired, and some residents rate it', () => {
    const all = Array.from({ length: 200 }, (_, index) =>
      acts([order({ id: `order-${index}`, state: 'resolved', faultStanding: false })], 86_400),
    );
    expect(all.every(([first]) => first?.command === 'close' && first.body.outcome === 'repaired')).toBe(true);
    const scores = all.flatMap((list) => list.slice(1).map(({ body }) => Number(body.score)));
    expect(scores.length).toBeGreaterThan(80);
    expect(scores.length).toBeLessThan(160);
    expect(scores.filter((score) => score >= 4).length / scores.length).toBeGreaterThan(0.8);
  });
});

describe('time', () => {
  const ids = Array.from({ length: 50 }, (_, index) => `order-${index}`);
  const everyoneBy = (priority: OrderSeen['priority'], seconds: number) =>
    ids.every((id) => acts([order({ id, priority })], seconds).length === 1);

  test('a fire alarm is acknowledged within its minute, but not at once', () => {
    expect(everyoneBy('P0', 59)).toBe(true);
    expect(ids.some((id) => acts([order({ id, priority: 'P0' })], 30).length > 0)).toBe(false);
  });

  test('an overheating charger is acknowledged within three minutes', () => {
    expect(everyoneBy('P1', 179)).toBe(true);
  });

  test('the same order is decided alike at every look', () => {
    expect(acts([order()], 100)).toEqual(acts([order()], 100));
  });
});

describe('what is left for the visitor', () => {
  const calm = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      order({ id: `calm-${index}`, priority: 'P2', raisedAt: at(index), lastStepAt: at(index) }),
    );

  test('the newest four without hurry; older ones are taken up', () => {
    expect(acts(calm(4), 86_400)).toEqual([]);
    expect(acts(calm(6), 86_400).map((act) => act.order)).toEqual(['calm-0', 'calm-1']);
  });

  test('an order that the visitor began, until nothing happened on it for half an hour', () => {
    const begun = order({ state: 'acknowledged', touchedByVisitor: true });
    expect(acts([begun], 29 * 60)).toEqual([]);
    expect(acts([begun], 31 * 60)).toEqual([{ order: 'order-1', command: 'dispatch', body: { assignee: '王海燕' } }]);
  });
});
