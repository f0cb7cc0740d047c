import { z } from 'zod';
import { registryId } from '../../registry/registry.ts';
import { bilingual, instant } from '../../runtime/schema.ts';
import { clockSteps, priorities, workOrderStates } from '../../work-orders/commands.ts';
import { pauseReasons } from '../../work-orders/pause-reasons.ts';

export const workOrderItem = z.object({
  id: z.string(),
  compound: registryId,
  compoundName: z.string(),
  device: z.string().nullable(),
  deviceName: z.string().nullable(),
  /** Building and position in words, as a person would say it on the telephone. */
  place: z.string().nullable(),
  /** The fault's code, e.g. `offline`, `forced-open`, `over-voltage`. */
  code: z.string(),
  title: bilingual,
  /** The device's own words, where it gave any. */
  text: z.string().nullable(),
  serviceLevel: z.string(),
  priority: z.enum(priorities),
  state: z.enum(workOrderStates),
  assignee: z.string().nullable(),
  trade: z.string().nullable(),
  building: z.string().nullable(),
  /** Open to whoever takes it first (抢单). */
  offered: z.boolean(),
  raisedAt: instant,
  /** Reported late or replayed: no alarm sounds. */
  late: z.boolean(),
  /** The device still reports the fault. */
  faultStanding: z.boolean(),
  recoveredAt: instant.nullable(),
  /** `null` where the service level sets none, while the clock stands still, or once the step is done. */
  deadlines: z.object({ acknowledge: instant.nullable(), onSite: instant.nullable(), resolve: instant.nullable() }),
  /** Steps whose clock ran out before they were done, also those that were done late. */
  overdue: z.array(z.enum(clockSteps)),
  /** Why it waits, and which clocks stand still meanwhile. */
  pause: z
    .object({
      reason: z.enum(pauseReasons),
      at: instant,
      until: instant.nullable(),
      stops: z.array(z.enum(clockSteps)),
    })
    .nullable(),
  acknowledgedAt: instant.nullable(),
  dispatchedAt: instant.nullable(),
  acceptedAt: instant.nullable(),
  arrivedAt: instant.nullable(),
  resolvedAt: instant.nullable(),
  confirmedAt: instant.nullable(),
  closedAt: instant.nullable(),
  outcome: z.string().nullable(),
  /** The device still reported the fault as a person called it resolved; a recovery since doesn't take that back. */
  resolvedWithoutRecovery: z.boolean(),
  /** The device said that it is over, and nobody has said that the work is done: it can be closed. */
  offersClose: z.boolean(),
  costFen: z.int(),
  /** Hashes of its photos, for `GET /api/work-orders/{id}/photos/{photo}`. */
  photos: z.array(z.string()),
  /** How often the fault came while the order was open: the first time, and each return after a recovery. */
  reports: z.int(),
});
export const workOrderStep = z.object({
  type: z.string(),
  at: instant,
  actor: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});
export const workOrderDetail = workOrderItem.extend({
  timeline: z.array(workOrderStep),
  /** Commands that its state allows now. */ allowed: z.array(z.string()),
});

export type WorkOrderItem = z.infer<typeof workOrderItem>;
export type WorkOrderDetail = z.infer<typeof workOrderDetail>;
