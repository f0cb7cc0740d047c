import { eventOf } from '../../event-log/decider.ts';
import { type NewEvent, workOrderStream } from '../../event-log/event.ts';
import { eventId } from '../../event-log/event-id.ts';
import type { StreamAppend } from '../../event-log/event-log.ts';
import { type ClockStep, clockSteps } from '../../work-orders/commands.ts';
import type { WorkOrderEvent } from '../../work-orders/order-events.ts';
import { workOrder } from '../../work-orders/work-order.ts';
import { openDeadlines, type WorkOrderRow } from './row.ts';

interface Said {
  fact: WorkOrderEvent;
  /** The instant that it is about: with it the event's id is the same whoever says it. */
  dueAt: string;
  source: readonly (string | number)[];
}

const saidOf = (row: WorkOrderRow, at: string): Said[] => {
  const open = openDeadlines(row);
  const times = (step: ClockStep): number => row.overdueSaid[step] ?? 0;
  const said: Said[] = [];
  for (const step of clockSteps) {
    const [due, told] = [open[step], row.overdue[step]];
    if (told !== undefined && told > at) {
      const fact = { type: 'work-order.overdue-withdrawn', data: { step, dueAt: told } } as const;
      said.push({ fact, dueAt: told, source: ['withdrawn', step, told, times(step)] });
    } else if (due !== null && due !== told && due <= at) {
      const fact = { type: 'work-order.overdue', data: { step, dueAt: due } } as const;
      said.push({ fact, dueAt: due, source: ['overdue', step, due, times(step)] });
    }
  }
  const until = row.pause?.until;
  if (row.state === 'paused' && until != null && until <= at) {
    const [fact] = workOrder.decide({ type: 'resume', at: until, data: {} }, row);
    if (fact !== undefined) said.push({ fact, dueAt: until, source: ['resume', until] });
  }
  return said;
};

/**
 * What the hub has to say of an order at an instant: the clocks that ran out, a pause that is over, and what was said
 * by a machine's clock that ran ahead. Pure. It is judged on the order at this revision and on no other: whoever acts
 * in between is heard first.
 */
export const dueAppend = (row: WorkOrderRow, at: string): StreamAppend | undefined => {
  const meta = {
    occurredAt: at,
    actor: 'policy:clock',
    compound: row.compound,
    ...(row.device === null ? {} : { device: row.device }),
    ...(row.correlationId === null ? {} : { correlationId: row.correlationId }),
  };
  const events = saidOf(row, at).map(({ fact, dueAt, source }): NewEvent => {
    const id = eventId({ occurredAtMs: Date.parse(dueAt), device: row.id, source: JSON.stringify(source) });
    return eventOf(id, fact, meta);
  });
  return events.length === 0 ? undefined : { stream: workOrderStream(row.id), expectedRevision: row.revision, events };
};
