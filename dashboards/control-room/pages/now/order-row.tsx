import type { WorkOrderItem } from '../../../../services/projections/work-order-board/board.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { ClockBar } from '../../orders/clock-bar.tsx';
import { OrderState, usePlaceOf, useTitleOf } from '../../orders/order-facts.tsx';
import { PriorityMark } from '../../orders/priority-mark.tsx';

/** What, where, how long, how much time is left, who. */
export function OrderRow({ order, zone, withCompound }: { order: WorkOrderItem; zone: string; withCompound: boolean }) {
  const { t } = useWords();
  const placeOf = usePlaceOf();
  const titleOf = useTitleOf();
  return (
    <>
      <span className="row-priority">
        <PriorityMark priority={order.priority} />
        <span className="quiet">
          <When at={order.raisedAt} zone={zone} ago />
        </span>
      </span>
      <span className="row-what">
        <span className="row-title" title={titleOf(order)}>
          {titleOf(order)}
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
    </>
  );
}
