import type { WorkOrderItem } from '../../../../services/projections/work-order-board/board.ts';
import type { CommandName } from '../../api/answers.ts';
import { sortOrders } from '../../orders/order-list.ts';
import type { Waiting } from '../../outbox/outbox.ts';

type State = WorkOrderItem['state'];

/** One thumb, one button: on my way, arrived, done. */
const stepFrom: Partial<Record<State, CommandName>> = {
  dispatched: 'accept',
  accepted: 'arrive',
  'on-site': 'resolve',
  paused: 'resume',
};

const stateAfter: Partial<Record<CommandName, State>> = {
  grab: 'accepted',
  accept: 'accepted',
  arrive: 'on-site',
  resolve: 'resolved',
  pause: 'paused',
  return: 'acknowledged',
};

export const phoneStep = ({ state }: Pick<WorkOrderItem, 'state'>): CommandName | undefined => stepFrom[state];

export interface PhoneOrder {
  order: WorkOrderItem;
  /** Where it will be once everything has been sent; `undefined` while only the hub can say. */
  step: CommandName | undefined;
  /** How much of it waits to be sent. */
  unsent: number;
  refused: Waiting[];
  /** Pictures, a pause and a return: of one's own orders, for whoever may act. */
  canAct: boolean;
}

/** Orders as the hub told last: a list may be a moment behind the answer to a command, and whose it is may have changed. */
export const asTold = (
  orders: readonly WorkOrderItem[],
  told: ReadonlyMap<string, WorkOrderItem>,
  names: readonly string[],
): WorkOrderItem[] =>
  orders
    .map((order) => told.get(order.id) ?? order)
    .filter(({ assignee }) => assignee !== null && names.includes(assignee));

/** Orders as the person who did something sees them: what waits to be sent counts as done. */
export function withWaiting(orders: readonly WorkOrderItem[], waiting: readonly Waiting[]): PhoneOrder[] {
  return orders.map((order) => {
    const own = waiting.filter((one) => one.order === order.id);
    const unsent = own.filter(({ refused }) => refused === null);
    const names = unsent.flatMap(({ wish }) => (wish.kind === 'command' ? [wish.name] : []));
    const last = names.at(-1);
    const state = last === undefined ? order.state : stateAfter[last];
    return {
      order: state === undefined ? order : { ...order, state },
      step: state === undefined ? undefined : stepFrom[state],
      unsent: unsent.length,
      refused: own.filter(({ refused }) => refused !== null),
      canAct: true,
    };
  });
}

/** For whoever may look and not act. */
export const onlyToRead = (shown: PhoneOrder): PhoneOrder => ({ ...shown, step: undefined, canAct: false });

/** Open to whoever comes first (抢单), as long as nobody has it; one taken here waits to be sent. */
export function offeredOf(orders: readonly WorkOrderItem[], waiting: readonly Waiting[]): PhoneOrder[] {
  const free = sortOrders(orders).filter(({ offered, assignee }) => offered && assignee === null);
  return withWaiting(free, waiting).map((shown) => ({
    ...shown,
    step: shown.unsent === 0 ? 'grab' : undefined,
    canAct: false,
  }));
}
