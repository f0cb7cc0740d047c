import { z } from 'zod';
import { bilingual, instant } from '../runtime/schema.ts';
import { zonedServiceHours } from '../runtime/service-hours.ts';
import {
  cancelKinds,
  clockSteps,
  costRecorded,
  dispatchWays,
  partUsed,
  photoAdded,
  photoErased,
  priorities,
} from './commands.ts';
import { pauseReasons } from './pause-reasons.ts';

const id = z.string().min(1).max(64);
const text = z.string().max(2000);
const person = z.string().max(100);
const trade = z.string().max(64);
const step = z.enum(clockSteps);

/** By when each step is due; `null` where its service level sets no clock, or while the clock stands still. */
export const deadlines = z.strictObject({
  acknowledge: instant.nullable(),
  onSite: instant.nullable(),
  resolve: instant.nullable(),
});
export type Deadlines = z.infer<typeof deadlines>;

/** A fault of another device that an order covers, so that it has none of its own. */
export const coveredFault = z.strictObject({
  device: id,
  code: z.string().max(64),
  component: z.string().max(500).optional(),
});
export type CoveredFault = z.infer<typeof coveredFault>;
export const coverReasons = ['parent-silent', 'storm'] as const;
/** As many faults as one event names; an order that covers more has several. */
export const coveredMax = 200;

/** What happens to a work order, as stored. `device`, `kind` and `causedBy` are missing where a person raised it. */
export const workOrderEvents = {
  'work-order.raised': z.strictObject({
    compound: id,
    device: id.optional(),
    kind: z.string().max(64).optional(),
    deviceName: z.string().max(200).optional(),
    position: id.optional(),
    building: id.optional(),
    code: z.string().max(64),
    component: z.string().max(500).optional(),
    /** Counts the orders of one device and fault; the order's id carries it too. */
    episode: z.int().min(1).optional(),
    /** The fault stands until the device says it is over; else it was over as it was reported. */
    lasting: z.boolean(),
    text: text.optional(),
    title: bilingual,
    serviceLevel: z.string().max(64),
    priority: z.enum(priorities),
    trade: trade.optional(),
    raisedAt: instant,
    deadlines,
    /** The contract's hours as they were then, where the clocks keep them; left out they run day and night. */
    serviceHours: zonedServiceHours.optional(),
    /** Reported late or replayed: no alarm sounds. */
    late: z.boolean(),
    causedBy: z.string().max(64).optional(),
  }),
  'work-order.acknowledged': z.strictObject({}),
  /** `by` is missing in events from before there was more than one way. */
  'work-order.dispatched': z.strictObject({ assignee: person, by: z.enum(dispatchWays).optional() }),
  'work-order.offered': z.strictObject({ trade: trade.optional() }),
  'work-order.accepted': z.strictObject({}),
  'work-order.returned': z.strictObject({ reason: text, assignee: person.optional() }),
  /** Without an `assignee` the new trade has nobody on duty: somebody has to dispatch. */
  'work-order.transferred': z.strictObject({
    from: person.optional(),
    assignee: person.optional(),
    trade: trade.optional(),
    reason: text,
  }),
  'work-order.arrived': z.strictObject({}),
  'work-order.paused': z.strictObject({
    reason: z.enum(pauseReasons),
    note: text.optional(),
    at: instant,
    until: instant.optional(),
    /** Clocks that stand still. */
    stops: z.array(step),
  }),
  /** `deadlines` are those that hold from now on. */
  'work-order.resumed': z.strictObject({ at: instant, deadlines }),
  /** A clock ran out before its step was done. Said by the hub, once for each step and instant. */
  'work-order.overdue': z.strictObject({ step, dueAt: instant }),
  /** The machine's clock had run ahead: by its own word now, the step is not due yet. */
  'work-order.overdue-withdrawn': z.strictObject({ step, dueAt: instant }),
  'work-order.resolved': z.strictObject({
    note: text.optional(),
    /** The device still reported the fault; `note` says why it counts as resolved. */
    withoutRecovery: z.literal(true).optional(),
  }),
  'work-order.confirmed': z.strictObject({ note: text.optional() }),
  'work-order.fault-recovered': z.strictObject({ causedBy: z.string().max(64) }),
  'work-order.fault-returned': z.strictObject({ causedBy: z.string().max(64) }),
  /** Faults of other devices that this order stands for: beneath a silent device, or of one storm. */
  'work-order.covered': z.strictObject({
    because: z.enum(coverReasons),
    faults: z.array(coveredFault).min(1).max(coveredMax),
  }),
  /** They stand on, and have orders of their own from now on. */
  'work-order.uncovered': z.strictObject({ faults: z.array(coveredFault).min(1).max(coveredMax) }),
  'work-order.closed': z.strictObject({
    outcome: z.enum(['repaired', 'not-reproducible', 'false-alarm', 'accepted-as-is']),
    note: text.optional(),
    /** The device still reported the fault as a person closed the order. */
    faultStanding: z.boolean(),
  }),
  'work-order.rated': z.strictObject({ score: z.int().min(1).max(5), comment: text.optional() }),
  /** `kind` is missing in events from before there was more than one. */
  'work-order.cancelled': z.strictObject({
    reason: text,
    kind: z.enum(cancelKinds).optional(),
    duplicateOf: z.string().max(100).optional(),
  }),
  'work-order.noted': z.strictObject({ text }),
  'work-order.part-used': partUsed,
  'work-order.cost-recorded': costRecorded,
  'work-order.photo-added': photoAdded,
  'work-order.photo-erased': photoErased,
  'work-order.reopened': z.strictObject({ reason: text }),
} as const satisfies Record<string, z.ZodType>;

type Events = typeof workOrderEvents;
export type WorkOrderEvent = { [Type in keyof Events]: { type: Type; data: z.infer<Events[Type]> } }[keyof Events];
export type Raised = z.infer<Events['work-order.raised']>;
