import type { z } from 'zod';
import { type Decider, Refusal } from '../event-log/decider.ts';
import { isoTime } from '../runtime/clock.ts';
import { deadlinesAfterPause } from './clocks.ts';
import { type photoAdded, type photoErased, photosMax, type workOrderCommands } from './commands.ts';
import type { CoveredFault, coverReasons, Raised, WorkOrderEvent } from './order-events.ts';
import { evolve, isOpen, noOrder, type WorkOrderState } from './order-state.ts';
import { pauseRules } from './pause-reasons.ts';
import { allowedCommands, leadsOn, transitions } from './transitions.ts';

type Commands = typeof workOrderCommands;
/** What moves a clock needs the instant from which it moves. */
type Moving = 'pause' | 'resume' | 'transfer';
/** What people and property systems may wish. */
export type PersonCommand =
  | {
      [Name in keyof Commands]: { type: Name; data: z.infer<Commands[Name]> } & (Name extends Moving
        ? { at: string }
        : unknown);
    }[keyof Commands]
  | { type: 'add-photo'; data: z.infer<typeof photoAdded> }
  | { type: 'erase-photo'; data: z.infer<typeof photoErased> };
/** After `raise` the devices' own word, passed on by the fault router, and what it folds into the order. */
export type WorkOrderCommand =
  | PersonCommand
  | { type: 'raise'; data: Raised }
  | { type: 'record-recovery'; data: { causedBy: string } }
  | { type: 'record-return'; data: { causedBy: string } }
  | { type: 'cover'; data: { because: (typeof coverReasons)[number]; faults: CoveredFault[] } }
  | { type: 'uncover'; data: { faults: CoveredFault[] } };
type CommandOf<Type extends WorkOrderCommand['type']> = Extract<WorkOrderCommand, { type: Type }>;

const refuse = (code: string, command: WorkOrderCommand, order: WorkOrderState, rule: string): never => {
  const allowed = allowedCommands(order);
  throw new Refusal(
    code,
    `${command.type}: the work order is ${order.state}, and ${rule}. Possible now: ${allowed.join(', ') || 'nothing'}.`,
    { command: command.type, state: order.state, rule, allowed },
  );
};

const acknowledged: WorkOrderEvent = { type: 'work-order.acknowledged', data: {} };
/** Whoever sends somebody has seen the order. */
const acknowledgedBefore = (order: WorkOrderState, ...events: WorkOrderEvent[]): WorkOrderEvent[] =>
  order.state === 'raised' ? [acknowledged, ...events] : events;

const withoutUndefined = <Given extends object>(given: Given): Given =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Given;

const decideClose = (command: CommandOf<'close'>, order: WorkOrderState): WorkOrderEvent[] => {
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
  const data = withoutUndefined({ outcome, faultStanding: order.faultStanding, note });
  return [{ type: 'work-order.closed', data }];
};

const decideDispatch = (command: CommandOf<'dispatch'>, order: WorkOrderState): WorkOrderEvent[] => {
  const { assignee, by } = command.data;
  if (assignee === undefined) {
    return refuse('work-order.assignee-missing', command, order, 'a dispatch says who goes');
  }
  if (order.state === 'dispatched' && order.assignee === assignee) return [];
  return acknowledgedBefore(order, { type: 'work-order.dispatched', data: withoutUndefined({ assignee, by }) });
};

const decideGrab = (command: CommandOf<'grab'>, order: WorkOrderState): WorkOrderEvent[] => {
  const { assignee } = command.data;
  if (assignee === undefined) return refuse('work-order.assignee-missing', command, order, 'a grab says who goes');
  if (isOpen(order) && order.assignee !== null) {
    if (order.assignee === assignee) return [];
    return refuse('work-order.already-taken', command, order, `${order.assignee} has it`);
  }
  if (!leadsOn('grab', order)) {
    const isWaiting = transitions.grab.from.some((state) => state === order.state);
    return isWaiting
      ? refuse(
          'work-order.not-offered',
          command,
          order,
          'only an order that was opened to all is taken without being sent',
        )
      : refuse('work-order.wrong-state', command, order, transitions.grab.rule);
  }
  return acknowledgedBefore(
    order,
    { type: 'work-order.dispatched', data: { assignee, by: 'grab' } },
    { type: 'work-order.accepted', data: {} },
  );
};

const resumed = (order: WorkOrderState, at: string): WorkOrderEvent[] => {
  const { pause, raised } = order;
  if (pause === null) return [];
  const resumedAt = at < pause.at ? pause.at : at;
  const moved = deadlinesAfterPause(pause, resumedAt, raised?.serviceHours);
  return [{ type: 'work-order.resumed', data: { at: resumedAt, deadlines: moved } }];
};

const decideTransfer = (command: CommandOf<'transfer'>, order: WorkOrderState): WorkOrderEvent[] => {
  const { assignee, trade, reason } = command.data;
  const isSame = assignee === (order.assignee ?? undefined) && (trade === undefined || trade === order.trade);
  if (isSame && order.state === 'dispatched') return [];
  const data = withoutUndefined({ from: order.assignee ?? undefined, assignee, trade, reason });
  // Whoever gets the order gets the time that is left: a new clock for each hand would be a way to win time.
  return [...resumed(order, command.at), { type: 'work-order.transferred', data }];
};

