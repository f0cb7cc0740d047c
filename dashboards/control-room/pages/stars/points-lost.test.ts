import { dearest } from './points-lost.ts';

test('the dearest first, and only what costs', () => {
  const costs = [0, 1, 2, 0].map((pointsLost, index) => ({ pointsLost, id: index }));
  expect(dearest(costs).map(({ id }) => id)).toEqual([2, 1]);
  expect(costs.map(({ id }) => id)).toEqual([0, 1, 2, 3]);
});
