import type { RecordedEvent } from '../../event-log/event.ts';
import { workOrderStream } from '../../event-log/event.ts';
import { isOpen, type Raised, type WorkOrderEvent, workOrder } from '../../work-orders/work-order.ts';

/** One order as the board shows it. Instants are ISO 8601 in UTC. */
export interface WorkOrderRow {
  id: string;
  compound: string;
  device: string | null;
  code: string;
  priority: Raised['priority'];
  serviceLevel: string;
  state: (typeof workOrder)['initial']['state'];
  assignee: string | null;
  outcome: string | null;
  faultStanding: boolean;
  recovered: boolean;
  rated: boolean;
  reports: number;
  raisedAt: string;
  recoveredAt: string | null;
  acknowledgedAt: string | null;
  arrivedAt: string | null;
  resolvedAt: string | null;
  closedAt: string | null;
  /** By when the next step is due; `null` where the level sets no clock or nothing is left to do. */
  nextDueAt: string | null;
  /** Orders sorted by this as text stand as the Now list wants them, and it is the cursor of a page. */
  sortKey: string;
  /** As it was raised. */
  raised: Raised;
  /** Newest event of the order's stream that the row has seen. */
  revision: number;
}

const nextDue = ({ raised: { deadlines }, state, acknowledgedAt, arrivedAt }: WorkOrderRow): string | null => {
  if (!isOpen({ state }) || state === 'resolved') return null;
  const left = [
    acknowledgedAt === null ? deadlines.acknowledge : null,
    arrivedAt === null ? deadlines.onSite : null,
    deadlines.resolve,
  ];
  return left.find((due) => due !== null) ?? null;
};

/** The last moment that fits into the digits of a sort key. */
const latestMs = 9_999_999_999_999;

/** Open before closed; open by priority, next deadline (none: last) and age; closed by the newest. */
const sortKeyOf = (row: WorkOrderRow): string => {
  if (isOpen(row)) return ['0', row.priority, row.nextDueAt ?? '~', row.raisedAt, row.id].join('|');
  const age = latestMs - Date.parse(row.closedAt ?? row.raisedAt);
  return ['1', String(age).padStart(13, '0'), row.id].join('|');
};

const raisedRow = (id: string, raised: Raised, revision: number): WorkOrderRow => ({
  id,
  compound: raised.compound,
  device: raised.device ?? null,
  code: raised.code,
  priority: raised.priority,
  serviceLevel: raised.serviceLevel,
  state: 'raised',
  assignee: null,
  outcome: null,
  faultStanding: raised.lasting,
  recovered: false,
  rated: false,
  reports: 1,
  raisedAt: raised.raisedAt,
  recoveredAt: null,
  acknowledgedAt: null,
  arrivedAt: null,
  resolvedAt: null,
  closedAt: null,
  nextDueAt: null,
  sortKey: '',
  raised,
  revision,
});

/** What an event changes beside the order's state. */
const stamps = (row: WorkOrderRow, event: WorkOrderEvent, at: string): Partial<WorkOrderRow> => {
  switch (event.type) {
    case 'work-order.acknowledged':
      return { acknowledgedAt: row.acknowledgedAt ?? at };
    case 'work-order.arrived':
      return { arrivedAt: row.arrivedAt ?? at };
    case 'work-order.resolved':
      return { resolvedAt: at };
    case 'work-order.reopened':
      return { resolvedAt: null };
    case 'work-order.fault-recovered':
      return { recoveredAt: at };
    case 'work-order.fault-returned':
      return { recoveredAt: null, reports: row.reports + 1 };
    case 'work-order.closed':
    case 'work-order.cancelled':
      return { closedAt: at };
    default:
      return {};
  }
};

/** The row after one event; an event that it has seen changes nothing. The order's own `evolve` keeps the state. */
export const evolveRow = (row: WorkOrderRow | undefined, recorded: RecordedEvent): WorkOrderRow | undefined => {
  if (row !== undefined && recorded.revision <= row.revision) return row;
  const event = recorded as RecordedEvent & WorkOrderEvent;
  const id = recorded.stream.slice(workOrderStream('').length);
  const before = event.type === 'work-order.raised' ? raisedRow(id, event.data, recorded.revision) : row;
  if (before === undefined) return undefined;
  const { state, assignee, outcome, faultStanding, recovered, rated } = workOrder.evolve(before, event);
  const after = {
    ...before,
    ...stamps(before, event, recorded.meta.occurredAt),
    ...{ state, assignee, outcome, faultStanding, recovered, rated },
    revision: recorded.revision,
  };
  const nextDueAt = nextDue(after);
  return { ...after, nextDueAt, sortKey: sortKeyOf({ ...after, nextDueAt }) };
};