const decidePause = (command: CommandOf<'pause'>, order: WorkOrderState): WorkOrderEvent[] => {
  const { reason, note, until } = command.data;
  if (until !== undefined && Date.parse(until) <= Date.parse(command.at)) {
    refuse('work-order.until-passed', command, order, '`until` lies ahead');
  }
  const data = {
    ...{ reason, note, at: command.at, stops: [...pauseRules[reason].stops] },
    // As the hub writes instants, so that they compare as text.
    until: until === undefined ? undefined : isoTime(Date.parse(until)),
  };
  return [{ type: 'work-order.paused', data: withoutUndefined(data) }];
};

const decideResolve = (command: CommandOf<'resolve'>, order: WorkOrderState): WorkOrderEvent[] => {
  if (!order.faultStanding) return [{ type: 'work-order.resolved', data: withoutUndefined(command.data) }];
  if (!command.data.note?.trim()) {
    refuse(
      'work-order.note-missing',
      command,
      order,
      'the device still reports the fault: a note says why it counts as resolved',
    );
  }
  return [{ type: 'work-order.resolved', data: { note: command.data.note, withoutRecovery: true } }];
};

const refusePhoto = (command: PersonCommand, order: WorkOrderState): never =>
  refuse('work-order.photo-unknown', command, order, 'it has no such photo');

/** Of a command that its state allows and another condition doesn't. */
const refuseHindered = (command: PersonCommand, order: WorkOrderState): void => {
  const { type } = command;
  if (!transitions[type].from.some((state) => state === order.state)) return;
  if (type === 'pause') {
    refuse('work-order.no-pause', command, order, 'danger to life is worked on without a break');
  }
  if (type === 'erase-photo') refusePhoto(command, order);
  if (type === 'confirm') {
    refuse('work-order.device-still-faulty', command, order, 'what the device contradicts is not confirmed');
  }
};

const decideForPerson = (command: PersonCommand, order: WorkOrderState): WorkOrderEvent[] => {
  if (command.type === 'close') return decideClose(command, order);
  if (command.type === 'grab') return decideGrab(command, order);
  const { done, rule } = transitions[command.type];
  if (order.state !== 'none' && done.includes(order.state)) return [];
  if (!leadsOn(command.type, order)) {
    refuseHindered(command, order);
    refuse('work-order.wrong-state', command, order, rule);
  }
  switch (command.type) {
    case 'acknowledge':
      return [acknowledged];
    case 'dispatch':
      return decideDispatch(command, order);
    case 'offer':
      return order.offered && (command.data.trade ?? order.trade) === order.trade
        ? []
        : acknowledgedBefore(order, { type: 'work-order.offered', data: withoutUndefined(command.data) });
    case 'accept':
      return [{ type: 'work-order.accepted', data: {} }];
    case 'return':
      return [
        {
          type: 'work-order.returned',
          data: withoutUndefined({ reason: command.data.reason, assignee: order.assignee ?? undefined }),
        },
      ];
    case 'transfer':
      return decideTransfer(command, order);
    case 'arrive':
      return [{ type: 'work-order.arrived', data: {} }];
    case 'pause':
      return decidePause(command, order);
    case 'resume':
      return resumed(order, command.at);
    case 'resolve':
      return decideResolve(command, order);
    case 'confirm':
      return [{ type: 'work-order.confirmed', data: withoutUndefined(command.data) }];
    case 'rate':
      return [{ type: 'work-order.rated', data: command.data }];
    case 'note':
      return [{ type: 'work-order.noted', data: command.data }];
    case 'add-part':
      return [{ type: 'work-order.part-used', data: command.data }];
    case 'add-cost':
      return [{ type: 'work-order.cost-recorded', data: command.data }];
    case 'add-photo':
      if (order.photos.includes(command.data.sha256)) return [];
      if (order.photos.length >= photosMax) {
        refuse('work-order.too-many-photos', command, order, `an order has at most ${photosMax} photos`);
      }
      return [{ type: 'work-order.photo-added', data: command.data }];
    case 'erase-photo':
      if (!order.photos.includes(command.data.sha256)) return refusePhoto(command, order);
      return [{ type: 'work-order.photo-erased', data: command.data }];
    case 'cancel':
      return [{ type: 'work-order.cancelled', data: withoutUndefined(command.data) }];
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
  if (command.type === 'cover') return isOpen(order) ? [{ type: 'work-order.covered', data: command.data }] : [];
  if (command.type === 'uncover') return isOpen(order) ? [{ type: 'work-order.uncovered', data: command.data }] : [];
  return decideForPerson(command, order);
};

export const workOrder: Decider<WorkOrderState, WorkOrderCommand, WorkOrderEvent> = {
  initial: noOrder,
  evolve,
  decide,
};
