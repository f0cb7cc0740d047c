import type { Page } from './answers.ts';

export interface Collected<Item> {
  items: Item[];
  /** More is there than was fetched; the page says so rather than look complete. */
  cut: boolean;
}

/** Fetches page after page until the end or until `itemsMax` are there. */
export async function collectPages<Item>(
  fetchPage: (cursor: string | undefined) => Promise<Page<Item>>,
  itemsMax: number,
): Promise<Collected<Item>> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await fetchPage(cursor);
    items.push(...page.items);
    if (page.next === cursor) break;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && items.length < itemsMax);
  return { items, cut: cursor !== undefined };
}
