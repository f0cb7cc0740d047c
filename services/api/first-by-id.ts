import { firstIndex } from '../projections/star-rating/intervals.ts';

/** The first `count`, at least 1, in the order of their ids, without sorting the others: a city has a million devices. Pure. */
export const firstById = <Item extends { id: string }>(items: readonly Item[], count: number): Item[] => {
  const first: Item[] = [];
  for (const item of items) {
    if (first.length === count && item.id >= first[count - 1]!.id) continue;
    first.splice(
      firstIndex(first, ({ id }) => id > item.id),
      0,
      item,
    );
    if (first.length > count) first.pop();
  }
  return first;
};
