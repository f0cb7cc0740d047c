import { z } from 'zod';
import { instant } from '../runtime/schema.ts';
import { maintenanceScope } from './maintenance.ts';

const fault = { code: z.string().max(64), component: z.string().max(500) };

/** What the hub itself says of faults, so that everything that makes an order stands in the log. */
export const faultEvents = {
  /** A fault's timer ran out; `dueAt` names the timer. */
  'fault.came-due': z.strictObject({ ...fault, dueAt: instant }),
  /** Nothing was added to a storm of this compound for long. */
  'fault.storm-came-due': z.strictObject({ dueAt: instant }),
  /** It raises no order while the window lasts. */
  'fault.suppressed': z.strictObject({ ...fault, window: z.string(), happenedAt: instant }),
  'fault-policy.switched-on': z.strictObject({
    version: z.int().min(1),
    /** The whole policy, as YAML. */
    policy: z.string().max(200_000),
    reason: z.string().max(2000).optional(),
  }),
  'maintenance.planned': maintenanceScope,
  'maintenance.cancelled': z.strictObject({ at: instant, reason: z.string().max(2000).optional() }),
} as const satisfies Record<string, z.ZodType>;

export const faultTimerStream = (compound: string): string => `fault-timers-${compound}`;
export const suppressedStream = (window: string): string => `suppressed-${window}`;
export const faultPolicyStream = 'fault-policy';
