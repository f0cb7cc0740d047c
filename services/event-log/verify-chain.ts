import {
  genesisHash,
  type Hash,
  leafHash,
  memberTest,
  merkleRoot,
  type Part,
  rootOfParts,
  type Stretch,
  seal,
} from './chain.ts';
import type { LogHead } from './event-log.ts';
import { keptShelf, type Shelf } from './retention.ts';
import type { StoredEvent } from './stored-event.ts';

export interface Seal extends Stretch {
  hash: string;
  /** Left out or `null` where the whole commit stands on the kept shelf. */
  parts?: readonly Part[] | null;
}

export interface Verdict {
  ok: boolean;
  /** How many events were found to fit. */
  events: number;
  /** How many went with a month whose end of keeping is on record. */
  expired: number;
  /** The last head that fits. */
  head: LogHead;
  /** Position of the first event that doesn't fit, or where its stretch begins. */
  brokenAt: string | null;
  reason: string | null;
}

/** What the check reads; every read is a page. */
export interface ChainSource {
  /** Seals whose stretch begins after `position`, in order. */
  sealsAfter(position: number, limit: number): Promise<Seal[]>;
  /** Events from `first` to `last`, in order of position. */
  eventsBetween(first: number, last: number): Promise<StoredEvent[]>;
  /** Position of the first event that no seal covers. */
  firstUnsealed(): Promise<number | null>;
}

export interface Fault {
  brokenAt: number;
  reason: string;
}

/** An event as far as the check needs it. */
export interface HashedEvent {
  position: number;
  hash: Hash;
  /** `false` where its own checksum shows that it was changed, which names the one among those under a seal. */
  intact: boolean;
}

/** Events of a month that were dropped as a whole, by the record that the log keeps of it. */
export interface ExpiredShelf {
  shelf: Shelf;
  firstPosition: number;
  lastPosition: number;
}

const sealsPerPage = 500;
const eventsPerPage = 5_000;

export const faultOfSeal = (before: { position: number; hash: string }, next: Seal): Fault | undefined => {
  if (next.firstPosition !== before.position + 1 || next.lastPosition < next.firstPosition) {
    return { brokenAt: before.position + 1, reason: `the seal of position ${before.position + 1} is missing` };
  }
  const { parts } = next;
  if (next.hash !== seal(before.hash, next) || (parts != null && rootOfParts(parts) !== next.root)) {
    const reason = `the seal of positions ${next.firstPosition} to ${next.lastPosition} was changed, or one before it`;
    return { brokenAt: next.firstPosition, reason };
  }
  return undefined;
};

const changed = (at: HashedEvent[], { firstPosition, lastPosition }: Stretch): Fault => {
  const damaged = at.find(({ intact }) => !intact);
  if (damaged !== undefined || firstPosition === lastPosition) {
    const brokenAt = damaged?.position ?? firstPosition;
    return { brokenAt, reason: `an event at position ${brokenAt} was changed or moved after it was sealed` };
  }
  const reason = `an event at ${firstPosition} to ${lastPosition} was changed or moved after it was sealed`;
  return { brokenAt: at[0]?.position ?? firstPosition, reason };
};

/** The events of a stretch by their place in it, and a fault where a position is taken twice. */
const byPlace = ({ firstPosition, lastPosition }: Stretch, events: readonly HashedEvent[]) => {
  const places: (HashedEvent | undefined)[] = [];
  let index = 0;
  for (let position = firstPosition; position <= lastPosition; position += 1) {
    const event = events[index]?.position === position ? events[index] : undefined;
    places.push(event);
    if (event !== undefined) index += 1;
  }
  const over = events[index]?.position;
  const fault = over === undefined ? undefined : { brokenAt: over, reason: `position ${over} is taken twice` };
  return { places, fault };
};

/** Whether a month's end of keeping is on record for what stood on its shelf from `first` to `last`. */
const wentOnRecord = (expired: readonly ExpiredShelf[], shelf: Shelf, first: number, last: number): boolean =>
  shelf !== keptShelf &&
  expired.some((each) => each.shelf === shelf && each.firstPosition <= first && last <= each.lastPosition);

/** One part of a commit: all of it must fit, or have gone as a whole and on record. */
const checkPart = (
  next: Seal,
  part: Part,
  places: readonly (HashedEvent | undefined)[],
  expired: readonly ExpiredShelf[],
): Fault | { expired: number } => {
  const isMember = memberTest(part);
  const present: HashedEvent[] = [];
  const missing: number[] = [];
  for (const [place, event] of places.entries()) {
    if (!isMember(place)) continue;
    if (event === undefined) missing.push(next.firstPosition + place);
    else present.push(event);
  }
  if (missing.length === 0) {
    return merkleRoot(present.map(({ hash }) => hash)) === part.root ? { expired: 0 } : changed(present, next);
  }
  if (present.length === 0 && wentOnRecord(expired, part.shelf, missing[0]!, missing.at(-1)!)) {
    return { expired: missing.length };
  }
  return { brokenAt: missing[0]!, reason: `the event at position ${missing[0]} is missing` };
};

