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
export type PauseReason = NonNullable<CommandBody<'pause'>['reason']>;
/** Why an order may wait, and which of its clocks stand still meanwhile. */
export interface PauseReasonItem {
  id: PauseReason;
  title: { zh: string; en: string };
  stops: string[];
}
export type Outcome = NonNullable<CommandBody<'close'>['outcome']>;

/** A work order that a person raises. */
export interface OrderWish {
  compound: string;
  device?: string;
  title: { zh: string; en: string };
  text?: string;
  serviceLevel: string;
}

/** Days are of each compound's own calendar, both included. */
export interface RatingReplayWish {
  standard: string;
  from: string;
  to: string;
  /** Left out: all of them. */
  compounds?: string[];
}

export interface Page<Item> {
  items: Item[];
  next: string | null;
}
