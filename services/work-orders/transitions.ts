import { type workOrderCommands, workOrderStates } from './commands.ts';
import { isOpen, type WorkOrderState, type WorkOrderStatus } from './order-state.ts';

export type WorkOrderCommandName = keyof typeof workOrderCommands | 'add-photo' | 'erase-photo';

interface Transition {
  /** States that the command leads on from. */
  from: readonly WorkOrderStatus[];
  /** Further states, once the device has recovered. */
  fromRecovered?: readonly WorkOrderStatus[];
  /** States in which it has been done already: repeating it does nothing, so that a lost answer can be asked again. */
  done: readonly WorkOrderStatus[];
  rule: string;
}

/** Before anybody has it, and while somebody has it. */
const waiting = ['raised', 'acknowledged'] as const;
const inHand = ['dispatched', 'accepted', 'on-site'] as const;

/** The whole life of an order: what is not in this table is refused. */
export const transitions: Record<WorkOrderCommandName, Transition> = {
  acknowledge: {
    from: ['raised'],
    done: ['acknowledged', ...inHand],
    rule: 'an order is acknowledged once, before it is resolved',
  },
  dispatch: {
    from: [...waiting, 'dispatched'],
    done: [],
    rule: 'somebody is sent before anybody has taken it on; after that it is transferred',
  },
  offer: { from: waiting, done: [], rule: 'an order is open to all before somebody has it' },
  grab: { from: waiting, done: [], rule: 'whoever comes first has it' },
  accept: {
    from: ['dispatched'],
    done: ['accepted', 'on-site'],
    rule: 'whoever was dispatched takes the order on',
  },
  return: { from: inHand, done: [], rule: 'only who has an order and works on it gives it back' },
  transfer: {
    from: [...inHand, 'paused'],
    done: [],
    rule: 'an order changes hands once somebody has it, before it is resolved',
  },
  arrive: { from: ['dispatched', 'accepted'], done: ['on-site'], rule: 'only who was dispatched arrives' },
  pause: {
    from: ['acknowledged', ...inHand],
    done: [],
    rule: 'an order is paused after it is acknowledged and before it is resolved',
  },
  resume: { from: ['paused'], done: ['acknowledged', ...inHand], rule: 'only a paused order is resumed' },
  resolve: {
    from: ['acknowledged', ...inHand],
    done: ['resolved'],
    rule: 'an order is acknowledged, and not paused, before it is resolved',
  },
  confirm: { from: ['resolved'], done: ['confirmed'], rule: 'a repair is confirmed after it is resolved' },
  close: {
    from: ['resolved', 'confirmed'],
    fromRecovered: [...waiting, ...inHand, 'paused'],
    done: ['closed'],
    rule: 'an order is closed once it is resolved or the device has recovered',
  },
  rate: { from: ['closed'], done: [], rule: 'an order is rated once, after it is closed' },
  note: { from: workOrderStates, done: [], rule: 'any order takes a note' },
  'add-part': {
    from: workOrderStates.filter((state) => state !== 'raised' && state !== 'cancelled'),
    done: [],
    rule: 'parts are used on an order that somebody has acknowledged',
  },
  'add-cost': {
    from: workOrderStates.filter((state) => state !== 'raised' && state !== 'cancelled'),
    done: [],
    rule: 'an order costs something once somebody has acknowledged it',
  },
  'add-photo': { from: workOrderStates, done: [], rule: 'any order takes photos' },
  'erase-photo': { from: workOrderStates, done: [], rule: 'a photo of any order is erased' },
  cancel: {
    from: [...waiting, ...inHand, 'paused'],
    done: ['cancelled'],
    rule: 'a resolved order is closed, not cancelled',
  },
  reopen: {
    from: ['resolved', 'confirmed'],
    done: [],
    rule: 'only a resolved order is reopened; a closed one stays closed, a new fault raises a new order',
  },
};

const commandNames = Object.keys(transitions) as WorkOrderCommandName[];

/** As much of an order as says which commands lead on. */
export type OrderGuards = Pick<
  WorkOrderState,
  'state' | 'recovered' | 'faultStanding' | 'rated' | 'offered' | 'raised' | 'photos'
>;

/** Conditions beside the state. */
const isHindered = (name: WorkOrderCommandName, order: OrderGuards): boolean =>
  (name === 'rate' && order.rated) ||
  (name === 'grab' && !order.offered) ||
  (name === 'confirm' && order.faultStanding) ||
  (name === 'erase-photo' && order.photos.length === 0) ||
  // Danger to life is worked on without a break (star standard, class P0).
  (name === 'pause' && order.raised?.priority === 'P0');

export const leadsOn = (name: WorkOrderCommandName, order: OrderGuards): boolean => {
  const { from, fromRecovered = [] } = transitions[name];
  if (order.state === 'none' || isHindered(name, order)) return false;
  return from.includes(order.state) || (order.recovered && isOpen(order) && fromRecovered.includes(order.state));
};

/** The commands that would lead on from here, for the page's buttons and for refusals. */
export const allowedCommands = (order: OrderGuards): WorkOrderCommandName[] =>
  commandNames.filter((name) => leadsOn(name, order));
