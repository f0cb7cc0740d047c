import { z } from 'zod';
import { instant } from '../runtime/schema.ts';
import { pauseReasons } from './pause-reasons.ts';

export const workOrderStates = [
  'raised',
  'acknowledged',
  'dispatched',
  'accepted',
  'on-site',
  'paused',
  'resolved',
  'confirmed',
  'closed',
  'cancelled',
] as const;
export const priorities = ['P0', 'P1', 'P2', 'P3'] as const;
/** The steps that have a clock, in the order in which they come. */
export const clockSteps = ['acknowledge', 'onSite', 'resolve'] as const;
export type ClockStep = (typeof clockSteps)[number];

/** How somebody came to have an order: 指派, 轮训, the steward (楼宇管家) on duty, 抢单. */
export const dispatchWays = ['assignment', 'rotation', 'duty', 'grab'] as const;
export const cancelKinds = ['duplicate', 'false-alarm', 'other'] as const;
export const costKinds = ['labour', 'material', 'contractor', 'other'] as const;
/** Who bears a cost; 维修资金 is the fund that the owners paid in. */
export const payers = ['property', 'maintenance-fund', 'resident', 'warranty'] as const;
export const photoTypes = ['image/jpeg', 'image/png', 'image/webp'] as const;
export const photoBytesMax = 3 * 1024 * 1024;
export const photosMax = 20;

const person = z.string().trim().min(1).max(100);
const trade = z.string().trim().min(1).max(64);
const text = z.string().max(2000);
const words = z.string().trim().min(1).max(2000);

export const partUsed = z.strictObject({
  name: z.string().trim().min(1).max(200),
  quantity: z.number().positive().max(1_000_000),
  unit: z.string().trim().min(1).max(20).optional(),
});
export const costRecorded = z.strictObject({
  kind: z.enum(costKinds),
  /** Whole fen; less than nothing takes back what was recorded wrongly. */
  amountFen: z.int().min(-100_000_000).max(100_000_000),
  paidBy: z.enum(payers),
  note: text.optional(),
});
/** The picture itself stands apart from the log, by its hash: it may show people, and must be erasable. */
export const photoAdded = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  mediaType: z.enum(photoTypes),
  sizeBytes: z.int().min(1).max(photoBytesMax),
  shows: z.enum(['before', 'after', 'other']).default('other'),
  caption: z.string().max(200).optional(),
});

/** Its bytes are gone; that there was one stays. */
export const photoErased = photoAdded.pick({ sha256: true });

/** Bodies of `POST /api/work-orders/{id}/{command}`. */
export const workOrderCommands = {
  acknowledge: z.strictObject({}),
  /**
   * To a person by name, or, without one, to who has duty for the building (its steward, 楼宇管家), or to the next in
   * turn of the compound's roster; where neither knows anybody, to the person who dispatches.
   */
  dispatch: z.strictObject({ assignee: person.optional(), by: z.enum(['assignment', 'rotation', 'duty']).optional() }),
  /** Opens the order to whoever of the trade, or of the compound, takes it first (抢单). */
  offer: z.strictObject({ trade: trade.optional() }),
  /** Left out: the person who calls. */
  grab: z.strictObject({ assignee: person.optional() }),
  accept: z.strictObject({}),
  /** 退单: whoever has the order gives it back. */
  return: z.strictObject({ reason: words }),
  /** 转单: to another person, or to another trade's duty. */
  transfer: z
    .strictObject({ assignee: person.optional(), trade: trade.optional(), reason: words })
    .refine(({ assignee, trade }) => assignee !== undefined || trade !== undefined, 'to whom: an assignee or a trade'),
  arrive: z.strictObject({}),
  /** Which clocks stand still is the reason's affair. At `until` the hub itself resumes. */
  pause: z.strictObject({ reason: z.enum(pauseReasons), note: text.optional(), until: instant.optional() }),
  resume: z.strictObject({}),
  /** While the device still reports the fault it asks for a `note` that says why it is resolved all the same. */
  resolve: z.strictObject({ note: text.optional() }),
  /** Whoever asked for the repair says that it is done. */
  confirm: z.strictObject({ note: text.optional() }),
  /** `repaired` is refused while the device still reports the fault; the others ask for a `note`. */
  close: z.strictObject({
    outcome: z.enum(['repaired', 'not-reproducible', 'false-alarm', 'accepted-as-is']).default('repaired'),
    note: text.optional(),
  }),
  /** The resident's word at the end, one to five. */
  rate: z.strictObject({ score: z.int().min(1).max(5), comment: text.optional() }),
  note: z.strictObject({ text: words }),
  'add-part': partUsed,
  'add-cost': costRecorded,
  cancel: z
    .strictObject({
      kind: z.enum(cancelKinds).optional(),
      reason: words,
      /** The order that stays, for a `duplicate`. */
      duplicateOf: z.string().min(1).max(100).optional(),
    })
    .refine(({ kind, duplicateOf }) => (kind === 'duplicate') === (duplicateOf !== undefined), {
      message: 'a duplicate names the order that stays, and only a duplicate does',
      path: ['duplicateOf'],
    }),
  reopen: z.strictObject({ reason: words }),
} as const;
