import type { EventMeta, NewEvent } from './event.ts';

/** A fact as a decider states it; command handling adds id and meta. */
export interface Fact<Type extends string = string, Data = unknown> {
  type: Type;
  data: Data;
}

/** Three pure functions. `decide` throws a `Refusal` when the command can't be done in this state. */
export interface Decider<State, Command, Event extends Fact> {
  initial: State;
  evolve(state: State, event: Event): State;
  decide(command: Command, state: State): Event[];
}

/** A command that can't be done, with a stable code (`work-order.already-closed`) that the API maps to a status. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly facts: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

/** Meta that command handling can't know: who, when, and of which compound and device. */
export type CommandMeta = Pick<EventMeta, 'occurredAt' | 'actor'> &
  Partial<Pick<EventMeta, 'compound' | 'device' | 'causationId' | 'correlationId'>>;

/** The event of a fact: the instant is ours, so its clock is trusted. */
export const eventOf = (id: string, fact: Fact, meta: CommandMeta): NewEvent => ({
  id,
  type: fact.type,
  data: fact.data,
  meta: { schemaVersion: 1, receivedAt: meta.occurredAt, clock: 'trusted', ...meta },
});
