import { z } from 'zod';
import { bilingual, instant } from '../../runtime/schema.ts';
import { priorities } from '../commands.ts';
import { document, documentErased, matterCommands, referralCauses } from './matter-commands.ts';

const id = z.string().min(1).max(100);
const text = z.string().max(10_000);
const party = z.string().max(100);

/** When a step is due. A clock of working days ends with a day, any other at its minute. */
export const due = z.strictObject({ from: instant, at: instant, unit: z.enum(['working-days', 'minutes']) });
export type Due = z.infer<typeof due>;

/** What happens to a matter on the ladder, as stored in `matter-<id>`. */
export const matterEvents = {
  'matter.referred': z.strictObject({
    compound: id,
    /** The street, as the register names it for the compound. */
    street: z.string().max(100).optional(),
    timeZone: z.string().max(64),
    title: bilingual,
    text: text.optional(),
    /** The work orders that it grew out of. */
    orders: z.array(id).max(100),
    priority: z.enum(priorities).optional(),
    cause: z.enum(referralCauses),
    referredAt: instant,
    /** The joint meeting's clocks; missing where a P0 order overran and the whistle comes first. */
    dues: z.strictObject({ screen: due, meet: due, decide: due }).optional(),
  }),
  'matter.screened': z.strictObject({ reason: text.optional() }),
  /** No matter for a joint meeting: back to whoever referred it. */
  'matter.declined': z.strictObject({ reason: text }),
  'matter.meeting-called': matterCommands['call-meeting'].extend({ meeting: id }),
  'matter.met': matterCommands['hold-meeting'].extend({ meeting: id }),
  'matter.decided': z.strictObject({ decision: document, responsible: party, due }),
  'matter.whistle-proposed': matterCommands['propose-whistle'].extend({ by: party, due }),
  'matter.whistle-approved': matterCommands.approve.extend({ by: party }),
  'matter.whistle-rejected': matterCommands.reject,
  'matter.whistled': z.strictObject({
    whistle: id,
    department: id,
    emergency: z.boolean(),
    reason: text,
    blownAt: instant,
    reportIn: due,
    /** Until then it may be returned. */
    returnUntil: instant.optional(),
    close: due,
  }),
  'matter.reported-in': matterCommands['report-in'].extend({ whistle: id }),
  'matter.whistle-returned': matterCommands['return-whistle'].extend({ whistle: id }),
  'matter.extended': matterCommands.extend.extend({ whistle: id, due }),
  'matter.whistle-finished': matterCommands.finish.extend({ whistle: id }),
  'matter.rated': matterCommands.rate.extend({ whistle: id }),
  /** The whistler was not satisfied: the department does it again. */
  'matter.redo-asked': z.strictObject({ whistle: id, department: id, due }),
  'matter.supervised': z.strictObject({ cause: z.enum(['red-card', 'returns', 'unhappy']), due }),
  'matter.replied': matterCommands.reply,
  'matter.closed': z.strictObject({
    outcome: z.enum(['settled', 'withdrawn', 'solved-by-property']),
    result: document.optional(),
    reason: text.optional(),
  }),
  'matter.noted': matterCommands.note,
  /** Its bytes are gone; the event that named it stays. */
  'matter.document-erased': documentErased,
  'matter.order-ended': z.strictObject({ order: id, outcome: z.string().max(64) }),
  /** `clock` as `openClocks` names it. */
  'matter.card-shown': z.strictObject({ colour: z.enum(['yellow', 'red']), clock: id, dueAt: instant }),
} as const satisfies Record<string, z.ZodType>;

type Events = typeof matterEvents;
export type MatterEvent = { [Type in keyof Events]: { type: Type; data: z.infer<Events[Type]> } }[keyof Events];
export type MatterEventOf<Type extends MatterEvent['type']> = Extract<MatterEvent, { type: Type }>;
export type Referred = z.infer<Events['matter.referred']>;
export type Whistled = z.infer<Events['matter.whistled']>;

export const matterStream = (matter: string): string => `matter-${matter}`;
export const matterOf = ({ stream }: { stream: string }): string => stream.slice(matterStream('').length);
