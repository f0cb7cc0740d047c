import { genesisHash, type Hash, hexOf, leafHash, merkleRoot, placesOf, type Stretch } from './chain.ts';
import type { Position } from './event.ts';
import { type GatheredRun, type Gathering, runHash, sealLeaves } from './gathering.ts';
import { proofOf } from './merkle-proof.ts';
import type { CommitLine, EventLine, ProofLine } from './proof-lines.ts';
import { isByShelf, partsOf, type SealedParts } from './sealed-parts.ts';
import { positionNumber, type StoredEvent } from './stored-event.ts';

export interface RecordedGathering {
  position: Position;
  gathering: Gathering;
}

export interface ProvableSeal extends Stretch {
  hash: string;
  /** Left out or `null` where the root is of the events themselves. */
  parts?: SealedParts;
}

/** Of the chain: how many events it covers, and its hash. */
export interface ChainHead {
  position: number;
  hash: string;
}

/**
 * What a proof reads of a log that seals its events, in which they are counted from 1 without gaps. In some logs that
 * number is the position; in others it is known once the event is sealed.
 */
export interface SealedLog {
  /** A head that covers everything that was in the log by now; `null` while there is nothing. */
  head(): Promise<ChainHead | null>;
  /** How many events a head covers that the log told with this position; several where it may have been one or another. */
  headsAt(position: Position): Promise<number[]>;
  /** The numbers of events by their positions; left out of what can't be shown, because it isn't sealed or is expiring. */
  numbersOf(positions: readonly Position[]): Promise<ReadonlyMap<Position, number>>;
  /** Seals whose stretch begins after `position`, in order. */
  sealsAfter(position: number, limit: number): Promise<ProvableSeal[]>;
  /** The chain's hash of the seal that ends at `position`. */
  hashAt(position: number): Promise<string | undefined>;
  /** The events of some stretches that are still there, in order of position. */
  eventsOf(stretches: readonly Stretch[]): Promise<StoredEvent[]>;
  /** What the log said of its seals, in order. */
  gatherings(): Promise<RecordedGathering[]>;
}

/** Of a log whose positions are the numbers. */
export const numberedByPosition: Pick<SealedLog, 'headsAt' | 'numbersOf'> = {
  headsAt: async (position) => [positionNumber(position)],
  numbersOf: async (positions) => new Map(positions.map((position) => [position, positionNumber(position)])),
};

/** Thrown where the log can't show what it is asked for: it doesn't fit its own seals. */
export class UnprovableEvent extends Error {
  readonly code = 'event-log.unprovable-event';
  constructor(readonly position: number) {
    super(`the event at position ${position} doesn't fit the log's seals: npm run log -- verify tells more`);
  }
}

interface LinkedSeal extends ProvableSeal {
  previous: string;
}

const sealsPerPage = 500;
const eventsPerRead = 5_000;

/** The chain's hash after the last seal that ends there. */
const hashAfter = async (log: SealedLog, position: number): Promise<string> => {
  const hash = position === 0 ? genesisHash : await log.hashAt(position);
  if (hash === undefined) throw new UnprovableEvent(position);
  return hash;
};

const eventLineOf = ({ position, id, stream, revision, type, data, meta }: StoredEvent): EventLine => ({
  ...{ kind: 'event', position: String(position), id, stream, revision, type, data, meta },
});

const partsLine = (parts: SealedParts): CommitLine['parts'] =>
  parts === null || !isByShelf(parts) ? parts : parts.map(({ shelf, members, root }) => [shelf, members, root]);

/** A commit with those of its events that are wanted. */
const commitLines = (sealed: LinkedSeal, events: readonly StoredEvent[], isWanted: (position: number) => boolean) => {
  const { firstPosition, lastPosition, previous, root, parts = null } = sealed;
  const byPosition = new Map(events.map((event) => [event.position, event]));
  const wanted = events.filter(({ position }) => isWanted(position));
  const paths = partsOf(parts, sealed).flatMap((part, index): CommitLine['paths'] => {
    const positions = placesOf(part, sealed).map((place) => firstPosition + place);
    const places = [...positions.keys()].filter((place) => isWanted(positions[place]!));
    if (places.length === 0) return [];
    const leaves = positions.map((position): Hash => {
      const event = byPosition.get(position);
      if (event === undefined) throw new UnprovableEvent(position);
      return leafHash(event);
    });
    if (merkleRoot(leaves) !== part.root) throw new UnprovableEvent(positions[places[0]!]!);
    return [{ part: index, siblings: proofOf(leaves, places).map(hexOf) }];
  });
  const commit: CommitLine = {
    ...{ kind: 'commit', previous, first: firstPosition, last: lastPosition, root },
    ...{ parts: partsLine(parts), paths, events: wanted.length },
  };
  return [commit, ...wanted.map(eventLineOf)];
};

async function* provenCommits(
  log: SealedLog,
  seals: readonly LinkedSeal[],
  isWanted: (position: number) => boolean,
): AsyncGenerator<ProofLine> {
  const sizeOf = ({ firstPosition, lastPosition }: Stretch): number => lastPosition - firstPosition + 1;
  for (let from = 0; from < seals.length; ) {
    let [to, size] = [from, 0];
    while (to < seals.length && (to === from || size + sizeOf(seals[to]!) <= eventsPerRead)) {
      size += sizeOf(seals[to]!);
      to += 1;
    }
    const page = seals.slice(from, to);
    const events = await log.eventsOf(page);
    let at = 0;
    for (const sealed of page) {
      const start = at;
      while (at < events.length && events[at]!.position <= sealed.lastPosition) at += 1;
      yield* commitLines(sealed, events.slice(start, at), isWanted);
    }
    from = to;
  }
}

