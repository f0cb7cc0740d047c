import type { WorkOrderItem } from '../../../services/projections/work-order-board/board.ts';
import { useWords } from '../locales/i18n.ts';

type Priority = WorkOrderItem['priority'];

/** A shape of its own for each, so that nobody depends on the colour: octagon, triangle, ring, bar. */
const shapes: Record<Priority, string> = {
  P0: 'M5 1h6l4 4v6l-4 4H5l-4-4V5z',
  P1: 'M8 1.5l7 13H1z',
  P2: 'M8 2.5a5.5 5.5 0 1 0 .01 0z',
  P3: 'M2 6.5h12v3H2z',
};

export function PriorityMark({ priority }: { priority: Priority }) {
  const { t } = useWords();
  return (
    <span className={`priority priority-${priority}`} data-priority={priority}>
      <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">
        <path d={shapes[priority]} />
      </svg>
      <span>
        {priority} {t(`priority.${priority}`)}
      </span>
    </span>
  );
}
