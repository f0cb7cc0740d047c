import { type CommandMeta, type Decider, eventOf, type Fact } from './decider.ts';
import type { NewEvent, Position } from './event.ts';
import { type EventLog, WrongExpectedRevision } from './event-log.ts';

const attemptsMax = 5;

export interface CommandParts<State, Command, Event extends Fact> {
  stream: string;
  decider: Decider<State, Command, Event>;
  command: Command;
  meta: CommandMeta;
  /** Gives each new event its id. */
  newId(): string;
}

export interface CommandOutcome<State> {
  /** After the command. */
  state: State;
  /** Those that this command appended; empty when it changed nothing. */
  events: NewEvent[];
  /** Of the stream's newest event; `null` for a stream that doesn't exist. */
  position: Position | null;
}

/**
 * Reads the stream, decides, and appends where the stream stood; decides anew when somebody was faster.
 * Throws what `decide` throws, and `WrongExpectedRevision` when others are faster every time.
 */
export const handleCommand = async <State, Command, Event extends Fact>(
  log: Pick<EventLog, 'readStream' | 'append'>,
  { stream, decider, command, meta, newId }: CommandParts<State, Command, Event>,
): Promise<CommandOutcome<State>> => {
  for (let attempt = 1; ; attempt += 1) {
    const past = await log.readStream(stream);
    const before = past.reduce(
      (state, { type, data }) => decider.evolve(state, { type, data } as Event),
      decider.initial,
    );
    const decided = decider.decide(command, before);
    const newest = past.at(-1);
    if (decided.length === 0) return { state: before, events: [], position: newest?.position ?? null };
    const events = decided.map((fact) => eventOf(newId(), fact, meta));
    try {
      const expectedRevision = newest?.revision ?? 'no-stream';
      const { position } = await log.append([{ stream, expectedRevision, events }]);
      return { state: decided.reduce(decider.evolve, before), events, position };
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision) || attempt === attemptsMax) throw error;
    }
  }
};
