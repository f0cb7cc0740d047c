import { figuresAfter } from './figures.ts';

test('what was emptied goes, what was entered stands', () => {
  expect(figuresAfter({ parkingSpaces: 10, eBikes: 3 }, { parkingSpaces: 12 })).toEqual({ parkingSpaces: 12 });
});
