import { formatRoute, parseRoute } from './route.ts';

test.each([
  ['', { page: 'now', id: undefined, query: {} }],
  ['#/devices', { page: 'devices', id: undefined, query: {} }],
  ['#/orders/wo%201?compound=a&q=%E6%A5%BC', { page: 'orders', id: 'wo 1', query: { compound: 'a', q: '楼' } }],
  ['#/nowhere/x', { page: 'now', id: undefined, query: {} }],
  ['#/stars/%E0%A4%A', { page: 'stars', id: undefined, query: {} }],
] as const)('parse %s', (hash, route) => {
  expect(parseRoute(hash)).toEqual(route);
});

test('what was written is read back', () => {
  const route = { page: 'orders' as const, id: 'a/b?c', query: { compound: 'x', q: '1 & 2' } };
  expect(parseRoute(formatRoute(route))).toEqual(route);
  expect(formatRoute({ page: 'now', id: undefined, query: { q: '' } })).toBe('#/now');
});
