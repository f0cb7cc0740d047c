import { exampleOrder } from '../../orders/order-example.ts';
import { columnsOf } from './order-columns.ts';

const orders = [
  exampleOrder({ id: 'late', closedAt: '2026-03-02T00:00:00.000Z', state: 'closed' }),
  exampleOrder({ id: 'later', closedAt: '2026-03-03T00:00:00.000Z', state: 'closed' }),
  exampleOrder({ id: 'p3', priority: 'P3' }),
  exampleOrder({ id: 'p0', priority: 'P0' }),
  exampleOrder({ id: 'there', state: 'on-site' }),
  exampleOrder({ id: 'taken', state: 'accepted' }),
  exampleOrder({ id: 'waits', state: 'paused' }),
  exampleOrder({ id: 'confirmed', state: 'confirmed' }),
  exampleOrder({ id: 'never', state: 'cancelled' }),
];

test.each([
  [
    'open',
    {
      ...{ raised: ['p0', 'p3'], acknowledged: [], dispatched: ['taken'], 'on-site': ['there'] },
      ...{ paused: ['waits'], resolved: ['confirmed'] },
    },
  ],
  ['closed', { closed: ['later', 'late'], cancelled: ['never'] }],
] as const)('%s', (part, expected) => {
  const columns = Object.fromEntries(
    columnsOf(orders, part).map(({ state, orders: inside }) => [state, inside.map(({ id }) => id)]),
  );
  expect(columns).toEqual(expected);
});

test('all: no order is lost', () => {
  expect(columnsOf(orders, 'all').flatMap((column) => column.orders)).toHaveLength(orders.length);
});
