import type { RecordedEvent } from '../../event-log/event.ts';
import { workOrderStream } from '../../event-log/event.ts';
import { type ClockStep, clockSteps } from '../../work-orders/commands.ts';
import type { Deadlines, Raised, WorkOrderEvent } from '../../work-orders/order-events.ts';
import { evolve, isOpen, noOrder, type WorkOrderState } from '../../work-orders/order-state.ts';

/** One order as the board shows it, with all that its decider knows. Instants are ISO 8601 in UTC. */
export interface WorkOrderRow extends WorkOrderState {
  id: string;
  compound: string;
  device: string | null;
  building: string | null;
  code: string;
  priority: Raised['priority'];
  serviceLevel: string;
  reports: number;
  raisedAt: string;
  recoveredAt: string | null;
  acknowledgedAt: string | null;
  dispatchedAt: string | null;
  /** How it came to the assignee, and who that was: a return doesn't take it back. */
  dispatchedBy: string | null;
  dispatchedTo: string | null;
  acceptedAt: string | null;
  arrivedAt: string | null;
  resolvedAt: string | null;
  confirmedAt: string | null;
  closedAt: string | null;
  costFen: number;
  /** Steps whose clock ran out before they were done, and the instant they had. */
  overdue: Partial<Record<ClockStep, string>>;
  /** How often it was said of a step; a withdrawn one is said anew under another id. */
  overdueSaid: Partial<Record<ClockStep, number>>;
  /** By when the next step is due; `null` where the level sets no clock, it stands still or nothing is left to do. */
  nextDueAt: string | null;
  /** When the hub has something to say or do by itself. */
  timerAt: string | null;
  /** The latest deadline that was said to have run out. */
  overdueUntil: string | null;
  /** Orders sorted by this as text stand as the Now list wants them, and it is the cursor of a page. */
  sortKey: string;
  /** As it was raised. */
  raised: Raised;
  /** Of its first event, for every event that follows. */
  correlationId: string | null;
  /** Newest event of the order's stream that the row has seen. */
  revision: number;
}

type DoneAt = Pick<WorkOrderRow, 'acknowledgedAt' | 'arrivedAt' | 'resolvedAt'>;

/** When a step was done; whoever resolves an order was there, or need not have been. */
const doneAt = ({ acknowledgedAt, arrivedAt, resolvedAt }: DoneAt): Deadlines => ({
  acknowledge: acknowledgedAt,
  onSite: arrivedAt ?? resolvedAt,
  resolve: resolvedAt,
});

/** The deadlines of the steps that are still to be made; none once the order has ended. */
export const openDeadlines = (row: DoneAt & Pick<WorkOrderRow, 'state' | 'deadlines'>): Deadlines => {
  const done = doneAt(row);
  const isOver = !isOpen(row) || row.state === 'resolved' || row.state === 'confirmed';
  const left = (step: ClockStep): string | null => (isOver || done[step] !== null ? null : row.deadlines[step]);
  return { acknowledge: left('acknowledge'), onSite: left('onSite'), resolve: left('resolve') };
};

const nextDue = (row: WorkOrderRow): string | null => {
  const open = openDeadlines(row);
  return clockSteps.map((step) => open[step]).find((due) => due !== null) ?? null;
};

/** The next step that runs out without having been told, or the end of a pause. */
const nextTimer = (row: WorkOrderRow): string | null => {
  const open = openDeadlines(row);
  const untold = clockSteps.filter((step) => row.overdue[step] !== open[step]).map((step) => open[step]);
  const timers = [...untold, isOpen(row) ? (row.pause?.until ?? null) : null].filter((timer) => timer !== null);
  return timers.sort()[0] ?? null;
};

/** What was said of a step that was done in time, or had another deadline, doesn't stand: another clock said it. */
const standingOverdue = (row: WorkOrderRow): WorkOrderRow['overdue'] => {
  const done = doneAt(row);
  const stands = (step: ClockStep, dueAt: string): boolean => {
    const { pause, deadlines } = row;
    if (dueAt !== (deadlines[step] ?? pause?.deadlines[step])) return false;
    if (pause?.stops.includes(step) && pause.at < dueAt) return false;
    return done[step] === null || done[step] > dueAt;
  };
  return Object.fromEntries(Object.entries(row.overdue).filter(([step, dueAt]) => stands(step as ClockStep, dueAt)));
};

