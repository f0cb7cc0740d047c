import type { WorkOrderItem } from '../../../services/projections/work-order-board/board.ts';
import type { CommandName } from '../api/answers.ts';

/** In the order of an order's life. */
export const lifeSteps: CommandName[] = [
  'acknowledge',
  'grab',
  'dispatch',
  'resume',
  'accept',
  'arrive',
  'resolve',
  'confirm',
  'close',
];
export const asides: CommandName[] = [
  'note',
  'pause',
  'transfer',
  'return',
  'offer',
  'add-part',
  'add-cost',
  'rate',
  'reopen',
  'cancel',
];
/** These say all by themselves; the others ask first. */
export const withoutDialog: CommandName[] = ['acknowledge', 'grab', 'accept', 'arrive', 'resume'];

type Stage = Pick<WorkOrderItem, 'state' | 'offersClose' | 'device'>;

/** What stands out among what is allowed: one step further, and the end where the device itself says it is over. */
export function nextStep({ state, offersClose, device }: Stage): CommandName | undefined {
  if (offersClose) return 'close';
  switch (state) {
    case 'raised':
      return 'acknowledge';
    case 'acknowledged':
      return 'dispatch';
    case 'dispatched':
      return 'accept';
    case 'accepted':
      return 'arrive';
    case 'on-site':
      return 'resolve';
    case 'paused':
      return 'resume';
    case 'resolved':
      // Where no device can say so, whoever asked for the repair does.
      return device === null ? 'confirm' : 'close';
    case 'confirmed':
      return 'close';
    default:
      return undefined;
  }
}

/** States that a command of many orders at once leads on from. */
const bulkStates: Record<BulkCommand, readonly WorkOrderItem['state'][]> = {
  acknowledge: ['raised'],
  dispatch: ['raised', 'acknowledged', 'dispatched'],
};
export type BulkCommand = 'acknowledge' | 'dispatch';

export const fitForBulk = (orders: readonly WorkOrderItem[], command: BulkCommand): WorkOrderItem[] =>
  orders.filter(({ state }) => bulkStates[command].includes(state));
