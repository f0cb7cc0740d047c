import { z } from 'zod';
import { type Decider, Refusal } from '../event-log/decider.ts';
import { bilingual, instant } from '../runtime/schema.ts';
import { priorities, type workOrderCommands, workOrderStates } from './commands.ts';

export type WorkOrderStatus = (typeof workOrderStates)[number];

const id = z.string().min(1).max(64);
const text = z.string().max(2000);

/** The service level's durations, counted from `raisedAt`; `null` where it sets none. */
export const deadlines = z.strictObject({
  acknowledge: instant.nullable(),
  onSite: instant.nullable(),
  resolve: instant.nullable(),
});

/** What happens to a work order, as stored. `device`, `kind` and `causedBy` are missing where a person raised it. */
export const workOrderEvents = {
  'work-order.raised': z.strictObject({
    compound: id,
    device: id.optional(),
    kind: z.string().max(64).optional(),
    deviceName: z.string().max(200).optional(),
    position: id.optional(),
    building: id.optional(),
    code: z.string().max(64),
    component: z.string().max(500).optional(),
    /** Counts the orders of one device and fault; the order's id carries it too. */
    episode: z.int().min(1).optional(),
    /** The fault stands until the device says it is over; else it was over as it was reported. */
    lasting: z.boolean(),
    text: text.optional(),
    title: bilingual,
    serviceLevel: z.string().max(64),
    priority: z.enum(priorities),
    trade: z.string().max(64).optional(),
    raisedAt: instant,
    deadlines,
    /** Reported late or replayed: no alarm sounds. */
    late: z.boolean(),
    causedBy: z.string().max(64).optional(),
  }),
  'work-order.acknowledged': z.strictObject({}),
  'work-order.dispatched': z.strictObject({ assignee: z.string().max(100) }),
  'work-order.arrived': z.strictObject({}),
  'work-order.resolved': z.strictObject({ note: text.optional() }),
  'work-order.fault-recovered': z.strictObject({ causedBy: z.string().max(64) }),
  'work-order.fault-returned': z.strictObject({ causedBy: z.string().max(64) }),
  'work-order.closed': z.strictObject({
    outcome: z.enum(['repaired', 'not-reproducible', 'false-alarm', 'accepted-as-is']),
    note: text.optional(),
    /** The device still reported the fault as a person closed the order. */
    faultStanding: z.boolean(),
  }),
  'work-order.rated': z.strictObject({ score: z.int().min(1).max(5), comment: text.optional() }),
  'work-order.cancelled': z.strictObject({ reason: text }),
  'work-order.noted': z.strictObject({ text }),
  'work-order.reopened': z.strictObject({ reason: text }),
} as const satisfies Record<string, z.ZodType>;

type Events = typeof workOrderEvents;
export type WorkOrderEvent = { [Type in keyof Events]: { type: Type; data: z.infer<Events[Type]> } }[keyof Events];
export type Raised = z.infer<Events['work-order.raised']>;

type Commands = typeof workOrderCommands;
export type WorkOrderCommandName = keyof Commands;
/** What people and property systems may wish. */
export type PersonCommand = {
  [Name in WorkOrderCommandName]: { type: Name; data: z.infer<Commands[Name]> };
}[WorkOrderCommandName];
/** The last two are the device's own word, passed on by the fault router. */
export type WorkOrderCommand =
  | PersonCommand
  | { type: 'raise'; data: Raised }
  | { type: 'record-recovery'; data: { causedBy: string } }
  | { type: 'record-return'; data: { causedBy: string } };

export interface WorkOrderState {
  state: 'none' | WorkOrderStatus;
  raised: Raised | null;
  faultStanding: boolean;
  /** The device itself said that a lasting fault is over. */
  recovered: boolean;
  assignee: string | null;
  outcome: string | null;
  rated: boolean;
}

