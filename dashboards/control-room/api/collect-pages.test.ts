import { collectPages } from './collect-pages.ts';

const pages: Record<string, { items: number[]; next: string | null }> = {
  start: { items: [1, 2], next: 'b' },
  b: { items: [3, 4], next: 'c' },
  c: { items: [5], next: null },
};
const fetchPage = async (cursor: string | undefined) => pages[cursor ?? 'start']!;

describe('collectPages', () => {
  test('reads to the end', async () => {
    expect(await collectPages(fetchPage, 100)).toEqual({ items: [1, 2, 3, 4, 5], cut: false });
  });
  test('stops at the limit and says that there is more', async () => {
    expect(await collectPages(fetchPage, 3)).toEqual({ items: [1, 2, 3, 4], cut: true });
  });
  test('a server that hands back the same cursor does not hang the page', async () => {
    const stuck = async () => ({ items: [1], next: 'x' });
    expect((await collectPages(stuck, 1000)).items.length).toBe(2);
  });
});
