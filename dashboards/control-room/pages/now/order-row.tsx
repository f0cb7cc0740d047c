import type { WorkOrderItem } from '../../../../services/projections/work-order-board/board.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { ClockBar } from '../../orders/clock-bar.tsx';
import { OrderState, usePlaceOf } from '../../orders/order-facts.tsx';
import { PriorityMark } from '../../orders/priority-mark.tsx';

interface OrderRowProps {
  order: WorkOrderItem;
  zone: string;
  withCompound: boolean;
  /** Where it stands among all, most of which don't exist on the page. */
  at: { index: number; count: number; startPx: number; heightPx: number };
  isSelected: boolean;
  isNew: boolean;
  onSelect: () => void;
  onOpen: () => void;
}

/** What, where, how long, how much time is left, who. */
export function OrderRow({ order, zone, withCompound, at, isSelected, isNew, onSelect, onOpen }: OrderRowProps) {
  const { t, say } = useWords();
  const placeOf = usePlaceOf();
  const isFading = !order.faultStanding && order.recoveredAt !== null;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys belong to the list as a whole
    // biome-ignore lint/a11y/useFocusableInteractive: aria-activedescendant carries the focus
    <div
      id={`order-${order.id}`}
      role="option"
      aria-selected={isSelected}
      aria-setsize={at.count}
      aria-posinset={at.index + 1}
      className={`order-row ${isFading ? 'is-fading' : ''} ${isNew ? 'is-new' : ''}`}
      data-testid="order-row"
      data-order={order.id}
      data-priority={order.priority}
      data-state={order.state}
      style={{ blockSize: at.heightPx, transform: `translateY(${at.startPx}px)` }}
      onClick={onSelect}
      onDoubleClick={onOpen}
    >
      <span className="row-priority">
        <PriorityMark priority={order.priority} />
        <span className="quiet">
          <When at={order.raisedAt} zone={zone} ago />
        </span>
      </span>
      <span className="row-what">
        <span className="row-title" title={say(order.title)}>
          {say(order.title)}
        </span>
        <span className="row-place">{placeOf(order, withCompound)}</span>
      </span>
      <span className="row-who">
        <OrderState order={order} />
        <span className="row-assignee">
          {order.assignee ?? <span className="quiet">{t('order.nobody')}</span>}
          {order.reports > 1 && <span className="quiet"> · {t('order.times', { n: order.reports })}</span>}
        </span>
      </span>
      <ClockBar order={order} zone={zone} />
    </div>
  );
}
