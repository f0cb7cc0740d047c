import { Drawer, Spin } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { useOrders } from '../../api/order-queries.ts';
import { useNow } from '../../live/live-context.tsx';
import { useWords } from '../../locales/i18n.ts';
import { absoluteTime } from '../../locales/instant.ts';
import { OrderDetail } from '../../orders/order-detail.tsx';
import { neighbour, searchOrders } from '../../orders/order-list.ts';
import { printPage } from '../../orders/print-page.ts';
import { usePeople } from '../../orders/use-people.ts';
import { useRoute } from '../../route-context.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { useKeyCommands } from '../../shell/use-key-commands.ts';
import { BulkBar } from './bulk-bar.tsx';
import { OrderBoard } from './order-board.tsx';
import { columnsOf } from './order-columns.ts';
import { OrderFilters } from './order-filters.tsx';
import { OrderTable } from './order-table.tsx';
import { useOrderFilter } from './use-order-filter.ts';

/** Which orders are chosen, by their ids. */
function useChosen(): [ReadonlySet<string>, (ids: readonly string[], on: boolean) => void, () => void] {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  return [
    chosen,
    (ids, on) =>
      setChosen((before) => {
        const after = new Set(before);
        for (const id of ids) on ? after.add(id) : after.delete(id);
        return after;
      }),
    () => setChosen(new Set()),
  ];
}

/** Only on paper: of what, and of when. */
function PrintHead() {
  const { t } = useWords();
  const { selected, compounds } = useCompound();
  const now = useNow(60_000);
  const zone = (selected ?? compounds[0])?.timeZone ?? 'Asia/Shanghai';
  return (
    <h2 className="print-only">
      {t('orders.printTitle', {
        compound: selected?.name ?? t('shell.allCompounds'),
        at: absoluteTime(new Date(now).toISOString(), zone),
      })}
    </h2>
  );
}

export function OrdersPage({ canAct }: { canAct: boolean }) {
  const { t } = useWords();
  const { selected: compound } = useCompound();
  const { id, adjust } = useRoute();
  const [filter, change] = useOrderFilter();
  const [chosen, choose, clear] = useChosen();
  const [printing, setPrinting] = useState(false);
  const people = usePeople(compound?.id);
  const { part, priority, trade, assignee, overdue, query, view } = filter;
  const { data, error, isPending, refetch } = useOrders(compound?.id, part, {
    ...{ priority, trade, assignee },
    overdue: overdue ? 'true' : '',
  });
  const columns = useMemo(() => columnsOf(searchOrders(data?.items ?? [], query), part), [data, query, part]);
  const orders = useMemo(() => columns.flatMap((column) => column.orders), [columns]);
  const ids = orders.map((order) => order.id);
  const open = (next: string | undefined) => next !== undefined && adjust({ id: next });
  useKeyCommands({
    next: () => open(neighbour(ids, id, 1)),
    previous: () => open(neighbour(ids, id, -1)),
    mark: () => canAct && id !== undefined && choose([id], !chosen.has(id)),
  });
  const isTable = view === 'table' || printing;
  useEffect(() => {
    if (!printing) return;
    printPage('orders');
    setPrinting(false);
  }, [printing]);

  return (
    <div className="orders">
      <PrintHead />
      <OrderFilters
        filter={filter}
        onChange={change}
        people={people}
        shown={orders.length}
        cut={data?.cut ?? false}
        onPrint={() => setPrinting(true)}
      />
      <BulkBar chosen={orders.filter((order) => chosen.has(order.id))} people={people} onClear={clear} />
      {isPending && <Spin className="page-spin" delay={300} />}
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data !== undefined &&
        (isTable ? (
          <OrderTable
            orders={orders}
            selected={id}
            onOpen={open}
            chosen={chosen}
            choose={canAct ? choose : undefined}
          />
        ) : (
          <OrderBoard columns={columns} selected={id} chosen={chosen} onOpen={open} />
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
