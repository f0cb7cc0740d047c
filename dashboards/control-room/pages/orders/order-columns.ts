import type { WorkOrderItem } from '../../../../services/projections/work-order-board/board.ts';
import { compareOrders } from '../../orders/order-list.ts';

type State = WorkOrderItem['state'];

/** What stands in one column: sent and taken on are one waiting, done and confirmed another. */
const openColumns: State[][] = [
  ['raised'],
  ['acknowledged'],
  ['dispatched', 'accepted'],
  ['on-site'],
  ['paused'],
  ['resolved', 'confirmed'],
];
const overColumns: State[][] = [['closed'], ['cancelled']];

export interface Column {
  /** The first of its states, which gives it its name. */
  state: State;
  orders: WorkOrderItem[];
}

/** Columns of the chosen part of life, the most pressing first; what is over: the newest first. */
export function columnsOf(orders: readonly WorkOrderItem[], part: 'open' | 'closed' | 'all'): Column[] {
  const columns = part === 'open' ? openColumns : part === 'closed' ? overColumns : [...openColumns, ...overColumns];
  return columns.map((states) => {
    const inside = orders.filter((order) => states.includes(order.state));
    const newest = (order: WorkOrderItem) => Date.parse(order.closedAt ?? order.raisedAt);
    inside.sort(overColumns.includes(states) ? (a, b) => newest(b) - newest(a) : compareOrders);
    return { state: states[0]!, orders: inside };
  });
}
