import { z } from 'zod';
import type { RecordedEvent } from '../event-log/event.ts';
import { instant } from '../runtime/schema.ts';
import type { IntakeKind } from './intake.ts';
import type { WorkOrderEvent } from './order-events.ts';
import { evolve, isOpen, noOrder, type WorkOrderState } from './order-state.ts';
import { leadsOn } from './transitions.ts';

/** What a resident sees of an order: how far it is, never who works on it. */
export const intakeSteps = ['received', 'under-way', 'waiting', 'done', 'closed', 'cancelled'] as const;
type IntakeStep = (typeof intakeSteps)[number];

export const intakeStatus = z.object({
  receipt: z.string(),
  kind: z.enum(['repair', 'complaint']),
  state: z.enum(intakeSteps),
  reportedAt: instant,
  /** By when it is to be done; `null` once it is, or while the clock stands still. */
  dueAt: instant.nullable(),
  steps: z.array(z.object({ state: z.enum(intakeSteps), at: instant })),
  mayConfirm: z.boolean(),
  mayRate: z.boolean(),
  score: z.number().nullable(),
});
export type IntakeStatus = z.infer<typeof intakeStatus>;

const stepOf = (order: WorkOrderState): IntakeStep => {
  switch (order.state) {
    case 'none':
    case 'raised':
      return 'received';
    case 'paused':
      return 'waiting';
    case 'resolved':
    case 'confirmed':
      return 'done';
    case 'closed':
    case 'cancelled':
      return order.state;
    default:
      return 'under-way';
  }
};

/** Pure; `events` are the order's stream. */
export const intakeStatusOf = (
  { receipt, kind, reportedAt }: { receipt: string; kind: IntakeKind; reportedAt: string },
  events: readonly RecordedEvent[],
): IntakeStatus => {
  let order = noOrder;
  let score: number | null = null;
  const steps: IntakeStatus['steps'] = [];
  for (const recorded of events) {
    const event = recorded as RecordedEvent & WorkOrderEvent;
    order = evolve(order, event);
    if (event.type === 'work-order.rated') score = event.data.score;
    const state = stepOf(order);
    if (steps.at(-1)?.state !== state) steps.push({ state, at: recorded.meta.occurredAt });
  }
  const state = stepOf(order);
  return {
    receipt,
    kind,
    state,
    reportedAt,
    dueAt: isOpen(order) && state !== 'done' ? order.deadlines.resolve : null,
    steps,
    mayConfirm: leadsOn('confirm', order),
    mayRate: leadsOn('rate', order),
    score,
  };
};
