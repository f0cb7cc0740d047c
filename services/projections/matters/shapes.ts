import { z } from 'zod';
import { bilingual, instant } from '../../runtime/schema.ts';
import { priorities } from '../../work-orders/commands.ts';
import { levels, matterStates, referralCauses, whistleStates } from '../../work-orders/ladder/matter-commands.ts';

const colour = z.enum(['yellow', 'red']);

export const whistleItem = z.object({
  id: z.string(),
  department: z.string(),
  departmentTitle: bilingual,
  emergency: z.boolean(),
  state: z.enum(whistleStates),
  blownAt: instant,
  reportInDueAt: instant,
  reportedInAt: instant.nullable(),
  /** Until then the wrong department may return it; `null` for an emergency. */
  returnUntil: instant.nullable(),
  returnedAt: instant.nullable(),
  closeDueAt: instant,
  extendedDays: z.int(),
  finishedAt: instant.nullable(),
  redone: z.int(),
  score: z.int().nullable(),
});

export const matterItem = z.object({
  id: z.string(),
  compound: z.string(),
  compoundName: z.string(),
  street: z.string().nullable(),
  title: bilingual,
  text: z.string().nullable(),
  orders: z.array(z.string()),
  priority: z.enum(priorities).nullable(),
  cause: z.enum(referralCauses),
  state: z.enum(matterStates),
  /** `L1` joint meeting, `L2` whistle, `L3` supervision. */
  level: z.enum(levels),
  referredAt: instant,
  closedAt: instant.nullable(),
  outcome: z.enum(['settled', 'withdrawn', 'solved-by-property']).nullable(),
  supervisedFor: z.enum(['red-card', 'returns', 'unhappy']).nullable(),
  meeting: z.object({ id: z.string(), plannedFor: instant }).nullable(),
  /** Clocks that run: the matter's own steps, `<whistle>:report-in`, `<whistle>:close`. */
  clocks: z.array(
    z.object({ clock: z.string(), dueAt: instant, unit: z.enum(['working-days', 'minutes']), card: colour.nullable() }),
  ),
  cards: z.array(z.object({ colour, clock: z.string(), dueAt: instant })),
  returns: z.int(),
  whistles: z.array(whistleItem),
});
export const matterDetail = matterItem.extend({
  timeline: z.array(
    z.object({ type: z.string(), at: instant, actor: z.string().nullable(), data: z.record(z.string(), z.unknown()) }),
  ),
  /** Commands that its state allows now. */
  allowed: z.array(z.string()),
});
export type MatterItem = z.infer<typeof matterItem>;
export type MatterDetail = z.infer<typeof matterDetail>;

/** A share in percent with what it was counted from; `percent` is `null` where nothing is to be counted. */
const share = z.object({ met: z.int(), of: z.int(), percent: z.number().nullable() });
export type Share = z.infer<typeof share>;

export const ladderFigures = z.object({
  /** A street, a compound or a department, as asked; `null` for compounds whose street nobody registered. */
  key: z.string().nullable(),
  name: bilingual,
  matters: z.int(),
  whistles: z.int(),
  /** Reported in, or returned, by the time. */
  response: share,
  /** Finished by the time, extensions included. */
  resolution: share,
  /** Rated as done well. */
  satisfaction: share,
  /** Matters that were whistled. Of a department: its share of all whistles. */
  whistleRate: share,
  /** A whistle rate that is too low or too high; `null` where it is neither, or too little to tell by. */
  signal: z.enum(['too-low', 'too-high']).nullable(),
});
export type LadderFigures = z.infer<typeof ladderFigures>;
