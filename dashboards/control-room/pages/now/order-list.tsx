import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import type { WorkOrderItem } from '../../../../services/projections/work-order-board/board.ts';
import { useWords } from '../../locales/i18n.ts';
import { useCompound } from '../../shell/compound-context.tsx';
import { OrderRow } from './order-row.tsx';
import { useAnchoredList } from './use-anchored-list.ts';

const rowHeight = 64;

/** The one list. Only the lines in view exist, so five hundred scroll like five. */
export function OrderList({
  orders,
  selected,
  onSelect,
  onOpen,
}: {
  orders: WorkOrderItem[];
  selected: string | undefined;
  onSelect: (id: string) => void;
  onOpen: () => void;
}) {
  const { t } = useWords();
  const compound = useCompound();
  const list = useRef<HTMLDivElement>(null);
  const joined = orders.map(({ id }) => id).join(' ');
  const ids = useMemo(() => (joined === '' ? [] : joined.split(' ')), [joined]);
  const { unseen, spare, onScroll } = useAnchoredList(list, ids, selected, rowHeight);
  const virtualizer = useVirtualizer({
    count: orders.length,
    getScrollElement: () => list.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => ids[index] ?? index,
    overscan: 8,
  });

  const selectedAt = selected === undefined ? -1 : ids.indexOf(selected);
  const latestIds = useRef(ids);
  latestIds.current = ids;
  // Only when the selection moves: a list that changed beneath it must not be pulled along.
  useEffect(() => {
    const at = selected === undefined ? -1 : latestIds.current.indexOf(selected);
    if (at !== -1) virtualizer.scrollToIndex(at, { align: 'auto' });
  }, [selected, virtualizer]);

  const jump = () => {
    const first = ids.findIndex((id) => unseen.has(id));
    if (first !== -1) list.current?.scrollTo({ top: first * rowHeight });
  };
  const unseenCritical = orders.some(({ id, priority }) => priority === 'P0' && unseen.has(id));
  return (
    <div className="order-list-frame">
      {unseen.size > 0 && (
        <button
          type="button"
          className={`new-above ${unseenCritical ? 'is-critical' : ''}`}
          data-testid="new-orders"
          onClick={jump}
        >
          {t('now.newOrders', { n: unseen.size })}
        </button>
      )}
      <div
        ref={list}
        className="order-list"
        role="listbox"
        tabIndex={0}
        aria-label={t('now.list')}
        aria-activedescendant={selectedAt === -1 ? undefined : `order-${selected}`}
        data-testid="order-list"
        onScroll={onScroll}
      >
        <div style={{ blockSize: virtualizer.getTotalSize() + spare, position: 'relative' }} role="presentation">
          {virtualizer.getVirtualItems().map(({ index, start, key }) => {
            const order = orders[index];
            if (order === undefined) return null;
            return (
              <OrderRow
                key={key}
                order={order}
                zone={compound.zoneOf(order.compound)}
                withCompound={compound.selected === undefined}
                at={{ index, count: orders.length, startPx: start, heightPx: rowHeight }}
                isSelected={order.id === selected}
                isNew={unseen.has(order.id)}
                onSelect={() => onSelect(order.id)}
                onOpen={onOpen}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