/** The last moment that fits into the digits of a sort key. */
const latestMs = 9_999_999_999_999;

/** Open before closed; open by priority, next deadline (none: last) and age; closed by the newest. */
const sortKeyOf = (row: WorkOrderRow): string => {
  if (isOpen(row)) return ['0', row.priority, row.nextDueAt ?? '~', row.raisedAt, row.id].join('|');
  const age = latestMs - Date.parse(row.closedAt ?? row.raisedAt);
  return ['1', String(age).padStart(13, '0'), row.id].join('|');
};

const raisedRow = (id: string, raised: Raised, { meta, revision }: RecordedEvent): WorkOrderRow => ({
  ...noOrder,
  id,
  compound: raised.compound,
  device: raised.device ?? null,
  building: raised.building ?? null,
  code: raised.code,
  priority: raised.priority,
  serviceLevel: raised.serviceLevel,
  reports: 1,
  raisedAt: raised.raisedAt,
  recoveredAt: null,
  acknowledgedAt: null,
  dispatchedAt: null,
  dispatchedBy: null,
  dispatchedTo: null,
  acceptedAt: null,
  arrivedAt: null,
  resolvedAt: null,
  confirmedAt: null,
  closedAt: null,
  costFen: 0,
  overdue: {},
  overdueSaid: {},
  nextDueAt: null,
  timerAt: null,
  overdueUntil: null,
  sortKey: '',
  raised,
  correlationId: meta.correlationId ?? null,
  revision,
});

const withoutStep = (overdue: WorkOrderRow['overdue'], gone: ClockStep): WorkOrderRow['overdue'] =>
  Object.fromEntries(Object.entries(overdue).filter(([step]) => step !== gone));

const sentTo = (assignee: string | null, by: string, at: string): Partial<WorkOrderRow> => ({
  dispatchedAt: at,
  dispatchedBy: by,
  dispatchedTo: assignee,
  acceptedAt: null,
});

/** What an event changes beside the order's state. */
const stamps = (row: WorkOrderRow, event: WorkOrderEvent, at: string): Partial<WorkOrderRow> => {
  switch (event.type) {
    case 'work-order.acknowledged':
      return { acknowledgedAt: row.acknowledgedAt ?? at };
    case 'work-order.dispatched':
      return sentTo(event.data.assignee, event.data.by ?? 'assignment', at);
    case 'work-order.transferred':
      return sentTo(event.data.assignee ?? null, 'assignment', at);
    case 'work-order.accepted':
      return { acceptedAt: at };
    case 'work-order.arrived':
      return { arrivedAt: row.arrivedAt ?? at };
    case 'work-order.resolved':
      return { resolvedAt: at };
    case 'work-order.confirmed':
      return { confirmedAt: at };
    case 'work-order.reopened':
      return { resolvedAt: null, confirmedAt: null };
    case 'work-order.overdue': {
      const { step, dueAt } = event.data;
      const overdueSaid = { ...row.overdueSaid, [step]: (row.overdueSaid[step] ?? 0) + 1 };
      return { overdue: { ...row.overdue, [step]: dueAt }, overdueSaid };
    }
    case 'work-order.overdue-withdrawn':
      return { overdue: withoutStep(row.overdue, event.data.step) };
    case 'work-order.cost-recorded':
      return { costFen: row.costFen + event.data.amountFen };
    case 'work-order.fault-recovered':
      return { recoveredAt: at };
    case 'work-order.fault-returned':
      return { recoveredAt: null, confirmedAt: null, reports: row.reports + 1 };
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
  const before = event.type === 'work-order.raised' ? raisedRow(id, event.data, recorded) : row;
  if (before === undefined) return undefined;
  const after: WorkOrderRow = {
    ...before,
    ...evolve(before, event),
    ...stamps(before, event, recorded.meta.occurredAt),
    raised: before.raised,
    revision: recorded.revision,
  };
  after.overdue = standingOverdue(after);
  after.nextDueAt = nextDue(after);
  after.timerAt = nextTimer(after);
  after.overdueUntil = Object.values(after.overdue).sort().at(-1) ?? null;
  after.sortKey = sortKeyOf(after);
  return after;
};
