import { Drawer, Spin } from 'antd';
import { useMemo } from 'react';
import type { WorkOrderItem } from '../../../../services/projections/work-order-board/board.ts';
import { type OrderStates, useOrders } from '../../api/queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { OrderDetail } from '../../orders/order-detail.tsx';
import { neighbour, searchOrders } from '../../orders/order-list.ts';
import { useRoute } from '../../route-context.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { useKeyCommands } from '../../shell/use-key-commands.ts';
import { OrderBoard } from './order-board.tsx';
import { columnsOf } from './order-columns.ts';
import { type OrderFilter, OrderFilters } from './order-filters.tsx';
import { OrderTable } from './order-table.tsx';

const parts: OrderStates[] = ['open', 'closed', 'all'];

/** Filters live in the address, so that a view can be sent to a colleague. */
function useFilter(): [OrderFilter, (change: Partial<OrderFilter>) => void] {
  const { query, adjust } = useRoute();
  const filter: OrderFilter = {
    part: parts.find((part) => part === query.state) ?? 'open',
    priority: query.priority ?? '',
    query: query.q ?? '',
    view: query.view === 'table' ? 'table' : 'board',
  };
  return [
    filter,
    (change) => {
      const next = { ...filter, ...change };
      adjust({ query: { state: next.part, priority: next.priority, q: next.query, view: next.view } });
    },
  ];
}

export function OrdersPage({ canAct }: { canAct: boolean }) {
  const { t } = useWords();
  const { selected: compound } = useCompound();
  const { id, adjust } = useRoute();
  const [filter, change] = useFilter();
  const { data, error, isPending, refetch } = useOrders(compound?.id, filter.part);
  const { part, priority, query } = filter;
  const columns = useMemo(() => {
    const wanted = (order: WorkOrderItem) => priority === '' || order.priority === priority;
    return columnsOf(searchOrders(data?.items ?? [], query).filter(wanted), part);
  }, [data, query, priority, part]);
  const orders = useMemo(() => columns.flatMap((column) => column.orders), [columns]);
  const open = (next: string | undefined) => next !== undefined && adjust({ id: next });
  const step = (by: 1 | -1) =>
    open(
      neighbour(
        orders.map((order) => order.id),
        id,
        by,
      ),
    );
  useKeyCommands({ next: () => step(1), previous: () => step(-1) });

  return (
    <div className="orders">
      <OrderFilters filter={filter} onChange={change} shown={orders.length} cut={data?.cut ?? false} />
      {isPending && <Spin className="page-spin" delay={300} />}
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data !== undefined &&
        (filter.view === 'board' ? (
          <OrderBoard columns={columns} selected={id} onOpen={open} />
        ) : (
          <OrderTable orders={orders} selected={id} onOpen={open} />
        ))}
      <Drawer
        open={id !== undefined}
        onClose={() => adjust({ id: null })}
        size={560}
        mask={false}
        // Within the page: the header with the freshness stays in sight.
        getContainer={false}
        rootStyle={{ position: 'absolute' }}
        destroyOnHidden
        title={t('orders.detail')}
        data-testid="order-drawer"
      >
        {id !== undefined && <OrderDetail key={id} id={id} canAct={canAct} />}
      </Drawer>
    </div>
  );
}
