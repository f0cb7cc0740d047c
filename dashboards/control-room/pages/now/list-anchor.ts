/** Where the list stands and what it holds. */
export interface ListView {
  ids: readonly string[];
  scrollTop: number;
  viewportHeight: number;
  rowHeight: number;
}

const isInView = (view: ListView, index: number): boolean => {
  const top = index * view.rowHeight;
  return top + view.rowHeight > view.scrollTop && top < view.scrollTop + view.viewportHeight;
};

/**
 * The line the eye is on: the selected one while it is in view, else the first in view that is still there.
 */
function anchorOf(before: ListView, after: ReadonlySet<string>, selected: string | undefined): string | undefined {
  const selectedAt = selected === undefined ? -1 : before.ids.indexOf(selected);
  if (selectedAt !== -1 && isInView(before, selectedAt) && after.has(before.ids[selectedAt]!)) {
    return before.ids[selectedAt];
  }
  return before.ids.find((id, index) => isInView(before, index) && after.has(id));
}

/** The scroll position that leaves the line the eye is on where it was after the list changed to `ids`. */
export function anchoredScrollTop(before: ListView, ids: readonly string[], selected: string | undefined): number {
  const anchor = anchorOf(before, new Set(ids), selected);
  if (anchor === undefined) return before.scrollTop;
  const movedBy = (ids.indexOf(anchor) - before.ids.indexOf(anchor)) * before.rowHeight;
  return Math.max(0, before.scrollTop + movedBy);
}

/** New lines that nobody has had in view yet. */
export function unseenAfter(unseen: ReadonlySet<string>, arrived: readonly string[], view: ListView): Set<string> {
  const standing = new Set(view.ids);
  const inView = new Set(view.ids.filter((_, index) => isInView(view, index)));
  return new Set([...unseen, ...arrived].filter((id) => standing.has(id) && !inView.has(id)));
}