/** Holds the events of a stretch, in order of position, against its seal. Answers how many had gone on record. */
export const checkStretch = (
  next: Seal,
  events: readonly HashedEvent[],
  expired: readonly ExpiredShelf[] = [],
): Fault | { expired: number } => {
  const { places, fault } = byPlace(next, events);
  if (fault !== undefined) return fault;
  const parts = next.parts ?? [{ shelf: keptShelf, members: null, root: next.root }];
  let gone = 0;
  let first: Fault | undefined;
  for (const part of parts) {
    const outcome = checkPart(next, part, places, expired);
    if ('expired' in outcome) gone += outcome.expired;
    else if (first === undefined || outcome.brokenAt < first.brokenAt) first = outcome;
  }
  return first ?? { expired: gone };
};

/** Cuts a page of seals into runs whose events fit in memory; a single larger stretch is a run of its own. */
const runsOf = (seals: Seal[]): Seal[][] => {
  const runs: Seal[][] = [];
  for (const next of seals) {
    const run = runs.at(-1);
    if (run !== undefined && next.lastPosition - run[0]!.firstPosition < eventsPerPage) run.push(next);
    else runs.push([next]);
  }
  return runs;
};

/** `seen` is the hash that the chain has at the position of a head that somebody kept. */
export const faultOfHead = (expected: LogHead, seen: string | undefined, lastPosition: number): Fault | undefined => {
  if (expected.position === null) return undefined;
  const position = Number(expected.position);
  if (position > lastPosition) {
    const reason = `the log ends at position ${lastPosition}, the head that was kept is ${position}: its end was cut off`;
    return { brokenAt: lastPosition + 1, reason };
  }
  if (seen === expected.hash) return undefined;
  return { brokenAt: position, reason: `the head at position ${position} is not the one that was kept` };
};

/** How far a check has come. */
export interface Progress {
  position: number;
  hash: string;
  expired: number;
}

export const startOfLog = (): Progress => ({ position: 0, hash: genesisHash, expired: 0 });

export const verdictOf = ({ position, hash, expired }: Progress, fault: Fault | undefined): Verdict => ({
  ok: fault === undefined,
  events: position - expired,
  expired,
  head: { position: position === 0 ? null : String(position), hash },
  brokenAt: fault === undefined ? null : String(fault.brokenAt),
  reason: fault?.reason ?? null,
});

/** Holds a run of seals against its events, both in order, and moves `at` on. Answers the first fault. */
export const checkRun = (
  at: Progress,
  run: readonly Seal[],
  events: readonly HashedEvent[],
  expired: readonly ExpiredShelf[] = [],
): Fault | undefined => {
  let index = 0;
  for (const next of run) {
    const start = index;
    while (index < events.length && events[index]!.position <= next.lastPosition) index += 1;
    const fault = faultOfSeal(at, next);
    if (fault !== undefined) return fault;
    const outcome = checkStretch(next, events.slice(start, index), expired);
    if (!('expired' in outcome)) return outcome;
    at.expired += outcome.expired;
    at.position = next.lastPosition;
    at.hash = next.hash;
  }
  return undefined;
};

const hashed = (event: StoredEvent): HashedEvent => ({ position: event.position, hash: leafHash(event), intact: true });

/**
 * Recomputes every seal from the events. A rewritten chain and a cut-off end show only against an `expected` head that
 * somebody else keeps.
 */
export const verifyChain = async (source: ChainSource, expected?: LogHead): Promise<Verdict> => {
  const at = startOfLog();
  let hashAtExpected: string | undefined;
  for (;;) {
    const seals = await source.sealsAfter(at.position, sealsPerPage);
    if (seals.length === 0) break;
    for (const run of runsOf(seals)) {
      const events = await source.eventsBetween(run[0]!.firstPosition, run.at(-1)!.lastPosition);
      const fault = checkRun(at, run, events.map(hashed));
      if (fault !== undefined) return verdictOf(at, fault);
      const kept = run.find(({ lastPosition }) => String(lastPosition) === expected?.position);
      if (kept !== undefined) hashAtExpected = kept.hash;
    }
  }
  const unsealed = await source.firstUnsealed();
  if (unsealed !== null) return verdictOf(at, { brokenAt: unsealed, reason: `no seal covers position ${unsealed}` });
  return verdictOf(at, expected && faultOfHead(expected, hashAtExpected, at.position));
};
