import type { WorkOrderItem } from '../../../../services/projections/work-order-board/board.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { ClockBar } from '../../orders/clock-bar.tsx';
import { usePlaceOf } from '../../orders/order-facts.tsx';
import { PriorityMark } from '../../orders/priority-mark.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import type { Column } from './order-columns.ts';

function OrderCard({
  order,
  selected,
  isChosen,
  onOpen,
}: {
  order: WorkOrderItem;
  selected: boolean;
  isChosen: boolean;
  onOpen: () => void;
}) {
  const { t, say, word } = useWords();
  const compound = useCompound();
  const placeOf = usePlaceOf();
  const zone = compound.zoneOf(order.compound);
  const isFading = !order.faultStanding && order.recoveredAt !== null;
  return (
    <li>
      <button
        type="button"
        className={`order-card ${isFading ? 'is-fading' : ''} ${isChosen ? 'is-chosen' : ''}`}
        aria-pressed={selected}
        data-testid="order-card"
        data-order={order.id}
        onClick={onOpen}
      >
        <span className="card-top">
          <PriorityMark priority={order.priority} />
          {isChosen && <span className="tag">{t('bulk.isChosen')}</span>}
          <span className="quiet">
            <When at={order.raisedAt} zone={zone} ago />
          </span>
        </span>
        <span className="row-title">{say(order.title)}</span>
        <span className="row-place">{placeOf(order, compound.selected === undefined)}</span>
        <span className="card-who">
          {order.assignee ?? <span className="quiet">{t('order.nobody')}</span>}
          <CardTags order={order} />
          {order.outcome !== null && <span className="tag">{word('outcome', order.outcome)}</span>}
        </span>
        {order.closedAt === null && order.state !== 'cancelled' && <ClockBar order={order} zone={zone} />}
      </button>
    </li>
  );
}

/** What the column doesn't say. */
function CardTags({ order }: { order: WorkOrderItem }) {
  const { t, word } = useWords();
  const { state, pause, offered, assignee, offersClose, recoveredAt, faultStanding, resolvedWithoutRecovery } = order;
  const tags = [
    ...(state === 'accepted' || state === 'confirmed' ? [t(`state.${state}`)] : []),
    ...(pause === null ? [] : [word('pause', pause.reason)]),
    ...(offered && assignee === null ? [t('order.offered')] : []),
    ...(faultStanding || recoveredAt === null ? [] : [t(offersClose ? 'order.offersClose' : 'order.recovered')]),
  ];
  return (
    <>
      {tags.map((words) => (
        <span key={words} className="tag">
          {words}
        </span>
      ))}
      {resolvedWithoutRecovery && <span className="tag tag-warn">{t('order.withoutRecovery')}</span>}
    </>
  );
}

/** Columns by state; the order moves to the right as it is worked off. */
export function OrderBoard({
  columns,
  selected,
  chosen,
  onOpen,
}: {
  columns: Column[];
  selected: string | undefined;
  chosen: ReadonlySet<string>;
  onOpen: (id: string) => void;
}) {
  const { t } = useWords();
  return (
    <div className="board" data-testid="orders-board">
      {columns.map(({ state, orders }) => (
        <section
          key={state}
          className="board-column"
          data-testid="board-column"
          data-state={state}
          aria-labelledby={`column-${state}`}
        >
          <h2 id={`column-${state}`}>
            {t(`state.${state}`)} <span className="quiet">{orders.length}</span>
          </h2>
          {orders.length === 0 ? (
            <p className="quiet column-empty">{t('orders.columnEmpty')}</p>
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
            <ul tabIndex={0} aria-label={t(`state.${state}`)}>
              {orders.map((order) => (
                <OrderCard
                  key={order.id}
                  order={order}
                  selected={order.id === selected}
                  isChosen={chosen.has(order.id)}
                  onOpen={() => onOpen(order.id)}
                />
              ))}
            </ul>
          )}
        </section>
      ))}
    </div>
  );
}
