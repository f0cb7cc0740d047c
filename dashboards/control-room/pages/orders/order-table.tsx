import { Checkbox } from 'antd';
import type { WorkOrderItem } from '../../../../services/projections/work-order-board/board.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { ClockBar } from '../../orders/clock-bar.tsx';
import { OrderState, usePlaceOf } from '../../orders/order-facts.tsx';
import { PriorityMark } from '../../orders/priority-mark.tsx';
import { useCompound } from '../../shell/compound-context.tsx';

const columns = ['priority', 'what', 'place', 'state', 'trade', 'who', 'raised', 'clock'] as const;

interface Choosing {
  chosen: ReadonlySet<string>;
  /** Left out: nothing can be chosen. */
  choose: ((ids: readonly string[], on: boolean) => void) | undefined;
}

function Line({
  order,
  isSelected,
  onOpen,
  chosen,
  choose,
}: { order: WorkOrderItem; isSelected: boolean; onOpen: () => void } & Choosing) {
  const { t, say, word } = useWords();
  const compound = useCompound();
  const placeOf = usePlaceOf();
  const zone = compound.zoneOf(order.compound);
  return (
    <tr data-testid="order-line" data-order={order.id} className={isSelected ? 'is-selected' : undefined}>
      {choose !== undefined && (
        <td className="no-print">
          <Checkbox
            data-testid="choose-order"
            aria-label={t('bulk.choose', { what: say(order.title) })}
            checked={chosen.has(order.id)}
            onChange={(event) => choose([order.id], event.target.checked)}
          />
        </td>
      )}
      <td>
        <PriorityMark priority={order.priority} />
      </td>
      <td>
        <button type="button" className="link" onClick={onOpen}>
          {say(order.title)}
        </button>
      </td>
      <td>{placeOf(order, compound.selected === undefined)}</td>
      <td>
        <OrderState order={order} />
      </td>
      <td>{order.trade !== null && word('trade', order.trade)}</td>
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
}

/** The same orders as lines, for reading, for printing, and for doing one thing with many. */
export function OrderTable({
  orders,
  selected,
  onOpen,
  chosen,
  choose,
}: {
  orders: WorkOrderItem[];
  selected: string | undefined;
  onOpen: (id: string) => void;
} & Choosing) {
  const { t } = useWords();
  const ids = orders.map(({ id }) => id);
  const count = ids.filter((id) => chosen.has(id)).length;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-frame" tabIndex={0} aria-label={t('orders.table')}>
      <table className="table">
        <thead>
          <tr>
            {choose !== undefined && (
              <th scope="col" className="no-print">
                <Checkbox
                  data-testid="choose-all"
                  aria-label={t('bulk.chooseAll')}
                  checked={count > 0 && count === ids.length}
                  indeterminate={count > 0 && count < ids.length}
                  onChange={(event) => choose(ids, event.target.checked)}
                />
              </th>
            )}
            {columns.map((name) => (
              <th key={name} scope="col">
                {t(`orders.column.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <Line
              key={order.id}
              order={order}
              isSelected={order.id === selected}
              onOpen={() => onOpen(order.id)}
              chosen={chosen}
              choose={choose}
            />
          ))}
        </tbody>
      </table>
      {orders.length === 0 && <p className="quiet column-empty">{t('now.nothingFound')}</p>}
    </section>
  );
}
