import { z } from 'zod';
import { registryId } from '../../registry/registry.ts';
import { bilingual, instant } from '../../runtime/schema.ts';
import { priorities, workOrderStates } from '../../work-orders/commands.ts';

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
  raisedAt: instant,
  /** Reported late or replayed: no alarm sounds. */
  late: z.boolean(),
  /** The device still reports the fault. */
  faultStanding: z.boolean(),
  recoveredAt: instant.nullable(),
  /** `null` where the service level sets none, or once the step is done. */
  deadlines: z.object({ acknowledge: instant.nullable(), onSite: instant.nullable(), resolve: instant.nullable() }),
  acknowledgedAt: instant.nullable(),
  arrivedAt: instant.nullable(),
  resolvedAt: instant.nullable(),
  closedAt: instant.nullable(),
  outcome: z.string().nullable(),
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
