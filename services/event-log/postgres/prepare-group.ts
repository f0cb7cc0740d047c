import { isoTime } from '../../runtime/clock.ts';
import { type Hash, seal, sealedParts } from '../chain.ts';
import { WrongExpectedRevision } from '../event-log.ts';
import { type GroupPlan, planGroup } from '../plan-group.ts';
import type { Shelf } from '../retention.ts';
import type { Draft } from '../stored-event.ts';
import type { Seal } from '../verify-chain.ts';
import type { EventBytes } from './draft-bytes.ts';
import type { Commit } from './recent-events.ts';
import { sealedRows } from './sealed-rows.ts';
import type { WriterSession } from './writer-session.ts';

export type ByteDraft = Draft<EventBytes>;

/** The log's end, behind which a group comes. */
export interface LogEnd {
  position: number;
  hash: string;
  /** -1 for a stream that doesn't exist. */
  revisionOf(stream: string): number;
}

/** A group with its place in the log, ready to be written. */
export interface PreparedGroup {
  /** Hash of the log's end that it was prepared for. */
  previousHash: string;
  outcomes: GroupPlan['outcomes'];
  /** Last revision of every stream that it writes to. */
  revisions: ReadonlyMap<string, number>;
  /** Left out where all of its events are known. */
  written?: { commit: Commit; seal: Seal; sealedAt: string };
}

export const sealOf = (
  previousHash: string,
  firstPosition: number,
  leaves: readonly Hash[],
  shelves: readonly Shelf[],
): Seal => {
  const { root, parts } = sealedParts(leaves, shelves);
  const stretch = { firstPosition, lastPosition: firstPosition + leaves.length - 1, root };
  return { ...stretch, parts, hash: seal(previousHash, stretch) };
};

/**
 * Decides what a group stores, and makes its rows and its seal. `known` are positions of its ids in the log; `undefined`
 * where nobody has looked, and then so is the answer if somebody must.
 */
export const prepareGroup = (
  end: LogEnd,
  drafts: readonly ByteDraft[],
  placeOf: WriterSession['placeOf'],
  nowMs: number,
  known?: ReadonlyMap<string, number>,
): PreparedGroup | undefined => {
  const { position: lastPosition, hash: previousHash, revisionOf } = end;
  const state = { lastPosition, revisionOf, positionOf: (id: string) => known?.get(id) };
  const { events, outcomes, revisions } = planGroup(state, drafts);
  // A wrong revision may be a repetition whose events are all known: the ids decide before anybody is refused.
  const refuses = outcomes.some((outcome) => outcome instanceof WrongExpectedRevision);
  if (known === undefined && refuses) return undefined;
  if (events.length === 0) return { previousHash, outcomes, revisions };
  const places = events.map(({ stream, event }) => placeOf(stream, event.id, nowMs));
  // No index would tell that such an id is known.
  if (known === undefined && places.some(({ mayStandElsewhere }) => mayStandElsewhere)) return undefined;
  const shelves = places.map(({ shelf }) => shelf);
  const { rows, leaves } = sealedRows(events, shelves);
  const sealed = sealOf(previousHash, lastPosition + 1, leaves, shelves);
  const types = new Set(events.map(({ event }) => event.type));
  const commit = { firstPosition: sealed.firstPosition, lastPosition: sealed.lastPosition, types, rows };
  return { previousHash, outcomes, revisions, written: { commit, seal: sealed, sealedAt: isoTime(nowMs) } };
};