interface Transition {
  /** States that the command leads on from. */
  from: readonly WorkOrderStatus[];
  /** Further states, once the device has recovered. */
  fromRecovered?: readonly WorkOrderStatus[];
  /** States in which it has been done already: repeating it does nothing, so that a lost answer can be asked again. */
  done: readonly WorkOrderStatus[];
  rule: string;
}

/** The whole life of an order: what is not in this table is refused. */
export const transitions: Record<WorkOrderCommandName, Transition> = {
  acknowledge: {
    from: ['raised'],
    done: ['acknowledged', 'dispatched', 'on-site'],
    rule: 'an order is acknowledged once, before it is resolved',
  },
  dispatch: {
    from: ['raised', 'acknowledged', 'dispatched'],
    done: [],
    rule: 'somebody is sent before anybody is on site',
  },
  arrive: { from: ['dispatched'], done: ['on-site'], rule: 'only who was dispatched arrives' },
  resolve: {
    from: ['acknowledged', 'dispatched', 'on-site'],
    done: ['resolved'],
    rule: 'an order is acknowledged before it is resolved',
  },
  close: {
    from: ['resolved'],
    fromRecovered: ['raised', 'acknowledged', 'dispatched', 'on-site'],
    done: ['closed'],
    rule: 'an order is closed once it is resolved or the device has recovered',
  },
  rate: { from: ['closed'], done: [], rule: 'an order is rated once, after it is closed' },
  note: { from: workOrderStates, done: [], rule: 'any order takes a note' },
  cancel: {
    from: ['raised', 'acknowledged', 'dispatched', 'on-site'],
    done: ['cancelled'],
    rule: 'a resolved order is closed, not cancelled',
  },
  reopen: {
    from: ['resolved'],
    done: [],
    rule: 'only a resolved order is reopened; a closed one stays closed, a new fault raises a new order',
  },
};

const commandNames = Object.keys(transitions) as WorkOrderCommandName[];

const leadsOn = (name: WorkOrderCommandName, order: Pick<WorkOrderState, 'state' | 'recovered' | 'rated'>): boolean => {
  const { from, fromRecovered = [] } = transitions[name];
  if (name === 'rate' && order.rated) return false;
  return (
    order.state !== 'none' && (from.includes(order.state) || (order.recovered && fromRecovered.includes(order.state)))
  );
};

/** The commands that would lead on from here, for the page's buttons and for refusals. */
export const allowedCommands = (order: Pick<WorkOrderState, 'state' | 'recovered' | 'rated'>): WorkOrderCommandName[] =>
  commandNames.filter((name) => leadsOn(name, order));

const refuse = (code: string, command: WorkOrderCommand, order: WorkOrderState, rule: string): never => {
  const allowed = allowedCommands(order);
  throw new Refusal(
    code,
    `${command.type}: the work order is ${order.state}, and ${rule}. Possible now: ${allowed.join(', ') || 'nothing'}.`,
    { command: command.type, state: order.state, rule, allowed },
  );
};

const decideClose = (command: PersonCommand & { type: 'close' }, order: WorkOrderState): WorkOrderEvent[] => {
  const { outcome, note } = command.data;
  if (order.state === 'closed' && order.outcome === outcome) return [];
  if (isOpen(order) && outcome === 'repaired' && order.faultStanding) {
    refuse(
      'work-order.device-still-faulty',
      command,
      order,
      'the device still reports the fault, so it is not repaired; another outcome needs a note',
    );
  }
  if (!leadsOn('close', order)) refuse('work-order.wrong-state', command, order, transitions.close.rule);
  if (outcome !== 'repaired' && !note?.trim()) {
    refuse('work-order.note-missing', command, order, `closing as ${outcome} needs a note that says why`);
  }
  return [
    {
      type: 'work-order.closed',
      data: { outcome, faultStanding: order.faultStanding, ...(note === undefined ? {} : { note }) },
    },
  ];
};

