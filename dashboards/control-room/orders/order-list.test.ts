import fc from 'fast-check';
import { orderClock } from './order-clock.ts';
import { exampleOrder } from './order-example.ts';
import { compareOrders, figuresOf, neighbour, searchOrders, sortOrders, soundsAlarm } from './order-list.ts';

const none = { acknowledge: null, onSite: null, resolve: null };
const at = (iso: string) => Date.parse(`2026-03-01T${iso}Z`);

describe('the clock of an order', () => {
  test.each([
    ['fresh', '00:00:00', 'acknowledge', 'calm', 7_200_000],
    ['a quarter left', '01:40:00', 'acknowledge', 'soon', 1_200_000],
    ['over', '02:00:01', 'acknowledge', 'overdue', -1_000],
  ])('%s', (_name, now, step, urgency, leftMs) => {
    expect(orderClock(exampleOrder(), at(now))).toMatchObject({ step, urgency, leftMs });
  });
  test('the nearest deadline counts, whatever step it is', () => {
    const deadlines = { acknowledge: '2026-03-01T09:00:00.000Z', onSite: '2026-03-01T08:00:00.000Z', resolve: null };
    expect(orderClock(exampleOrder({ deadlines }), at('00:00:00'))?.step).toBe('onSite');
  });
  test('no deadline is no clock', () => {
    expect(orderClock(exampleOrder({ deadlines: none }), at('00:00:00'))).toBeNull();
  });
  test('a deadline at the raising itself divides by nothing', () => {
    const deadlines = { ...none, acknowledge: '2026-03-01T00:00:00.000Z' };
    expect(orderClock(exampleOrder({ deadlines }), at('00:00:01'))).toMatchObject({
      leftFraction: 0,
      urgency: 'overdue',
    });
  });
});

describe('the one list', () => {
  const order = (id: string, change: Parameters<typeof exampleOrder>[0]) => exampleOrder({ id, ...change });
  test('work, priority, deadline, age', () => {
    const sorted = sortOrders([
      order('done-p0', { priority: 'P0', state: 'resolved' }),
      order('p2-no-clock', { deadlines: none }),
      order('p2-old', { raisedAt: '2026-02-28T00:00:00.000Z' }),
      order('p2', {}),
      order('p1', { priority: 'P1' }),
      order('p1-soon', { priority: 'P1', deadlines: { ...none, resolve: '2026-03-01T00:10:00.000Z' } }),
      order('p0', { priority: 'P0', state: 'on-site' }),
    ]);
    expect(sorted.map(({ id }) => id)).toEqual(['p0', 'p1-soon', 'p1', 'p2-old', 'p2', 'p2-no-clock', 'done-p0']);
  });

  test('the order is total: any shuffle sorts the same', () => {
    const anyOrder = fc.record({
      id: fc.string({ minLength: 1 }),
      priority: fc.constantFrom('P0' as const, 'P1' as const, 'P2' as const, 'P3' as const),
      state: fc.constantFrom('raised' as const, 'resolved' as const, 'on-site' as const),
    });
    fc.assert(
      fc.property(fc.uniqueArray(anyOrder, { selector: ({ id }) => id, maxLength: 12 }), (changes) => {
        const orders = changes.map(exampleOrder);
        const ids = sortOrders(orders).map(({ id }) => id);
        expect(sortOrders([...orders].reverse()).map(({ id }) => id)).toEqual(ids);
        for (const one of orders) expect(compareOrders(one, one)).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  test('its own figures', () => {
    const orders = [exampleOrder(), exampleOrder({ state: 'on-site', raisedAt: '2026-02-20T00:00:00.000Z' })];
    expect(figuresOf(orders, at('03:00:00'))).toEqual({
      open: 2,
      unacknowledged: 1,
      overdue: 2,
      standingOverOneDay: 1,
    });
  });
});

test.each([
  [{ priority: 'P0' }, true],
  [{ priority: 'P0', late: true }, false],
  [{ priority: 'P0', state: 'acknowledged' }, false],
  [{ priority: 'P1' }, false],
] as const)('sounds %#', (change, sounds) => {
  expect(soundsAlarm(exampleOrder(change))).toBe(sounds);
});

test.each([
  ['', 1],
  ['3号楼 离线', 1],
  ['OFFLINE gate', 1],
  ['5号楼', 0],
])('search %s', (query, found) => {
  expect(searchOrders([exampleOrder()], query)).toHaveLength(found);
});

test.each([
  ['b', 1, 'c'],
  ['c', 1, 'c'],
  ['a', -1, 'a'],
  ['gone', 1, 'a'],
  [undefined, -1, 'a'],
] as const)('neighbour of %s by %s', (selected, step, expected) => {
  expect(neighbour(['a', 'b', 'c'], selected, step)).toBe(expected);
  expect(neighbour([], selected, step)).toBeUndefined();
});
