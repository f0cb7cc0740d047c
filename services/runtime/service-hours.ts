import { z } from 'zod';

/** Hours of a day as a contract writes them; `24:00` is the day's end. */
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'HH:MM, e.g. 08:30');

const hours = z.strictObject({
  from: timeOfDay,
  to: timeOfDay,
  /** Working days are the State Council's: without its holidays, with the weekend days that are worked for them. */
  days: z.enum(['working-days', 'every-day']),
});
const beginBeforeTheyEnd = ({ from, to }: { from: string; to: string }): boolean => from < to;
const complaint = { message: 'hours begin before they end', path: ['to'] };

/** The hours that a compound's contract promises for work that isn't urgent (合同约定的服务时间). */
export const serviceHours = hours.refine(beginBeforeTheyEnd, complaint);

/** The same with the zone in which they are read. */
export const zonedServiceHours = hours
  .extend({ timeZone: z.string().min(1).max(64) })
  .refine(beginBeforeTheyEnd, complaint);
export type ZonedServiceHours = z.infer<typeof zonedServiceHours>;
