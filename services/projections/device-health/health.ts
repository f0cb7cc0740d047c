import { z } from 'zod';
import { instant } from '../../runtime/schema.ts';

/** `never-heard`: registered, and nothing came yet. `silent`: no word for longer than its kind allows. */
export const healthStates = ['online', 'offline', 'silent', 'never-heard'] as const;
export const standingFault = z.object({
  code: z.string(),
  text: z.string().nullable(),
  component: z.string().nullable(),
  since: instant,
});
