import { type EventMeta, type NewEvent, type RecordedEvent, workOrderStream } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { type Fault, faultKey } from './fault-routing.ts';
import type { CoveredFault, WorkOrderEvent } from './order-events.ts';
import type { WorkOrderState } from './order-state.ts';
import { workOrder } from './work-order.ts';

/** An order as its stream tells it. */
export interface OrderStream {
  order: string;
  state: WorkOrderState;
  /** Of its newest event; -1 where there is no stream. */
  revision: number;
  eventIds: Set<string>;
  /** Keys of the faults of other devices that it covers. */
  covered: Set<string>;
  /** When it was closed or cancelled. */
  endedAt: string | null;
  /** Compound, device and correlation of its first event, for every event that follows. */
  belongsTo: Pick<EventMeta, 'compound' | 'device' | 'correlationId'>;
}

export const coveredKey = ({ device, code, component = '' }: CoveredFault): string =>
  faultKey({ device, code, component } satisfies Fault);

const coveredBy = (events: readonly NewEvent[]): Set<string> => {
  const covered = new Set<string>();
  for (const event of events as readonly WorkOrderEvent[]) {
    if (event.type === 'work-order.covered') for (const fault of event.data.faults) covered.add(coveredKey(fault));
    if (event.type === 'work-order.uncovered') for (const fault of event.data.faults) covered.delete(coveredKey(fault));
  }
  return covered;
};

const endings: readonly string[] = ['work-order.closed', 'work-order.cancelled'];

export const foldOrder = (order: string, events: readonly (NewEvent & Partial<RecordedEvent>)[]): OrderStream => {
  const { compound, device, correlationId } = events[0]?.meta ?? {};
  return {
    order,
    state: events.reduce((state, event) => workOrder.evolve(state, event as WorkOrderEvent), workOrder.initial),
    revision: events.length - 1,
    eventIds: new Set(events.map((event) => event.id)),
    covered: coveredBy(events),
    endedAt: events.find((event) => endings.includes(event.type))?.meta.receivedAt ?? null,
    belongsTo: {
      ...(compound === undefined ? {} : { compound }),
      ...(device === undefined ? {} : { device }),
      ...(correlationId === undefined ? {} : { correlationId }),
    },
  };
};

export const readOrder = async (log: Pick<EventLog, 'readStream'>, order: string): Promise<OrderStream> =>
  foldOrder(order, await log.readStream(workOrderStream(order)));
