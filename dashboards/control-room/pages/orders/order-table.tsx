import type { WorkOrderItem } from '../../../../services/projections/work-order-board/board.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { ClockBar } from '../../orders/clock-bar.tsx';
import { OrderState, usePlaceOf } from '../../orders/order-facts.tsx';
import { PriorityMark } from '../../orders/priority-mark.tsx';
import { useCompound } from '../../shell/compound-context.tsx';

const columns = ['priority', 'what', 'place', 'state', 'who', 'raised', 'clock'] as const;

/** The same orders as lines, for reading and for printing. */
export function OrderTable({
  orders,
  selected,
  onOpen,
}: {
  orders: WorkOrderItem[];
  selected: string | undefined;
  onOpen: (id: string) => void;
}) {
  const { t, say } = useWords();
  const compound = useCompound();
  const placeOf = usePlaceOf();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-frame" tabIndex={0} aria-label={t('orders.table')}>
      <table className="table">
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {t(`orders.column.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => {
            const zone = compound.zoneOf(order.compound);
            return (
              <tr
                key={order.id}
                data-testid="order-line"
                data-order={order.id}
                className={order.id === selected ? 'is-selected' : undefined}
              >
                <td>
                  <PriorityMark priority={order.priority} />
                </td>
                <td>
                  <button type="button" className="link" onClick={() => onOpen(order.id)}>
                    {say(order.title)}
                  </button>
                </td>
                <td>{placeOf(order, compound.selected === undefined)}</td>
                <td>
                  <OrderState order={order} />
                </td>
                <td>{order.assignee ?? <span className="quiet">{t('order.nobody')}</span>}</td>
                <td>
                  <When at={order.raisedAt} zone={zone} />
                </td>
                <td>
                  {order.closedAt === null && order.state !== 'cancelled' ? (
                    <ClockBar order={order} zone={zone} />
                  ) : (
                    order.closedAt !== null && <When at={order.closedAt} zone={zone} />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {orders.length === 0 && <p className="quiet column-empty">{t('now.nothingFound')}</p>}
    </section>
  );
}
