import type { WorkOrderItem } from '../../../services/projections/work-order-board/board.ts';
import { useNow } from '../live/live-context.tsx';
import { clockDuration } from '../locales/duration.ts';
import { useWords } from '../locales/i18n.ts';
import { absoluteTime } from '../locales/instant.ts';
import { orderClock } from './order-clock.ts';

/** Time left to the next deadline: full when raised, empty at the deadline, striped once overdue. */
export function ClockBar({ order, zone }: { order: WorkOrderItem; zone: string }) {
  const { t } = useWords();
  const clock = orderClock(order, useNow());
  if (order.pause !== null && clock === null) return <span className="clock clock-none">{t('clock.paused')}</span>;
  if (clock === null) return <span className="clock clock-none quiet">{t('clock.none')}</span>;
  const left = clockDuration(clock.leftMs);
  const words = typeof left === 'string' ? left : t(left.key, left.values);
  return (
    <span
      className={`clock clock-${clock.urgency}`}
      data-urgency={clock.urgency}
      title={absoluteTime(clock.deadline, zone)}
    >
      <span className="clock-words">
        <span>{t(`clock.${clock.step}`)}</span>
        <span className="clock-left">
          {clock.urgency === 'overdue' ? t('clock.overdue', { time: words }) : t('clock.left', { time: words })}
        </span>
      </span>
      <span className="clock-track" aria-hidden="true">
        <span className="clock-fill" style={{ inlineSize: `${Math.round(clock.leftFraction * 100)}%` }} />
      </span>
    </span>
  );
}
