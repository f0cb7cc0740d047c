import { z } from 'zod';
import { instant } from '../../runtime/schema.ts';

export const matterStates = [
  'referred',
  'screened',
  'met',
  'decided',
  'proposed',
  'whistled',
  'supervised',
  'replied',
  'declined',
  'closed',
] as const;
export const whistleStates = ['blown', 'reported-in', 'returned', 'finished', 'rated'] as const;
export const levels = ['L1', 'L2', 'L3'] as const;
/** Why a matter left the property company. */
export const referralCauses = ['asked', 'breaches', 'overdue', 'urgent-overrun'] as const;

const words = z.string().trim().min(1).max(10_000);
const party = z.string().trim().min(1).max(100);
const departmentId = z.string().min(1).max(64);
const departments = z
  .array(departmentId)
  .min(1)
  .max(20)
  .refine((ids) => new Set(ids).size === ids.length, 'a department is named once');

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** A paper: in words, or as a file that was stored with the matter. */
export const document = z.union([
  z.strictObject({ text: words }),
  z.strictObject({ sha256, name: z.string().trim().min(1).max(200) }),
]);
export const documentErased = z.strictObject({ sha256 });

/** What people may wish of a matter, by the name that stands in the API's path. */
export const matterCommands = {
  screen: z.strictObject({ accepted: z.boolean(), reason: words.optional() }),
  'call-meeting': z.strictObject({ plannedFor: instant, parties: z.array(party).min(2).max(50) }),
  'hold-meeting': z.strictObject({ minutes: document, attended: z.array(party).min(2).max(50) }),
  decide: z.strictObject({ decision: document, carriedOutBy: instant, responsible: party }),
  'propose-whistle': z.strictObject({ departments, reason: words, document: document.optional() }),
  approve: z.strictObject({ principal: party }),
  reject: z.strictObject({ principal: party, reason: words }),
  /** To another department, or to one more, once the principal has approved of whistling. */
  whistle: z.strictObject({ department: departmentId, reason: words }),
  'blow-emergency': z.strictObject({ departments, reason: words }),
  'report-in': z.strictObject({ department: departmentId, person: party, note: words.optional() }),
  'return-whistle': z.strictObject({ department: departmentId, reason: words }),
  extend: z.strictObject({ department: departmentId, workingDays: z.int().min(1).max(250), reason: words }),
  finish: z.strictObject({ department: departmentId, result: document }),
  rate: z.strictObject({ department: departmentId, score: z.int().min(1).max(5), comment: words.optional() }),
  reply: z.strictObject({ document }),
  close: z.strictObject({ result: document }),
  withdraw: z.strictObject({ reason: words }),
  note: z.strictObject({ document }),
} as const satisfies Record<string, z.ZodType>;
export type MatterCommandName = keyof typeof matterCommands;

/** Who may wish it: the property company, the community (its whistler), or a department of the alliance. */
export const matterParties = ['property', 'community', 'department'] as const;
export type MatterParty = (typeof matterParties)[number];

/** The community writes down what a department says by telephone, so it may do what a department may. */
export const partiesOf: Record<MatterCommandName, readonly MatterParty[]> = {
  screen: ['community'],
  'call-meeting': ['community'],
  'hold-meeting': ['community'],
  decide: ['community'],
  'propose-whistle': ['community'],
  approve: ['community'],
  reject: ['community'],
  whistle: ['community'],
  'blow-emergency': ['community', 'property'],
  'report-in': ['department', 'community'],
  'return-whistle': ['department', 'community'],
  extend: ['community'],
  finish: ['department', 'community'],
  rate: ['community'],
  reply: ['department', 'community'],
  close: ['community'],
  withdraw: ['community'],
  note: ['property', 'community', 'department'],
};
