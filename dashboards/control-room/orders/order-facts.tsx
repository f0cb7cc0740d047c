import type { WorkOrderItem } from '../../../services/projections/work-order-board/board.ts';
import { placeText } from '../devices/places.ts';
import { useWords } from '../locales/i18n.ts';

/** Where the order is in its life, and whether the device itself says that it is over. */
export function OrderState({ order }: { order: WorkOrderItem }) {
  const { t, word } = useWords();
  const isOver = order.state === 'closed' || order.state === 'cancelled';
  return (
    <span className="order-states">
      <span className={`state state-${order.state}`} data-testid="order-state" data-state={order.state}>
        {t(`state.${order.state}`)}
      </span>
      {order.pause !== null && <span className="tag">{word('pause', order.pause.reason)}</span>}
      {order.offered && order.assignee === null && <span className="tag">{t('order.offered')}</span>}
      {!order.faultStanding && order.recoveredAt !== null && (
        <span className="tag">{order.offersClose ? t('order.offersClose') : t('order.recovered')}</span>
      )}
      {order.resolvedWithoutRecovery && (
        <span className="tag tag-warn" data-testid="without-recovery">
          {t('order.withoutRecovery')}
        </span>
      )}
      {order.faultStanding && !order.resolvedWithoutRecovery && (isOver || order.state === 'resolved') && (
        <span className="tag tag-warn">{t('order.stillFaulty')}</span>
      )}
      {order.late && <span className="tag">{t('order.late')}</span>}
    </span>
  );
}

/** What stands in one line beneath the title: the place, as one would say it on the telephone. */
export function usePlaceOf(): (order: WorkOrderItem, withCompound: boolean) => string {
  const { t } = useWords();
  return (order, withCompound) => {
    const place =
      order.place === null
        ? (order.deviceName ?? order.device ?? t('order.noPlace'))
        : placeText(order.place.split(' · '));
    return withCompound ? `${order.compoundName} · ${place}` : place;
  };
}