/** Picks, from seals that come in order, those that hold a position which is wanted. */
const createPicker = (positions: readonly number[]) => {
  let next = 0;
  return ({ firstPosition, lastPosition }: Omit<Stretch, 'root'>): boolean => {
    while (next < positions.length && positions[next]! < firstPosition) next += 1;
    return next < positions.length && positions[next]! <= lastPosition;
  };
};

async function* linksTo(
  log: SealedLog,
  { after, previous, end }: { after: number; previous: string; end: number },
  take: (sealed: LinkedSeal) => void,
): AsyncGenerator<ProofLine> {
  let at = { position: after, hash: previous };
  while (at.position < end) {
    const seals = (await log.sealsAfter(at.position, sealsPerPage)).filter(({ lastPosition }) => lastPosition <= end);
    if (seals.length === 0) throw new UnprovableEvent(at.position + 1);
    const start = at;
    for (const each of seals) {
      take({ ...each, previous: at.hash });
      at = { position: each.lastPosition, hash: each.hash };
    }
    const links = seals.map(({ lastPosition, root }): [number, string] => [lastPosition, root]);
    yield { kind: 'links', after: start.position, previous: start.hash, seals: links };
  }
}

async function* gatheredCommits(
  log: SealedLog,
  gathered: { position: number; runs: readonly GatheredRun[] },
  { positions, held }: { positions: readonly number[]; held: readonly number[] },
): AsyncGenerator<ProofLine> {
  const { runs } = gathered;
  const wanted = new Set(positions);
  const isNeeded = createPicker([...new Set([...positions, ...held])].sort((left, right) => left - right));
  // A run reads like one long seal: needed where it holds a position.
  const needed = [...runs.keys()].filter((index) => {
    const { after, through } = runs[index]!;
    return isNeeded({ firstPosition: after + 1, lastPosition: through });
  });
  yield {
    kind: 'runs',
    gathering: gathered.position,
    runs: needed.map((index) => {
      const { after, through, seals, root } = runs[index]!;
      return [index, { after, through, seals, root }];
    }),
    siblings: proofOf(runs.map(runHash), needed).map(hexOf),
  };
  for (const index of needed) {
    const { after, seals: count } = runs[index]!;
    const seals = await log.sealsAfter(after, count);
    const holdsWanted = createPicker(positions);
    const holdsHeld = createPicker(held);
    const kept: LinkedSeal[] = [];
    const places: number[] = [];
    let previous = await hashAfter(log, after);
    for (const [place, each] of seals.entries()) {
      const [isWanted, isHeld] = [holdsWanted(each), holdsHeld(each)];
      if (isWanted || isHeld) places.push(place);
      if (isWanted) kept.push({ ...each, previous });
      previous = each.hash;
    }
    yield {
      kind: 'run',
      run: index,
      seals: places.map((place) => [place, seals[place]!.hash]),
      siblings: proofOf(sealLeaves(seals), places).map(hexOf),
    };
    yield* provenCommits(log, kept, (position) => wanted.has(position));
  }
}

/** All runs that the newest gathering before a head tells of, and where that gathering stands. */
const gatheredBefore = async (log: SealedLog, head: ChainHead) => {
  for (const gatherings = await log.gatherings(); gatherings.length > 0; gatherings.pop()) {
    const newest = gatherings.at(-1)!;
    const position = (await log.numbersOf([newest.position])).get(newest.position);
    if (position === undefined || position > head.position) continue;
    return { position, runs: gatherings.map(({ gathering }) => gathering) };
  }
  return undefined;
};

export interface ProofRequest {
  /** The head that it is shown against. */
  head: ChainHead;
  /** Of the events. */
  positions: readonly number[];
  /** Of older heads that somebody holds: that they lie before `head` is shown too. */
  held?: readonly number[];
}

/**
 * Shows that events stand in the log as they are told: the path from each to its commit's seal, and from there by the
 * newest gathering, or seal by seal, to the head.
 */
export async function* proveEvents(log: SealedLog, request: ProofRequest): AsyncGenerator<ProofLine> {
  const { head } = request;
  const ascending = (positions: readonly number[]): number[] =>
    [...new Set(positions)].filter((each) => each <= head.position).sort((left, right) => left - right);
  const [positions, held] = [ascending(request.positions), ascending(request.held ?? [])];
  const gathered = await gatheredBefore(log, head);
  const through = gathered?.runs.at(-1)?.through ?? 0;
  const older = {
    positions: positions.filter((each) => each <= through),
    held: held.filter((each) => each <= through),
  };
  const isGathered = gathered !== undefined && older.positions.length + older.held.length > 0;
  const recent = ascending([...positions.filter((each) => each > through), ...(isGathered ? [gathered.position] : [])]);
  const isRecent = createPicker(recent);
  const kept: LinkedSeal[] = [];
  const previous = await hashAfter(log, through);
  yield* linksTo(log, { after: through, previous, end: head.position }, (each) => {
    if (isRecent(each)) kept.push(each);
  });
  const wanted = new Set(recent);
  yield* provenCommits(log, kept, (position) => wanted.has(position));
  if (isGathered) yield* gatheredCommits(log, gathered, older);
}
