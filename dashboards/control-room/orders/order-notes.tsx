import type { WorkOrderDetail } from '../../../services/projections/work-order-board/board.ts';
import { useWords } from '../locales/i18n.ts';
import { When } from '../locales/when.tsx';
import { useRoute } from '../route-context.tsx';

/** What somebody has to know before doing anything: why it waits, what ran out, what device and person disagree about. */
export function OrderNotes({ order, zone }: { order: WorkOrderDetail; zone: string }) {
  const { t, word } = useWords();
  const { go } = useRoute();
  const { pause } = order;
  const steps = (names: readonly string[]) => names.map((name) => t(`clock.${name}`)).join(t('list.separator'));
  const cancelled = order.timeline.find(({ type }) => type === 'work-order.cancelled');
  const stays = cancelled?.data.duplicateOf;
  return (
    <>
      {order.offersClose && (
        <p className="order-note" data-testid="offers-close">
          {t('order.offersCloseWhy')}
        </p>
      )}
      {order.resolvedWithoutRecovery && <p className="order-note is-warning">{t('order.withoutRecoveryWhy')}</p>}
      {order.overdue.length > 0 && (
        <p className="order-note is-warning" data-testid="overdue-steps">
          {t('order.overdueSteps', { steps: steps(order.overdue) })}
        </p>
      )}
      {pause !== null && (
        <p className="order-note" data-testid="pause-note">
          {t('order.pausedFor', { reason: word('pause', pause.reason) })} <When at={pause.at} zone={zone} />
          {pause.until !== null && (
            <>
              {' '}
              {t('order.pausedUntil')} <When at={pause.until} zone={zone} />
            </>
          )}
          {pause.stops.length > 0 && ` · ${t('order.clocksStand', { steps: steps(pause.stops) })}`}
        </p>
      )}
      {typeof stays === 'string' && (
        <p className="order-note">
          {t('order.duplicateOf')}{' '}
          <button type="button" className="link" data-testid="duplicate-of" onClick={() => go('orders', stays)}>
            {stays}
          </button>
        </p>
      )}
    </>
  );
}
