import { z } from 'zod';
import { type Decider, Refusal } from '../event-log/decider.ts';
import { registryId } from '../registry/registry.ts';
import { instant } from '../runtime/schema.ts';

/** `work-order.*`, or one type such as `work-order.raised`. */
const eventPattern = z.string().regex(/^work-order\.(\*|[a-z]+(-[a-z]+)*)$/, 'work-order.* or a type of a work order');

const settings = z.strictObject({
  name: z.string().trim().min(1).max(100),
  url: z.string().trim().max(1000),
  /** None: all of them, also those that are registered later. */
  compounds: z.array(registryId).max(1000),
  types: z.array(eventPattern).min(1).max(50),
});
export type TargetSettings = z.infer<typeof settings>;
export const targetInput = settings.extend({
  compounds: settings.shape.compounds.default([]),
  types: settings.shape.types.default(['work-order.*']),
});
export const targetChange = settings.partial();

/** A target's life, on stream `target-<id>`. The secret itself stands apart from the log. */
export const targetEvents = {
  'target.registered': settings,
  'target.changed': targetChange,
  'target.secret-issued': z.strictObject({
    sha256: z.string(),
    /** Until then the one before signs too. */ previousUntil: instant.optional(),
  }),
  'target.paused': z.strictObject({ reason: z.string().max(2000).optional() }),
  'target.resumed': z.strictObject({}),
  'target.removed': z.strictObject({}),
} as const satisfies Record<string, z.ZodType>;

type Events = typeof targetEvents;
export type TargetEvent = { [Type in keyof Events]: { type: Type; data: z.infer<Events[Type]> } }[keyof Events];

export type TargetCommand =
  | { type: 'register'; data: TargetSettings & { sha256: string } }
  | { type: 'change'; data: z.infer<typeof targetChange> }
  | { type: 'issue-secret'; data: z.infer<Events['target.secret-issued']> }
  | { type: 'pause'; data: z.infer<Events['target.paused']> }
  | { type: 'resume' }
  | { type: 'remove' };

export type TargetStatus = 'none' | 'active' | 'paused' | 'removed';
export interface TargetState extends TargetSettings {
  status: TargetStatus;
}

export const targetStream = (target: string): string => `target-${target}`;

const decideForExisting = (command: TargetCommand, { status }: TargetState): TargetEvent[] => {
  switch (command.type) {
    case 'register':
      throw new Refusal('target.exists', 'a target of this id is registered already');
    case 'change':
      return Object.keys(command.data).length === 0 ? [] : [{ type: 'target.changed', data: command.data }];
    case 'issue-secret':
      return [{ type: 'target.secret-issued', data: command.data }];
    case 'pause':
      return status === 'paused' ? [] : [{ type: 'target.paused', data: command.data }];
    case 'resume':
      return status === 'active' ? [] : [{ type: 'target.resumed', data: {} }];
    case 'remove':
      return [{ type: 'target.removed', data: {} }];
  }
};

const decide = (command: TargetCommand, target: TargetState): TargetEvent[] => {
  if (target.status === 'none' && command.type === 'register') {
    const { sha256, ...registered } = command.data;
    return [
      { type: 'target.registered', data: registered },
      { type: 'target.secret-issued', data: { sha256 } },
    ];
  }
  if (target.status === 'none' || target.status === 'removed') {
    throw new Refusal('target.unknown', 'there is no target of this id');
  }
  return decideForExisting(command, target);
};

const statusAfter: Partial<Record<TargetEvent['type'], TargetStatus>> = {
  'target.registered': 'active',
  'target.paused': 'paused',
  'target.resumed': 'active',
  'target.removed': 'removed',
};

const evolve = (target: TargetState, event: TargetEvent): TargetState => {
  const status = statusAfter[event.type] ?? target.status;
  if (event.type === 'target.registered' || event.type === 'target.changed')
    return { ...target, ...event.data, status };
  return { ...target, status };
};

export const target: Decider<TargetState, TargetCommand, TargetEvent> = {
  initial: { status: 'none', name: '', url: '', compounds: [], types: [] },
  evolve,
  decide,
};

/** Whether a target takes this event. */
export const takes = (
  { compounds, types }: Pick<TargetSettings, 'compounds' | 'types'>,
  event: { type: string; meta: { compound?: string } },
): boolean =>
  (compounds.length === 0 || compounds.includes(event.meta.compound ?? '')) &&
  types.some((pattern) =>
    pattern.endsWith('*') ? event.type.startsWith(pattern.slice(0, -1)) : pattern === event.type,
  );
