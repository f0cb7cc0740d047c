import type { WorkOrderItem } from '../../../../services/projections/work-order-board/board.ts';
import { compareOrders } from '../../orders/order-list.ts';

type State = WorkOrderItem['state'];

const openStates: State[] = ['raised', 'acknowledged', 'dispatched', 'on-site', 'resolved'];
const overStates: State[] = ['closed', 'cancelled'];

export interface Column {
  state: State;
  orders: WorkOrderItem[];
}

/** One column per state of the chosen part of life, the most pressing first; what is over: the newest first. */
export function columnsOf(orders: readonly WorkOrderItem[], part: 'open' | 'closed' | 'all'): Column[] {
  const states = part === 'open' ? openStates : part === 'closed' ? overStates : [...openStates, ...overStates];
  return states.map((state) => {
    const inside = orders.filter((order) => order.state === state);
    const newest = (order: WorkOrderItem) => Date.parse(order.closedAt ?? order.raisedAt);
    inside.sort(overStates.includes(state) ? (a, b) => newest(b) - newest(a) : compareOrders);
    return { state, orders: inside };
  });
}
