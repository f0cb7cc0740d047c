import { randomUUID } from 'node:crypto';
import { Refusal } from '../event-log/decider.ts';
import { type RecordedEvent, workOrderStream } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { handleCommand } from '../event-log/handle-command.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import type { Duty, DutyPlace } from './duty.ts';
import type { WorkOrderState } from './order-state.ts';
import { readOrder } from './order-stream.ts';
import { type PersonCommand, workOrder } from './work-order.ts';

export interface CarryOutParts {
  log: Pick<EventLog, 'readStream' | 'append'>;
  clock: Clock;
  duty: Duty;
}

/** A command as it comes from outside: without the instant, which is the hub's to say. */
export type OrderWish = PersonCommand extends infer Command
  ? Command extends PersonCommand
    ? Omit<Command, 'at'>
    : never
  : never;

export interface Wisher {
  /** For the event's meta, e.g. `user:mei`. */
  actor: string;
  /** Whom an order goes to where nobody else is named or known. */
  person: string;
}

const placeOf = ({ raised, trade }: WorkOrderState): DutyPlace => ({
  compound: raised?.compound ?? '',
  building: raised?.building,
  trade: trade ?? undefined,
});

const whoGoes = async (
  { data }: Extract<PersonCommand, { type: 'dispatch' }>,
  order: WorkOrderState,
  { duty, nowMs, person }: { duty: Duty; nowMs: number; person: string },
): Promise<PersonCommand> => {
  if (data.assignee !== undefined) return { type: 'dispatch', data: { ...data, by: data.by ?? 'assignment' } };
  if (data.by === 'assignment') return { type: 'dispatch', data };
  const place = placeOf(order);
  const next = data.by === 'rotation' ? await duty.nextInTurn(place, nowMs) : undefined;
  if (next !== undefined) return { type: 'dispatch', data: { assignee: next, by: 'rotation' } };
  const steward = duty.onDuty(place, nowMs);
  if (steward !== undefined) return { type: 'dispatch', data: { assignee: steward, by: 'duty' } };
  return { type: 'dispatch', data: { assignee: person, by: 'assignment' } };
};

/** What stays in place of a duplicate must be an order of the same compound that isn't cancelled itself. */
const checkDuplicate = async (
  log: CarryOutParts['log'],
  { id, order, stays }: { id: string; order: WorkOrderState; stays: string },
): Promise<void> => {
  const { state } = await readOrder(log, stays);
  const complaint =
    stays === id
      ? 'an order is no duplicate of itself'
      : state.raised?.compound !== order.raised?.compound
        ? `the compound has no work order ${stays}`
        : state.state === 'cancelled'
          ? `work order ${stays} is cancelled itself`
          : undefined;
  if (complaint === undefined) return;
  throw new Refusal('work-order.not-fitting', `duplicateOf: ${complaint}`, { field: 'duplicateOf' });
};

/**
 * Carries out what a person or another system wishes of an order, whatever way it came: fills in who goes and when,
 * decides on the order's stream and appends. Answers the stream as it is then, for the board follows a moment later.
 */
export const carryOut = async (
  { log, clock, duty }: CarryOutParts,
  id: string,
  wish: OrderWish,
  { actor, person }: Wisher,
): Promise<RecordedEvent[]> => {
  const nowMs = clock.now();
  const at = isoTime(nowMs);
  const { state: order, belongsTo } = await readOrder(log, id);
  if (order.state === 'none') throw new Refusal('work-order.unknown', `there is no work order ${id}`);
  let command = { ...wish, at } as PersonCommand;
  if (command.type === 'dispatch') command = await whoGoes(command, order, { duty, nowMs, person });
  if (command.type === 'grab') command = { type: 'grab', data: { assignee: command.data.assignee ?? person } };
  if (command.type === 'transfer' && command.data.assignee === undefined) {
    const assignee = duty.onDuty({ ...placeOf(order), trade: command.data.trade }, nowMs);
    if (assignee !== undefined) command = { ...command, data: { ...command.data, assignee } };
  }
  if (command.type === 'cancel' && command.data.duplicateOf !== undefined) {
    await checkDuplicate(log, { id, order, stays: command.data.duplicateOf });
  }
  const stream = workOrderStream(id);
  const meta = { occurredAt: at, actor, ...belongsTo };
  await handleCommand(log, { stream, decider: workOrder, command, meta, newId: randomUUID });
  return log.readStream(stream);
};
