import type { OrderStates } from '../../api/order-queries.ts';
import { useRoute } from '../../route-context.tsx';
import type { OrderFilter } from './order-filters.tsx';

const parts: OrderStates[] = ['open', 'closed', 'all'];

/** Filters live in the address, so that a view can be sent to a colleague. */
export function useOrderFilter(): [OrderFilter, (change: Partial<OrderFilter>) => void] {
  const { query, adjust } = useRoute();
  const filter: OrderFilter = {
    part: parts.find((part) => part === query.state) ?? 'open',
    priority: query.priority ?? '',
    trade: query.trade ?? '',
    assignee: query.assignee ?? '',
    overdue: query.overdue === 'true',
    query: query.q ?? '',
    view: query.view === 'table' ? 'table' : 'board',
  };
  return [
    filter,
    (change) => {
      const { part, overdue, query: q, ...rest } = { ...filter, ...change };
      adjust({ query: { ...rest, state: part, overdue: overdue ? 'true' : '', q } });
    },
  ];
}
