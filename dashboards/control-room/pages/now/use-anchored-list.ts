import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { systemClock } from '../../../../services/runtime/clock.ts';
import { anchoredScrollTop, type ListView, unseenAfter } from './list-anchor.ts';

/** Nobody has touched the page for this long: a list that stands at its top may show what came in there. */
const idleAfterMs = 20_000;

function useLastActivity(): RefObject<number> {
  const last = useRef(systemClock.now());
  useEffect(() => {
    const touched = () => {
      last.current = systemClock.now();
    };
    const kinds = ['pointermove', 'pointerdown', 'keydown', 'wheel'] as const;
    for (const kind of kinds) addEventListener(kind, touched, { passive: true });
    return () => {
      for (const kind of kinds) removeEventListener(kind, touched);
    };
  }, []);
  return last;
}

/** Keeps the line the eye is on in its place while others come and go, and counts those not seen yet. */
export function useAnchoredList(
  element: RefObject<HTMLElement | null>,
  ids: readonly string[],
  selected: string | undefined,
  rowHeight: number,
) {
  const lastActivity = useLastActivity();
  const before = useRef<ListView | null>(null);
  const [unseen, setUnseen] = useState<ReadonlySet<string>>(new Set());
  const [spare, setSpare] = useState(0);

  const viewNow = useCallback((): ListView | null => {
    const list = element.current;
    return list === null ? null : { ids, scrollTop: list.scrollTop, viewportHeight: list.clientHeight, rowHeight };
  }, [element, ids, rowHeight]);

  useLayoutEffect(() => {
    const list = element.current;
    const last = before.current;
    if (list === null) return;
    if (last !== null && last.ids !== ids) {
      const isIdle = systemClock.now() - lastActivity.current > idleAfterMs;
      const top = isIdle && last.scrollTop === 0 ? 0 : anchoredScrollTop(last, ids, selected);
      // Room below, so that even a short list can stay where it was.
      const room = Math.max(0, top + list.clientHeight - ids.length * rowHeight);
      list.style.setProperty('--list-spare', `${room}px`);
      setSpare(room);
      list.scrollTop = top;
      const known = new Set(last.ids);
      const arrived = ids.filter((id) => !known.has(id));
      setUnseen((standing) => unseenAfter(standing, arrived, { ...last, ids, scrollTop: top }));
    }
    before.current = viewNow();
  }, [ids, element, lastActivity, rowHeight, selected, viewNow]);

  const onScroll = useCallback(() => {
    const view = viewNow();
    before.current = view;
    if (view === null) return;
    setUnseen((standing) => (standing.size === 0 ? standing : unseenAfter(standing, [], view)));
    setSpare((standing) =>
      standing === 0
        ? 0
        : Math.max(0, Math.min(standing, view.scrollTop + view.viewportHeight - ids.length * rowHeight)),
    );
  }, [viewNow, ids, rowHeight]);

  return { unseen, spare, onScroll };
}
