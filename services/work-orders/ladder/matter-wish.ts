import type { z } from 'zod';
import { Refusal } from '../../event-log/decider.ts';
import type { documentErased, MatterCommandName, matterCommands } from './matter-commands.ts';
import type { Referred } from './matter-events.ts';
import type { MatterState } from './matter-state.ts';
import { allowedMatterCommands, matterTransitions } from './matter-transitions.ts';

/** What is told with every command: the hub's instant, and for four eyes who wishes it. */
export interface Moment {
  at: string;
  by: string;
}

export type MatterWish = {
  [Name in MatterCommandName]: { type: Name; data: z.infer<(typeof matterCommands)[Name]> };
}[MatterCommandName];
/** What a matter begins with; its clocks are the ladder's to say. */
export type Referral = Omit<Referred, 'dues' | 'referredAt'>;
export type MatterCommand = Moment &
  (
    | MatterWish
    /** `departments`: called at once. */
    | { type: 'refer'; data: Referral & { departments?: string[] | undefined } }
    /** The order that the matter grew out of was closed or cancelled. */
    | { type: 'record-order-end'; data: { order: string; outcome: string } }
    | { type: 'erase-document'; data: z.infer<typeof documentErased> }
    | { type: 'pass-time'; data: Record<string, never> }
  );
export type CommandOf<Type extends MatterCommand['type']> = Extract<MatterCommand, { type: Type }>;

export const refuse = (code: string, command: MatterCommand, matter: MatterState, rule: string): never => {
  const allowed = allowedMatterCommands(matter);
  throw new Refusal(
    code,
    `${command.type}: the matter is ${matter.state}, and ${rule}. Possible now: ${allowed.join(', ') || 'nothing'}.`,
    { command: command.type, state: matter.state, rule, allowed },
  );
};

export const refuseState = (command: MatterCommand & { type: MatterCommandName }, matter: MatterState): never =>
  refuse('matter.wrong-state', command, matter, matterTransitions[command.type].rule);

export const zoneOf = ({ referred }: MatterState): string => referred?.timeZone ?? 'Asia/Shanghai';
