import { type AppendResult, type ExpectedRevision, WrongExpectedRevision } from './event-log.ts';
import type { Draft, DraftEvent } from './stored-event.ts';

/** What the log holds before the group, as far as the planner must know. */
export interface LogState {
  lastPosition: number;
  /** -1 for a stream that doesn't exist. */
  revisionOf(stream: string): number;
  /** `undefined` for an id that isn't known (or not looked up: the database then decides). */
  positionOf(id: string): number | undefined;
}

/** An event with its place in the log. */
export interface Planned<Event> {
  position: number;
  stream: string;
  revision: number;
  event: Event;
}

export interface GroupPlan<Event = DraftEvent> {
  /** To be stored, in order, positions without gaps. */
  events: Planned<Event>[];
  /** One per draft, in the drafts' order. */
  outcomes: (AppendResult | WrongExpectedRevision)[];
  /** Last revision of every stream that the plan writes to. */
  revisions: Map<string, number>;
}

const fits = (expected: ExpectedRevision, actual: number): boolean =>
  expected === 'any' || (expected === 'no-stream' ? actual === -1 : actual === expected);

interface Identified {
  id: string;
}

/** What was planned so far, laid over the log's state. */
interface Planning<Event> {
  events: Planned<Event>[];
  revisions: Map<string, number>;
  positions: Map<string, number>;
}

/** Takes back what a draft planned before one of its entries turned out to be refused. */
const withdraw = ({ events, revisions, positions }: Planning<Identified>, from: number): void => {
  for (const { stream, revision, event } of events.splice(from).reverse()) {
    positions.delete(event.id);
    revisions.set(stream, revision - 1);
  }
};

const planDraft = <Event extends Identified>(
  state: LogState,
  planned: Planning<Event>,
  draft: Draft<Event>,
): AppendResult | WrongExpectedRevision => {
  const { events, revisions, positions } = planned;
  const start = events.length;
  let newest = 0;
  for (const { stream, expectedRevision, events: drafts } of draft.entries) {
    let revision = revisions.get(stream) ?? state.revisionOf(stream);
    let checked = false;
    for (const event of drafts) {
      const known = positions.get(event.id) ?? state.positionOf(event.id);
      if (known !== undefined) {
        newest = Math.max(newest, known);
        continue;
      }
      // Checked at the first new event only: an entry whose events are all known passes under any revision.
      if (!checked && !fits(expectedRevision, revision)) {
        withdraw(planned, start);
        return new WrongExpectedRevision(stream, expectedRevision, revision);
      }
      checked = true;
      revision += 1;
      newest = state.lastPosition + events.length + 1;
      positions.set(event.id, newest);
      revisions.set(stream, revision);
      events.push({ position: newest, stream, revision, event });
    }
  }
  return { position: String(newest), stored: events.length - start };
};

/** Decides what a group of appends stores. Each append stands or falls as a whole and doesn't touch the others. */
export const planGroup = <Event extends Identified>(
  state: LogState,
  drafts: readonly Draft<Event>[],
): GroupPlan<Event> => {
  const planned: Planning<Event> = { events: [], revisions: new Map(), positions: new Map() };
  const outcomes = drafts.map((draft) => planDraft(state, planned, draft));
  return { events: planned.events, outcomes, revisions: planned.revisions };
};
