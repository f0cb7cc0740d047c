import { genesisHash, rootOf, type Stretch, seal } from './chain.ts';
import type { LogHead } from './event-log.ts';
import type { StoredEvent } from './stored-event.ts';

export interface Seal extends Stretch {
  hash: string;
}

export interface Verdict {
  ok: boolean;
  /** How many events were found to fit. */
  events: number;
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

interface Fault {
  brokenAt: number;
  reason: string;
}

const sealsPerPage = 500;
const eventsPerPage = 5_000;

const faultOfSeal = (before: { position: number; hash: string }, next: Seal): Fault | undefined => {
  if (next.firstPosition !== before.position + 1 || next.lastPosition < next.firstPosition) {
    return { brokenAt: before.position + 1, reason: `the seal of position ${before.position + 1} is missing` };
  }
  if (next.hash !== seal(before.hash, next)) {
    const reason = `the seal of positions ${next.firstPosition} to ${next.lastPosition} was changed, or one before it`;
    return { brokenAt: next.firstPosition, reason };
  }
  return undefined;
};

const faultOfEvents = ({ firstPosition, lastPosition, root }: Seal, events: StoredEvent[]): Fault | undefined => {
  for (let position = firstPosition; position <= lastPosition; position += 1) {
    if (events[position - firstPosition]?.position !== position) {
      return { brokenAt: position, reason: `the event at position ${position} is missing` };
    }
  }
  if (rootOf(events) === root) return undefined;
  const where =
    firstPosition === lastPosition ? `at position ${firstPosition}` : `at ${firstPosition} to ${lastPosition}`;
  return { brokenAt: firstPosition, reason: `an event ${where} was changed or moved after it was sealed` };
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

const faultOfHead = (expected: LogHead, seen: string | undefined, lastPosition: number): Fault | undefined => {
  if (expected.position === null) return undefined;
  const position = Number(expected.position);
  if (position > lastPosition) {
    const reason = `the log ends at position ${lastPosition}, the head that was kept is ${position}: its end was cut off`;
    return { brokenAt: lastPosition + 1, reason };
  }
  if (seen === expected.hash) return undefined;
  return { brokenAt: position, reason: `the head at position ${position} is not the one that was kept` };
};

/**
 * Recomputes every seal from the events. A rewritten chain and a cut-off end show only against an `expected` head that
 * somebody else keeps.
 */
export const verifyChain = async (source: ChainSource, expected?: LogHead): Promise<Verdict> => {
  const head = { position: 0, hash: genesisHash };
  let hashAtExpected: string | undefined;
  const verdict = (fault: Fault | undefined): Verdict => ({
    ok: fault === undefined,
    events: head.position,
    head: { position: head.position === 0 ? null : String(head.position), hash: head.hash },
    brokenAt: fault === undefined ? null : String(fault.brokenAt),
    reason: fault?.reason ?? null,
  });
  for (;;) {
    const seals = await source.sealsAfter(head.position, sealsPerPage);
    if (seals.length === 0) break;
    for (const run of runsOf(seals)) {
      const first = run[0]!.firstPosition;
      const events = await source.eventsBetween(first, run.at(-1)!.lastPosition);
      let index = 0;
      for (const next of run) {
        const start = index;
        while (index < events.length && events[index]!.position <= next.lastPosition) index += 1;
        const fault = faultOfSeal(head, next) ?? faultOfEvents(next, events.slice(start, index));
        if (fault !== undefined) return verdict(fault);
        head.position = next.lastPosition;
        head.hash = next.hash;
        if (String(head.position) === expected?.position) hashAtExpected = head.hash;
      }
    }
  }
  const unsealed = await source.firstUnsealed();
  if (unsealed !== null) return verdict({ brokenAt: unsealed, reason: `no seal covers position ${unsealed}` });
  return verdict(expected && faultOfHead(expected, hashAtExpected, head.position));
};
