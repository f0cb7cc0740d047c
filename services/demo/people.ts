import type { WorkOrderItem } from '../projections/work-order-board/board.ts';
import { shareOfText } from './random.ts';

/** An open order as the shift sees it. */
export interface OrderSeen
  extends Pick<WorkOrderItem, 'id' | 'device' | 'priority' | 'state' | 'raisedAt' | 'faultStanding'> {
  /** When anything last happened on it. */
  lastStepAt: string;
  /** A person who is not of the simulated shift has acted on it. */
  touchedByVisitor: boolean;
}

export type ShiftCommand = 'acknowledge' | 'dispatch' | 'arrive' | 'resolve' | 'close' | 'rate';

export interface ShiftAct {
  order: string;
  command: ShiftCommand;
  body: Record<string, unknown>;
}

type Seconds = readonly [least: number, most: number];
type Priority = OrderSeen['priority'];

/** From the step before to the next one, in seconds; within the default service levels. */
const waits: Record<Priority, Record<'raised' | 'acknowledged' | 'dispatched', Seconds>> = {
  P0: { raised: [35, 50], acknowledged: [8, 20], dispatched: [50, 90] },
  P1: { raised: [70, 150], acknowledged: [20, 60], dispatched: [120, 300] },
  P2: { raised: [240, 700], acknowledged: [60, 240], dispatched: [180, 600] },
  P3: { raised: [600, 1800], acknowledged: [120, 600], dispatched: [300, 1200] },
};
const repair: Seconds = [45, 180];
const paperwork: Seconds = [30, 120];

/** Orders without hurry that stay untouched for whoever watches. */
const leftForVisitor = 4;
/** A visitor who began an order and went away is relieved after this long. */
const relievedAfterMs = 30 * 60_000;
const ratedShare = 0.6;

const notes = ['已到场处理，设备恢复正常', '更换部件后恢复正常', '现场复位，测试正常', '已排除故障并向住户说明'];

const waitMs = (order: OrderSeen, [least, most]: Seconds): number =>
  1000 * (least + shareOfText(`${order.id} ${order.state}`) * (most - least));

const isDue = (order: OrderSeen, seconds: Seconds, nowMs: number): boolean =>
  nowMs - Date.parse(order.lastStepAt) >= waitMs(order, seconds);

const oneOf = (items: readonly string[], share: number): string => items[Math.floor(share * items.length)]!;

/** Three residents in four are content; the shares are the compound's own, not the device's. */
const ratingOf = (order: OrderSeen): ShiftAct[] => {
  const share = shareOfText(`${order.id} rating`);
  if (share >= ratedShare) return [];
  const score = share < ratedShare * 0.1 ? 3 : share < ratedShare * 0.5 ? 4 : 5;
  return [{ order: order.id, command: 'rate', body: { score } }];
};

const actOf = (command: ShiftCommand, order: OrderSeen, body: Record<string, unknown> = {}): ShiftAct => ({
  order: order.id,
  command,
  body,
});

const nextStep = (order: OrderSeen, nowMs: number, assigneeOf: (device: string | null) => string): ShiftAct[] => {
  const wait = waits[order.priority];
  switch (order.state) {
    case 'raised':
      return isDue(order, wait.raised, nowMs) ? [actOf('acknowledge', order)] : [];
    case 'acknowledged':
      if (!isDue(order, wait.acknowledged, nowMs)) return [];
      return [actOf('dispatch', order, { assignee: assigneeOf(order.device) })];
    case 'dispatched':
      return isDue(order, wait.dispatched, nowMs) ? [actOf('arrive', order)] : [];
    case 'on-site':
      if (order.faultStanding || !isDue(order, repair, nowMs)) return [];
      return [actOf('resolve', order, { note: oneOf(notes, shareOfText(`${order.id} note`)) })];
    case 'resolved':
      if (order.faultStanding || !isDue(order, paperwork, nowMs)) return [];
      return [actOf('close', order, { outcome: 'repaired' }), ...ratingOf(order)];
    default:
      return [];
  }
};

const isTheShifts = ({ touchedByVisitor, lastStepAt }: OrderSeen, nowMs: number): boolean =>
  !touchedByVisitor || nowMs - Date.parse(lastStepAt) >= relievedAfterMs;

/**
 * What the shift does now, at most one step per order. Urgent orders are always taken up in time, because a star hangs
 * on it; of the others the newest few are left for whoever watches.
 */
export const shiftActs = (
  orders: readonly OrderSeen[],
  nowMs: number,
  assigneeOf: (device: string | null) => string,
): ShiftAct[] => {
  const own = orders.filter((order) => isTheShifts(order, nowMs));
  const calm = own
    .filter(({ state, priority }) => state === 'raised' && (priority === 'P2' || priority === 'P3'))
    .sort((a, b) => (a.raisedAt < b.raisedAt ? 1 : -1));
  const left = new Set(calm.slice(0, leftForVisitor).map(({ id }) => id));
  return own.filter(({ id }) => !left.has(id)).flatMap((order) => nextStep(order, nowMs, assigneeOf));
};
