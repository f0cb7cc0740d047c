import { type RecordedEvent, workOrderStream } from '../../event-log/event.ts';
import type { ClockStep } from '../../work-orders/commands.ts';
import type { Deadlines, Raised, WorkOrderEvent } from '../../work-orders/order-events.ts';

/** Who an order comes from. */
export type OrderSource = 'device' | 'resident' | 'round' | 'operator';

/** As much of one order as the figures count. Instants are ISO 8601 in UTC. */
export interface OrderRow {
  workOrder: string;
  compound: string;
  source: OrderSource;
  device: string | null;
  code: string;
  priority: string;
  serviceLevel: string;
  late: boolean;
  raisedAt: string;
  /** As they hold after pauses; `null` where none is set or the clock stands still. */
  dueAcknowledge: string | null;
  dueOnSite: string | null;
  dueResolve: string | null;
  /** First step of a person. */
  acknowledgedAt: string | null;
  arrivedAt: string | null;
  /** `null` again once reopened. */
  resolvedAt: string | null;
  closedAt: string | null;
  cancelledAt: string | null;
  outcome: string | null;
  /** First time that the repair was found not to hold. */
  failedAt: string | null;
  ratedAt: string | null;
  score: number | null;
  /** Newest event of the order's stream that the row has seen. */
  revision: number;
}

const sourceOf = ({ device, code }: Raised): OrderSource => {
  if (code.startsWith('resident-')) return 'resident';
  if (code === 'round' || code === 'round-finding') return 'round';
  // A person may raise an order for a device too.
  return device !== undefined && code !== 'by-hand' ? 'device' : 'operator';
};

const dues = ({ acknowledge, onSite, resolve }: Deadlines) => ({
  dueAcknowledge: acknowledge,
  dueOnSite: onSite,
  dueResolve: resolve,
});

const raisedRow = (event: RecordedEvent, raised: Raised): OrderRow => ({
  workOrder: event.stream.slice(workOrderStream('').length),
  compound: raised.compound,
  source: sourceOf(raised),
  device: raised.device ?? null,
  code: raised.code,
  priority: raised.priority,
  serviceLevel: raised.serviceLevel,
  late: raised.late,
  raisedAt: raised.raisedAt,
  ...dues(raised.deadlines),
  acknowledgedAt: null,
  arrivedAt: null,
  resolvedAt: null,
  closedAt: null,
  cancelledAt: null,
  outcome: null,
  failedAt: null,
  ratedAt: null,
  score: null,
  revision: event.revision,
});

const dueOf = { acknowledge: 'dueAcknowledge', onSite: 'dueOnSite', resolve: 'dueResolve' } as const;

/** A pause takes no deadline back that had run out before. */
const paused = (row: OrderRow, { stops, at }: { stops: readonly ClockStep[]; at: string }): Partial<OrderRow> =>
  Object.fromEntries(
    stops.flatMap((step) => {
      const due = row[dueOf[step]];
      return due !== null && Date.parse(due) > Date.parse(at) ? [[dueOf[step], null]] : [];
    }),
  );

const changeOf = (row: OrderRow, event: WorkOrderEvent, at: string): Partial<OrderRow> => {
  const seen = { acknowledgedAt: row.acknowledgedAt ?? at };
  switch (event.type) {
    case 'work-order.acknowledged':
    case 'work-order.dispatched':
    case 'work-order.accepted':
      return seen;
    case 'work-order.arrived':
      return { ...seen, arrivedAt: row.arrivedAt ?? at };
    case 'work-order.paused':
      return paused(row, event.data);
    case 'work-order.resumed':
      return dues(event.data.deadlines);
    case 'work-order.resolved':
      return { ...seen, resolvedAt: at };
    case 'work-order.reopened':
      return { resolvedAt: null, failedAt: row.failedAt ?? at };
    case 'work-order.fault-returned':
      return row.resolvedAt === null ? {} : { failedAt: row.failedAt ?? at };
    case 'work-order.closed':
      return { ...seen, closedAt: at, outcome: event.data.outcome };
    case 'work-order.cancelled':
      return { cancelledAt: at };
    case 'work-order.rated':
      return { ratedAt: at, score: event.data.score };
    default:
      return {};
  }
};

/** The row after one event; an event that it has seen changes nothing. */
export const evolveOrder = (row: OrderRow | undefined, recorded: RecordedEvent): OrderRow | undefined => {
  if (row !== undefined && recorded.revision <= row.revision) return row;
  const event = recorded as RecordedEvent & WorkOrderEvent;
  if (row === undefined) return event.type === 'work-order.raised' ? raisedRow(recorded, event.data) : undefined;
  return { ...row, ...changeOf(row, event, recorded.meta.occurredAt), revision: recorded.revision };
};
