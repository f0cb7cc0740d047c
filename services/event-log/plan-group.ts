import { type AppendResult, type ExpectedRevision, WrongExpectedRevision } from './event-log.ts';
import type { Draft, StoredEvent } from './stored-event.ts';

/** What the log holds before the group, as far as the planner must know. */
export interface LogState {
  lastPosition: number;
  /** -1 for a stream that doesn't exist. */
  revisionOf(stream: string): number;
  /** `undefined` for an id that isn't known (or not looked up: the database then decides). */
  positionOf(id: string): number | undefined;
}

export interface GroupPlan {
  /** To be stored, in order, positions without gaps. */
  events: StoredEvent[];
  /** One per draft, in the drafts' order. */
  outcomes: (AppendResult | WrongExpectedRevision)[];
  /** Last revision of every stream that the plan writes to. */
  revisions: Map<string, number>;
}

const fits = (expected: ExpectedRevision, actual: number): boolean =>
  expected === 'any' || (expected === 'no-stream' ? actual === -1 : actual === expected);

/** The state with what was planned so far laid over it. */
const overlay = (below: LogState, lastPosition: number) => {
  const revisions = new Map<string, number>();
  const positions = new Map<string, number>();
  return {
    lastPosition,
    revisions,
    positions,
    revisionOf: (stream: string) => revisions.get(stream) ?? below.revisionOf(stream),
    positionOf: (id: string) => positions.get(id) ?? below.positionOf(id),
  };
};

const planDraft = (state: LogState, draft: Draft) => {
  const planned = overlay(state, state.lastPosition);
  const events: StoredEvent[] = [];
  let newest = 0;
  for (const { stream, expectedRevision, events: drafts } of draft.entries) {
    let revision = planned.revisionOf(stream);
    let checked = false;
    for (const event of drafts) {
      const known = planned.positionOf(event.id);
      if (known !== undefined) {
        newest = Math.max(newest, known);
        continue;
      }
      // Checked at the first new event only: an entry whose events are all known passes under any revision.
      if (!checked && !fits(expectedRevision, revision)) {
        return new WrongExpectedRevision(stream, expectedRevision, revision);
      }
      checked = true;
      revision += 1;
      planned.lastPosition += 1;
      newest = planned.lastPosition;
      planned.positions.set(event.id, newest);
      planned.revisions.set(stream, revision);
      events.push({ position: newest, stream, revision, ...event });
    }
  }
  return { events, revisions: planned.revisions, positions: planned.positions, newest };
};

/** Decides what a group of appends stores. Each append stands or falls as a whole and doesn't touch the others. */
export const planGroup = (state: LogState, drafts: Draft[]): GroupPlan => {
  const group = overlay(state, state.lastPosition);
  const events: StoredEvent[] = [];
  const outcomes = drafts.map((draft): AppendResult | WrongExpectedRevision => {
    const planned = planDraft(group, draft);
    if (planned instanceof WrongExpectedRevision) return planned;
    for (const event of planned.events) events.push(event);
    for (const [stream, revision] of planned.revisions) group.revisions.set(stream, revision);
    for (const [id, position] of planned.positions) group.positions.set(id, position);
    group.lastPosition += planned.events.length;
    return { position: String(planned.newest), stored: planned.events.length };
  });
  return { events, outcomes, revisions: group.revisions };
};
