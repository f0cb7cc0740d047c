import type { WorkOrderItem } from '../../../services/projections/work-order-board/board.ts';

export type ClockStep = 'acknowledge' | 'onSite' | 'resolve';
export type Urgency = 'calm' | 'soon' | 'overdue';
export interface OrderClock {
  step: ClockStep;
  deadline: string;
  /** Negative once overdue. */
  leftMs: number;
  /** 1 when the order was raised, 0 at the deadline. */
  leftFraction: number;
  urgency: Urgency;
}

type Timed = Pick<WorkOrderItem, 'deadlines' | 'raisedAt'>;
const steps: ClockStep[] = ['acknowledge', 'onSite', 'resolve'];
/** From here on a bar is coloured: a quarter of the time left. */
const soonFraction = 0.25;

/** The deadline that comes first, or `null` where none runs. */
export function nextDeadline(order: Pick<Timed, 'deadlines'>): { step: ClockStep; deadline: string } | null {
  let first: { step: ClockStep; deadline: string } | null = null;
  for (const step of steps) {
    const deadline = order.deadlines[step];
    if (deadline !== null && (first === null || Date.parse(deadline) < Date.parse(first.deadline))) {
      first = { step, deadline };
    }
  }
  return first;
}

export function orderClock(order: Timed, nowMs: number): OrderClock | null {
  const next = nextDeadline(order);
  if (next === null) return null;
  const end = Date.parse(next.deadline);
  const wholeMs = Math.max(1, end - Date.parse(order.raisedAt));
  const leftMs = end - nowMs;
  const leftFraction = Math.min(1, Math.max(0, leftMs / wholeMs));
  const urgency = leftMs < 0 ? 'overdue' : leftFraction < soonFraction ? 'soon' : 'calm';
  return { ...next, leftMs, leftFraction, urgency };
}
