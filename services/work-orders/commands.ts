import { z } from 'zod';

export const workOrderStates = [
  'raised',
  'acknowledged',
  'dispatched',
  'on-site',
  'resolved',
  'closed',
  'cancelled',
] as const;
export const priorities = ['P0', 'P1', 'P2', 'P3'] as const;
/** Bodies of `POST /api/work-orders/{id}/{command}`. */
export const workOrderCommands = {
  acknowledge: z.strictObject({}),
  /** Left out: the steward of the device's building (楼宇管家), else the person who dispatches. */
  dispatch: z.strictObject({ assignee: z.string().trim().min(1).max(100).optional() }),
  arrive: z.strictObject({}),
  resolve: z.strictObject({ note: z.string().max(2000).optional() }),
  /** `repaired` is refused while the device still reports the fault; the others ask for a `note`. */
  close: z.strictObject({
    outcome: z.enum(['repaired', 'not-reproducible', 'false-alarm', 'accepted-as-is']).default('repaired'),
    note: z.string().max(2000).optional(),
  }),
  /** The resident's word at the end, one to five. */
  rate: z.strictObject({ score: z.int().min(1).max(5), comment: z.string().max(2000).optional() }),
  note: z.strictObject({ text: z.string().trim().min(1).max(2000) }),
  cancel: z.strictObject({ reason: z.string().trim().min(1).max(2000) }),
  reopen: z.strictObject({ reason: z.string().trim().min(1).max(2000) }),
} as const;
