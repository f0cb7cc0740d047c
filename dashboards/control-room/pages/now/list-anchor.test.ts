import { anchoredScrollTop, type ListView, unseenAfter } from './list-anchor.ts';

const view = (change: Partial<ListView> = {}): ListView => ({
  ids: ['a', 'b', 'c', 'd', 'e', 'f'],
  scrollTop: 20,
  viewportHeight: 30,
  rowHeight: 10,
  ...change,
});

describe('new lines do not move what the eye is on', () => {
  test.each<[string, string[], string | undefined, number]>([
    ['one above', ['new', 'a', 'b', 'c', 'd', 'e', 'f'], undefined, 30],
    ['one below', ['a', 'b', 'c', 'd', 'e', 'f', 'new'], undefined, 20],
    ['one gone above', ['b', 'c', 'd', 'e', 'f'], undefined, 10],
    ['the first in view gone', ['a', 'b', 'd', 'e', 'f'], undefined, 10],
    ['between the first in view and the selected', ['a', 'b', 'c', 'new', 'd', 'e', 'f'], 'd', 30],
    ['selected out of view counts for nothing', ['a', 'b', 'c', 'd', 'e', 'new', 'f'], 'f', 20],
    ['everything gone', [], 'c', 20],
  ])('%s', (_name, ids, selected, expected) => {
    expect(anchoredScrollTop(view(), ids, selected)).toBe(expected);
  });
  test('at the very top too', () => {
    expect(anchoredScrollTop(view({ scrollTop: 0 }), ['new', 'a', 'b'], undefined)).toBe(10);
  });
});

describe('what was not seen yet', () => {
  test('counts what lies outside the view, until it is in view or gone', () => {
    const ids = ['new', 'a', 'b', 'c', 'd', 'e', 'f'];
    const unseen = unseenAfter(new Set(), ['new'], view({ ids, scrollTop: 30 }));
    expect([...unseen]).toEqual(['new']);
    expect(unseenAfter(unseen, [], view({ ids, scrollTop: 0 })).size).toBe(0);
    expect(unseenAfter(unseen, [], view()).size).toBe(0);
  });
});
