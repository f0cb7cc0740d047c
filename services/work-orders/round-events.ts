import { z } from 'zod';
import { bilingual, instant } from '../runtime/schema.ts';
import { priorities } from './commands.ts';

const id = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'kebab-case')
  .max(64);
const title = bilingual.extend({ zh: z.string().trim().min(1).max(200), en: z.string().trim().min(1).max(200) });
const text = z.string().trim().min(1).max(2000);

/** A device or a place on the route, and what is looked at there. */
export const roundStop = z
  .strictObject({
    id,
    device: id.optional(),
    position: id.optional(),
    title,
    checks: z.array(title).max(30).default([]),
  })
  .refine(
    ({ device, position }) => device !== undefined || position !== undefined,
    'a stop names a device or a position',
  );

/** 计划保养: who goes which way how often. */
export const roundPlan = z
  .strictObject({
    compound: id,
    kind: z.enum(['inspection', 'maintenance']),
    title,
    stops: z.array(roundStop).min(1).max(200),
    every: z.strictObject({ count: z.int().min(1).max(366), unit: z.enum(['day', 'week', 'month']) }),
    /** The first round's day; the others are counted from it, a month's last day staying the last. */
    firstDay: z.iso.date(),
    lastDay: z.iso.date().optional(),
    /** When it begins, in the compound's zone. */
    at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM'),
    /** After that it is missed. */
    withinMinutes: z
      .int()
      .min(1)
      .max(31 * 24 * 60),
    /** Left out, whoever has duty is asked. */
    assignee: z.string().trim().min(1).max(100).optional(),
    trade: z.string().trim().min(1).max(64).optional(),
  })
  .refine(({ stops }) => new Set(stops.map((stop) => stop.id)).size === stops.length, {
    message: 'each stop has an id of its own',
    path: ['stops'],
  });
export type RoundPlan = z.infer<typeof roundPlan>;

/** The day on which it is due, in the compound's zone: two rounds of one plan never share it. */
const occurrence = z.iso.date();

/** What happens to a plan of rounds, on stream `round-<id>`. */
export const roundEvents = {
  'round.planned': z.strictObject({ plan: roundPlan, timeZone: z.string().max(64) }),
  'round.started': z.strictObject({ occurrence, dueAt: instant, until: instant, order: z.string().max(100) }),
  'round.stop-checked': z.strictObject({
    occurrence,
    stop: id,
    result: z.enum(['ok', 'finding']),
    note: text.optional(),
    /** The order that the finding raised. */
    order: z.string().max(100).optional(),
    priority: z.enum(priorities).optional(),
  }),
  'round.done': z.strictObject({ occurrence, dueAt: instant, findings: z.int().min(0) }),
  'round.missed': z.strictObject({ occurrence, dueAt: instant, checked: z.int().min(0), stops: z.int().min(1) }),
  /** It came due and ran out while the hub itself was away, so that nobody was asked. */
  'round.skipped': z.strictObject({ occurrence, dueAt: instant }),
  'round.ended': z.strictObject({ reason: text.optional() }),
} as const satisfies Record<string, z.ZodType>;

type Events = typeof roundEvents;
export type RoundEvent = { [Type in keyof Events]: { type: Type; data: z.infer<Events[Type]> } }[keyof Events];

export const roundStream = (round: string): string => `round-${round}`;
export const roundOf = ({ stream }: { stream: string }): string => stream.slice(roundStream('').length);
