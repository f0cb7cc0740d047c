import { type Hash, hexOf, leafHash, placesOf, seal } from './chain.ts';
import { type GatheredRun, type Gathering, gathering, runHash, sealsGatheredType } from './gathering.ts';
import { logStream } from './log-stream.ts';
import { hashOf, rootFromProof } from './merkle-proof.ts';
import type { CommitLine, EventLine, ProofLine } from './proof-lines.ts';
import { partsOf, rootOfSealedParts, type SealedParts } from './sealed-parts.ts';

type Line<Kind extends ProofLine['kind']> = Extract<ProofLine, { kind: Kind }>;

/** More than any commit holds: a bundle can't make whoever checks it count for ever. */
const commitEventsMax = 1_000_000;

/** Whether leaves and siblings lead to a root, hex. */
const leadTo = (
  root: string,
  size: number,
  leaves: readonly (readonly [place: number, hash: Hash])[],
  siblings: readonly string[],
): boolean => {
  const found = rootFromProof(size, leaves, siblings.map(hashOf));
  return found !== undefined && hexOf(found) === root;
};

const sealedParts = ({ parts }: CommitLine): SealedParts =>
  Array.isArray(parts) ? parts.map(([shelf, members, root]) => ({ shelf, members, root })) : parts;

/** Why the events of a commit don't lead to its root; `undefined` where all of them do. */
const faultOfEvents = (commit: CommitLine, events: ReadonlyMap<number, EventLine>): string | undefined => {
  const stretch = { firstPosition: commit.first, lastPosition: commit.last, root: commit.root };
  const parts = partsOf(sealedParts(commit), stretch);
  let shown = 0;
  for (const { part, siblings } of commit.paths) {
    const own = parts[part];
    if (own === undefined) return `the commit has no part ${part}`;
    const places = placesOf(own, stretch);
    const leaves = [...places.entries()].flatMap(([index, place]): [number, Hash][] => {
      const event = events.get(commit.first + place);
      return event === undefined ? [] : [[index, leafHash(event)]];
    });
    if (!leadTo(own.root, places.length, leaves, siblings)) {
      return `the events don't lead to the root of the commit of positions ${commit.first} to ${commit.last}`;
    }
    shown += leaves.length;
  }
  const isAll = shown === events.size && new Set(commit.paths.map(({ part }) => part)).size === commit.paths.length;
  return isAll ? undefined : 'not every event has a path, or one has two';
};

/** The chain of the newest seals, link by link up to the head. */
const createLinks = (head: { position: number; hash: string }, proven: Set<string>) => {
  let at: { position: number; hash: string } | undefined;
  return {
    take({ after, previous, seals }: Line<'links'>): string | undefined {
      if (at !== undefined && (at.position !== after || at.hash !== previous)) return 'the links have a gap before it';
      at = { position: after, hash: previous };
      for (const [lastPosition, root] of seals) {
        const firstPosition: number = at.position + 1;
        if (lastPosition < firstPosition) return `the link of position ${lastPosition} runs backwards`;
        at = { position: lastPosition, hash: seal(at.hash, { firstPosition, lastPosition, root }) };
        proven.add(at.hash);
      }
      return undefined;
    },
    /** Nothing rests on them before they have come to the head. */
    fault: (): string | undefined =>
      at?.position === head.position && at.hash === head.hash
        ? undefined
        : `the links don't lead to the head ${head.position}:${head.hash}`,
  };
};

/** What the newest gathering says of the seals before the links. */
const createRuns = (proven: Set<string>) => {
  const gatherings = new Map<string, Gathering>();
  const runs = new Map<number, GatheredRun>();
  return {
    note({ type, stream, position, data }: EventLine): void {
      if (type !== sealsGatheredType || stream !== logStream) return;
      const parsed = gathering.safeParse(JSON.parse(data));
      if (parsed.success) gatherings.set(position, parsed.data);
    },
    takeRuns(line: Line<'runs'>): string | undefined {
      const said = gatherings.get(String(line.gathering));
      if (said === undefined) return `the gathering at position ${line.gathering} was not shown before`;
      const leaves = line.runs.map(([place, run]) => [place, runHash(run)] as const);
      if (!leadTo(said.allRuns, said.runs, leaves, line.siblings)) return 'the runs are not those of the gathering';
      for (const [place, run] of line.runs) runs.set(place, run);
      return undefined;
    },
    takeRun(line: Line<'run'>): string | undefined {
      const run = runs.get(line.run);
      if (run === undefined) return `run ${line.run} is not among the runs`;
      const leaves = line.seals.map(([place, hash]) => [place, hashOf(hash)] as const);
      if (!leadTo(run.root, run.seals, leaves, line.siblings)) return `the seals are not those of run ${line.run}`;
      for (const [, hash] of line.seals) proven.add(hash);
      return undefined;
    },
  };
};

/** Follows the lines of a proof to the head that it is shown against. Every answer is why the line doesn't hold. */
export const createProofCheck = (head: { position: number; hash: string }) => {
  const proven = new Set<string>();
  const links = createLinks(head, proven);
  const runs = createRuns(proven);
  let [events, commits] = [0, 0];
  let open: { commit: CommitLine; events: Map<number, EventLine> } | undefined;

  const takeCommit = (commit: CommitLine): string | undefined => {
    const { first, last, root, previous } = commit;
    const parts = sealedParts(commit);
    if (last < first || last - first >= commitEventsMax) return 'no commit reaches so far';
    if (parts !== null && rootOfSealedParts(parts) !== root) return "the parts don't lead to the root";
    if (!proven.has(seal(previous, { firstPosition: first, lastPosition: last, root }))) {
      return `nothing shows that the seal of positions ${first} to ${last} lies before the head`;
    }
    open = { commit, events: new Map() };
    return undefined;
  };
  const takeEvent = (event: EventLine): string | undefined => {
    if (open === undefined) return 'the event belongs to no commit';
    const position = Number(event.position);
    const { commit } = open;
    const isInside = /^[1-9]\d*$/.test(event.position) && position >= commit.first && position <= commit.last;
    if (!isInside || open.events.has(position))
      return `position ${event.position} is not one of its commit's, or twice`;
    open.events.set(position, event);
    if (open.events.size < commit.events) return undefined;
    const fault = faultOfEvents(commit, open.events);
    if (fault !== undefined) return fault;
    for (const each of open.events.values()) runs.note(each);
    [events, commits, open] = [events + open.events.size, commits + 1, undefined];
    return undefined;
  };
  const afterLinks = (line: Exclude<ProofLine, Line<'links'>>): string | undefined => {
    const fault = links.fault();
    if (fault !== undefined) return fault;
    if (line.kind === 'event') return takeEvent(line);
    if (open !== undefined) return 'events of the commit before it are missing';
    if (line.kind === 'commit') return takeCommit(line);
    return line.kind === 'runs' ? runs.takeRuns(line) : runs.takeRun(line);
  };
  return {
    take: (line: ProofLine): string | undefined => (line.kind === 'links' ? links.take(line) : afterLinks(line)),
    end: (): string | undefined =>
      links.fault() ?? (open === undefined ? undefined : 'events of the last commit are missing'),
    /** Whether the chain is shown to have had that head. */
    covers: (hash: string): boolean => proven.has(hash),
    /** What was shown so far. */
    counts: () => ({ events, commits }),
  };
};

export type ProofCheck = ReturnType<typeof createProofCheck>;
