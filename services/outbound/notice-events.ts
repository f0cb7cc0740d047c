import { z } from 'zod';
import { bilingual, instant } from '../runtime/schema.ts';
import { priorities } from '../work-orders/commands.ts';
import { dutyRoles } from '../work-orders/roster.ts';
import { channels, ladderRoles, noticeKinds } from './notice-rules.ts';

export const noticeStream = (of: string): string => `notice-${of}`;

const id = z.string().max(100);

/** What people were told, decided once and then sent by each channel; on stream `notice-<order>` or `notice-matter-<matter>`. */
export const noticeEvents = {
  'notice.issued': z.strictObject({
    compound: id,
    /** Missing from a digest, and where it is of a matter on the ladder. */
    order: id.optional(),
    matter: id.optional(),
    /** Of a digest, the newest last. */
    orders: z.array(z.strictObject({ order: id, priority: z.enum(priorities), title: bilingual })).optional(),
    rule: id,
    /** The event that began it, or `digest`. */
    occasion: z.string().max(64),
    kind: z.enum(noticeKinds),
    priority: z.enum(priorities).optional(),
    title: bilingual,
    building: id.optional(),
    raisedAt: instant.optional(),
    dueAt: instant,
    channels: z.array(z.enum(channels)),
    /** Nobody: the roster knew nobody at that hour. */
    tells: z.array(
      z.strictObject({ person: z.string().max(100), role: z.enum([...dutyRoles, 'assignee', ...ladderRoles]) }),
    ),
    /** The timers that this answers: a hub that was away says several in one. */
    timers: z.array(z.strictObject({ trigger: z.string().max(64), step: z.int().min(0) })),
  }),
} as const satisfies Record<string, z.ZodType>;

export type Notice = z.infer<(typeof noticeEvents)['notice.issued']>;
