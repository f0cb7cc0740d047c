import { deadlinesWhilePaused, type StandingClocks } from './clocks.ts';
import type { workOrderStates } from './commands.ts';
import type { Deadlines, Raised, WorkOrderEvent } from './order-events.ts';
import type { PauseReason } from './pause-reasons.ts';

export type WorkOrderStatus = (typeof workOrderStates)[number];

export interface Pause extends StandingClocks {
  /** Where it goes back to. */
  from: WorkOrderStatus;
  reason: PauseReason;
  until: string | null;
}

export interface WorkOrderState {
  state: 'none' | WorkOrderStatus;
  raised: Raised | null;
  faultStanding: boolean;
  /** The device itself said that a lasting fault is over. */
  recovered: boolean;
  assignee: string | null;
  trade: string | null;
  /** Open to whoever takes it first. */
  offered: boolean;
  /** As they hold now: a pause moves them. */
  deadlines: Deadlines;
  pause: Pause | null;
  resolvedWithoutRecovery: boolean;
  outcome: string | null;
  rated: boolean;
  /** By their hashes, without those that were erased. */
  photos: readonly string[];
  /** How many faults of other devices it stands for. */
  covers: number;
}

export const noOrder: WorkOrderState = {
  state: 'none',
  raised: null,
  faultStanding: false,
  recovered: false,
  assignee: null,
  trade: null,
  offered: false,
  deadlines: { acknowledge: null, onSite: null, resolve: null },
  pause: null,
  resolvedWithoutRecovery: false,
  outcome: null,
  rated: false,
  photos: [],
  covers: 0,
};

export const isOpen = ({ state }: Pick<WorkOrderState, 'state'>): boolean =>
  state !== 'none' && state !== 'closed' && state !== 'cancelled';

/** The device said that it is over, and nobody has said that the work is done. */
export const offersClose = (order: Pick<WorkOrderState, 'state' | 'recovered'>): boolean =>
  order.recovered && isOpen(order) && order.state !== 'resolved' && order.state !== 'confirmed';

type EventOf<Type extends WorkOrderEvent['type']> = Extract<WorkOrderEvent, { type: Type }>;

const onPaused = (order: WorkOrderState, { data }: EventOf<'work-order.paused'>): WorkOrderState => {
  const { reason, at, until = null, stops } = data;
  const from = order.state === 'none' || order.state === 'paused' ? 'acknowledged' : order.state;
  const pause: Pause = { reason, at, until, stops, deadlines: order.deadlines, from };
  return { ...order, state: 'paused', pause, deadlines: deadlinesWhilePaused(pause) };
};

/** Before somebody had it, or back with whoever had it. */
const stateWith = (assignee: string | null): WorkOrderStatus => (assignee === null ? 'acknowledged' : 'dispatched');

/** A pause ends with whoever else gets the order, but its clocks were moved by the event before. */
const handedTo = (order: WorkOrderState, assignee: string | null): WorkOrderState => ({
  ...order,
  state: stateWith(assignee),
  assignee,
  offered: false,
});

const onDevicesWord = (order: WorkOrderState, standing: boolean): WorkOrderState => ({
  ...order,
  faultStanding: standing,
  recovered: !standing,
  // What the device contradicts is not confirmed.
  state: standing && order.state === 'confirmed' ? 'resolved' : order.state,
});

export const evolve = (order: WorkOrderState, event: WorkOrderEvent): WorkOrderState => {
  switch (event.type) {
    case 'work-order.raised': {
      const { lasting, deadlines, trade = null } = event.data;
      return { ...order, state: 'raised', raised: event.data, faultStanding: lasting, deadlines, trade };
    }
    case 'work-order.acknowledged':
      return { ...order, state: 'acknowledged' };
    case 'work-order.offered':
      return { ...order, offered: true, trade: event.data.trade ?? order.trade };
    case 'work-order.dispatched':
      return handedTo(order, event.data.assignee);
    case 'work-order.accepted':
      return { ...order, state: 'accepted' };
    case 'work-order.returned':
      return handedTo(order, null);
    case 'work-order.transferred':
      return { ...handedTo(order, event.data.assignee ?? null), trade: event.data.trade ?? order.trade };
    case 'work-order.arrived':
      return { ...order, state: 'on-site' };
    case 'work-order.paused':
      return onPaused(order, event);
    case 'work-order.resumed':
      return {
        ...order,
        state: order.pause?.from ?? stateWith(order.assignee),
        pause: null,
        deadlines: event.data.deadlines,
      };
    case 'work-order.resolved':
      return { ...order, state: 'resolved', resolvedWithoutRecovery: event.data.withoutRecovery === true };
    case 'work-order.confirmed':
      return { ...order, state: 'confirmed' };
    case 'work-order.reopened':
      return { ...order, state: stateWith(order.assignee), resolvedWithoutRecovery: false };
    case 'work-order.closed':
      return { ...order, state: 'closed', outcome: event.data.outcome };
    case 'work-order.cancelled':
      return { ...order, state: 'cancelled' };
    case 'work-order.fault-recovered':
      return onDevicesWord(order, false);
    case 'work-order.fault-returned':
      return onDevicesWord(order, true);
    case 'work-order.rated':
      return { ...order, rated: true };
    case 'work-order.photo-added':
      return { ...order, photos: [...order.photos, event.data.sha256] };
    case 'work-order.photo-erased':
      return { ...order, photos: order.photos.filter((sha256) => sha256 !== event.data.sha256) };
    case 'work-order.covered':
      return { ...order, covers: order.covers + event.data.faults.length };
    case 'work-order.uncovered':
      return { ...order, covers: order.covers - event.data.faults.length };
    case 'work-order.noted':
    case 'work-order.part-used':
    case 'work-order.cost-recorded':
    case 'work-order.overdue':
    case 'work-order.overdue-withdrawn':
      return order;
  }
};