const decideDispatch = (command: PersonCommand & { type: 'dispatch' }, order: WorkOrderState): WorkOrderEvent[] => {
  const { assignee } = command.data;
  if (assignee === undefined) {
    return refuse('work-order.assignee-missing', command, order, 'a dispatch says who goes');
  }
  if (order.state === 'dispatched' && order.assignee === assignee) return [];
  const dispatched: WorkOrderEvent = { type: 'work-order.dispatched', data: { assignee } };
  return order.state === 'raised' ? [{ type: 'work-order.acknowledged', data: {} }, dispatched] : [dispatched];
};

const decideForPerson = (command: PersonCommand, order: WorkOrderState): WorkOrderEvent[] => {
  if (command.type === 'close') return decideClose(command, order);
  const { done, rule } = transitions[command.type];
  if (order.state !== 'none' && done.includes(order.state)) return [];
  if (!leadsOn(command.type, order)) refuse('work-order.wrong-state', command, order, rule);
  switch (command.type) {
    case 'acknowledge':
      return [{ type: 'work-order.acknowledged', data: {} }];
    case 'dispatch':
      return decideDispatch(command, order);
    case 'arrive':
      return [{ type: 'work-order.arrived', data: {} }];
    case 'resolve':
      return [{ type: 'work-order.resolved', data: command.data }];
    case 'rate':
      return [{ type: 'work-order.rated', data: command.data }];
    case 'cancel':
      return [{ type: 'work-order.cancelled', data: command.data }];
    case 'note':
      return [{ type: 'work-order.noted', data: command.data }];
    case 'reopen':
      return [{ type: 'work-order.reopened', data: command.data }];
  }
};

const decide = (command: WorkOrderCommand, order: WorkOrderState): WorkOrderEvent[] => {
  if (command.type === 'raise') {
    if (order.state === 'none') return [{ type: 'work-order.raised', data: command.data }];
    if (order.raised?.causedBy !== undefined && order.raised.causedBy === command.data.causedBy) return [];
    return refuse('work-order.wrong-state', command, order, 'an order is raised once');
  }
  if (order.state === 'none') return refuse('work-order.unknown', command, order, 'nobody raised an order of this id');
  if (command.type === 'record-recovery') {
    return isOpen(order) && order.faultStanding ? [{ type: 'work-order.fault-recovered', data: command.data }] : [];
  }
  if (command.type === 'record-return') {
    return isOpen(order) && order.recovered ? [{ type: 'work-order.fault-returned', data: command.data }] : [];
  }
  return decideForPerson(command, order);
};

const evolve = (order: WorkOrderState, event: WorkOrderEvent): WorkOrderState => {
  switch (event.type) {
    case 'work-order.raised':
      return { ...order, state: 'raised', raised: event.data, faultStanding: event.data.lasting };
    case 'work-order.acknowledged':
      return { ...order, state: 'acknowledged' };
    case 'work-order.dispatched':
      return { ...order, state: 'dispatched', assignee: event.data.assignee };
    case 'work-order.arrived':
      return { ...order, state: 'on-site' };
    case 'work-order.resolved':
      return { ...order, state: 'resolved' };
    case 'work-order.reopened':
      return { ...order, state: order.assignee === null ? 'acknowledged' : 'dispatched' };
    case 'work-order.closed':
      return { ...order, state: 'closed', outcome: event.data.outcome };
    case 'work-order.cancelled':
      return { ...order, state: 'cancelled' };
    case 'work-order.fault-recovered':
      return { ...order, faultStanding: false, recovered: true };
    case 'work-order.fault-returned':
      return { ...order, faultStanding: true, recovered: false };
    case 'work-order.rated':
      return { ...order, rated: true };
    case 'work-order.noted':
      return order;
  }
};

export const isOpen = ({ state }: Pick<WorkOrderState, 'state'>): boolean =>
  state !== 'none' && state !== 'closed' && state !== 'cancelled';

export const workOrder: Decider<WorkOrderState, WorkOrderCommand, WorkOrderEvent> = {
  initial: {
    state: 'none',
    raised: null,
    faultStanding: false,
    recovered: false,
    assignee: null,
    outcome: null,
    rated: false,
  },
  evolve,
  decide,
};
