import type { z } from 'zod';
import type { loginAnswer, me } from '../../../services/api/schemas.ts';
import type { standingFault } from '../../../services/projections/device-health/health.ts';
import type { missingItem, ratingChange } from '../../../services/projections/star-rating/rating.ts';
import type { workOrderCommands } from '../../../services/work-orders/commands.ts';

export type Me = z.infer<typeof me>;
export type LoginAnswer = z.infer<typeof loginAnswer>;
export type StandingFault = z.infer<typeof standingFault>;
export type RatingChange = z.infer<typeof ratingChange>;
export type MissingItem = z.infer<typeof missingItem>;

export type CommandName = keyof typeof workOrderCommands;
export type CommandBody<Name extends CommandName = CommandName> = z.input<(typeof workOrderCommands)[Name]>;
export type Outcome = NonNullable<CommandBody<'close'>['outcome']>;

export interface Page<Item> {
  items: Item[];
  next: string | null;
}
