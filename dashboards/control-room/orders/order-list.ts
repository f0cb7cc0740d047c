import type { WorkOrderItem } from '../../../services/projections/work-order-board/board.ts';
import { nextDeadline, orderClock } from './order-clock.ts';

const priorityRank = { P0: 0, P1: 1, P2: 2, P3: 3 } as const;
const dayMs = 24 * 3600 * 1000;

const isResolved = ({ state }: WorkOrderItem): boolean => state === 'resolved' || state === 'confirmed';
export const isWaiting = (order: WorkOrderItem): boolean => order.state === 'raised';

/**
 * What needs a hand first: work before what only waits to be closed, then priority, then the nearer deadline, then the
 * older order. It doesn't depend on the time of day, so no line moves by itself.
 */
export function compareOrders(a: WorkOrderItem, b: WorkOrderItem): number {
  if (isResolved(a) !== isResolved(b)) return isResolved(a) ? 1 : -1;
  const byPriority = priorityRank[a.priority] - priorityRank[b.priority];
  if (byPriority !== 0) return byPriority;
  const deadline = (order: WorkOrderItem) => Date.parse(nextDeadline(order)?.deadline ?? '9999-12-31T00:00:00Z');
  const byDeadline = deadline(a) - deadline(b);
  if (byDeadline !== 0) return byDeadline;
  const byAge = Date.parse(a.raisedAt) - Date.parse(b.raisedAt);
  if (byAge !== 0) return byAge;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

export const sortOrders = (orders: readonly WorkOrderItem[]): WorkOrderItem[] => [...orders].sort(compareOrders);

export interface Figures {
  open: number;
  unacknowledged: number;
  overdue: number;
  standingOverOneDay: number;
}
export function figuresOf(orders: readonly WorkOrderItem[], nowMs: number): Figures {
  return {
    open: orders.length,
    unacknowledged: orders.filter(isWaiting).length,
    overdue: orders.filter((order) => orderClock(order, nowMs)?.urgency === 'overdue').length,
    standingOverOneDay: orders.filter((order) => nowMs - Date.parse(order.raisedAt) > dayMs).length,
  };
}

/** A late or replayed report tells of the past, so nothing sounds for it. */
export const soundsAlarm = (order: WorkOrderItem): boolean =>
  order.priority === 'P0' && isWaiting(order) && !order.late;

/** Every word must occur somewhere in what the line shows. */
export function searchOrders(orders: readonly WorkOrderItem[], query: string): WorkOrderItem[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...orders];
  return orders.filter((order) => {
    const line = [
      order.title.zh,
      order.title.en,
      order.place,
      order.deviceName,
      order.device,
      order.assignee,
      order.text,
      order.compoundName,
      order.priority,
      order.code,
      order.id,
    ]
      .join('\n')
      .toLowerCase();
    return words.every((word) => line.includes(word));
  });
}

/** The order to select after `j` (1) or `k` (-1); the first where nothing is selected or the selected one has gone. */
export function neighbour(ids: readonly string[], selected: string | undefined, step: 1 | -1): string | undefined {
  if (ids.length === 0) return undefined;
  const at = selected === undefined ? -1 : ids.indexOf(selected);
  if (at === -1) return ids[0];
  return ids[Math.min(ids.length - 1, Math.max(0, at + step))];
}
