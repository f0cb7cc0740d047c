import { z } from 'zod';
import { bilingual } from '../runtime/schema.ts';
import { priorities } from '../work-orders/commands.ts';
import { DataFileWrong, parseDataFile, readDataFile } from '../work-orders/data-file.ts';
import { matterEvents } from '../work-orders/ladder/matter-events.ts';
import { workOrderEvents } from '../work-orders/order-events.ts';
import { dutyRoles } from '../work-orders/roster.ts';

export const channels = ['mqtt', 'webhook', 'email'] as const;
export type Channel = (typeof channels)[number];
export const noticeKinds = ['first', 'reminder', 'escalation', 'digest', 'matter'] as const;
/** Of a matter: the street's community, and the department that a step is about. */
export const ladderRoles = ['community', 'department'] as const;

const eventType = z.enum(Object.keys(workOrderEvents) as [keyof typeof workOrderEvents]);
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM');
const onDutyRole = z.strictObject({ role: z.enum(dutyRoles), which: z.enum(['first', 'next', 'all']) });
const addressee = z.union([z.literal('assignee'), onDutyRole]);
export type Addressee = z.infer<typeof addressee>;
const told = { tell: z.array(addressee).min(1), channels: z.array(z.enum(channels)).min(1) };

const step = z.strictObject({
  kind: z.enum(noticeKinds),
  afterSeconds: z
    .int()
    .min(0)
    .max(7 * 86_400),
  ...told,
  repeat: z.strictObject({ everySeconds: z.int().min(60), times: z.int().min(1).max(48) }).optional(),
});
const ruleId = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'kebab-case');
const rule = z.strictObject({
  id: ruleId,
  on: eventType,
  classes: z.array(z.enum(priorities)).min(1),
  breaksQuietHours: z.boolean(),
  until: z.array(eventType),
  steps: z.array(step).min(1),
});
const matterRule = z.strictObject({
  id: ruleId,
  on: z.enum(Object.keys(matterEvents) as [keyof typeof matterEvents]),
  /** Left out: whether it is one or not. */
  emergency: z.boolean().optional(),
  breaksQuietHours: z.boolean(),
  about: bilingual,
  tell: z.array(z.union([z.enum(ladderRoles), onDutyRole])).min(1),
  channels: told.channels,
});
export type MatterRule = z.infer<typeof matterRule>;
const quietHours = z.strictObject({ from: time, to: time });
export type QuietHours = z.infer<typeof quietHours>;

export const noticeRules = z.strictObject({
  quietHours,
  rules: z.array(rule).min(1),
  matters: z.array(matterRule),
  digest: z.strictObject({ classes: z.array(z.enum(priorities)), at: time, ...told }),
  words: z.record(z.enum(noticeKinds), bilingual),
});

export type NoticeStep = Omit<z.infer<typeof step>, 'repeat'>;
export interface NoticeRule extends Omit<z.infer<typeof rule>, 'steps'> {
  steps: NoticeStep[];
}
export interface NoticeRules extends Omit<z.infer<typeof noticeRules>, 'rules'> {
  rules: NoticeRule[];
}

/** A step that repeats as so many steps. */
const spelledOut = (steps: z.infer<typeof rule>['steps']): NoticeStep[] =>
  steps.flatMap(({ repeat, ...once }) =>
    Array.from({ length: 1 + (repeat?.times ?? 0) }, (_, time) => ({
      ...once,
      afterSeconds: once.afterSeconds + time * (repeat?.everySeconds ?? 0),
    })),
  );

const checked = (name: string, { rules, ...rest }: z.infer<typeof noticeRules>): NoticeRules => {
  const ids = [...rules, ...rest.matters].map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new DataFileWrong(name, [`rules: ${twice} is there twice`]);
  const spelled = rules.map((of) => ({ ...of, steps: spelledOut(of.steps) }));
  for (const { id, steps } of spelled) {
    if (steps.some(({ afterSeconds }, index) => afterSeconds < (steps[index - 1]?.afterSeconds ?? 0))) {
      throw new DataFileWrong(name, [`${id}: a later step comes before an earlier one`]);
    }
  }
  return { ...rest, rules: spelled };
};

export const parseNoticeRules = (text: string, name = 'notice-rules.yaml'): NoticeRules =>
  checked(name, parseDataFile(noticeRules, name, text));

export const loadNoticeRules = (url: URL = new URL('./notice-rules.yaml', import.meta.url)): NoticeRules =>
  checked('notice-rules.yaml', readDataFile(noticeRules, url));
