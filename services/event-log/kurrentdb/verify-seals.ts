import { eventHash, genesisHash, merkleRoot, seal as sealHash } from '../chain.ts';
import type { LogHead } from '../event-log.ts';
import { expires } from '../retention.ts';
import { bitsOf, mayExpireIn, type PartsByAge, rootOfPartsByAge } from '../sealed-parts.ts';
import type { Verdict } from '../verify-chain.ts';
import { comparePositions, parsePosition, positionText } from './log-position.ts';
import type { Reader } from './reader.ts';
import { type OwnRecord, sealsStream } from './record.ts';
import { type SealData, sealOf } from './seals.ts';

const eventsPerPage = 5_000;
const sealsPerPage = 500;
const dayMs = 86_400_000;

export interface SealsVerdict extends Verdict {
  /** How many of the newest events no seal covers yet. */
  unsealed: number;
}

export interface Retention {
  nowMs: number;
  /** 0: nothing ever expires. */
  retentionDays: number;
}

/** The log's events in their order, handed out by the stretch. */
const createEvents = (reader: Reader) => {
  let waiting: OwnRecord[] = [];
  let read: Awaited<ReturnType<Reader['all']>>['end'] = null;
  let isAtEnd = false;
  const fill = async (): Promise<void> => {
    const page = await reader.all(read, eventsPerPage);
    read = page.end;
    isAtEnd = page.records.length < eventsPerPage;
    waiting = [...waiting, ...page.records];
  };
  return {
    async upTo(position: string): Promise<OwnRecord[]> {
      const last = parsePosition(position);
      const isBeyond = (record: OwnRecord): boolean => comparePositions(record.position, last) > 0;
      while (!isAtEnd && !(waiting.length > 0 && isBeyond(waiting.at(-1)!))) await fill();
      const end = waiting.findIndex(isBeyond);
      return waiting.splice(0, end < 0 ? waiting.length : end);
    },
    async next(): Promise<OwnRecord | undefined> {
      if (waiting.length === 0 && !isAtEnd) await fill();
      return waiting[0];
    },
    async countRest(): Promise<number> {
      let count = 0;
      for (;;) {
        count += waiting.length;
        waiting = [];
        if (isAtEnd) return count;
        await fill();
      }
    },
  };
};

/** How a stretch doesn't fit its seal, or how many of its events have expired. */
type Finding = { reason: string } | { expired: number };

const span = ({ firstEvent, lastEvent }: SealData): string => `events ${firstEvent} to ${lastEvent}`;

const rootOf = (records: readonly OwnRecord[]): string | null =>
  records.length === 0 ? null : merkleRoot(records.map(eventHash));

const missing = (seal: SealData, count: number): Finding => ({
  reason: `of ${span(seal)} ${count} ${count === 1 ? 'is' : 'are'} missing`,
});
const added = (seal: SealData): Finding => ({ reason: `among ${span(seal)} one was put in after they were sealed` });
const changed = (seal: SealData): Finding => ({
  reason: `of ${span(seal)} one was changed or moved after it was sealed`,
});

const findingOfParts = (
  seal: SealData,
  parts: PartsByAge,
  records: readonly OwnRecord[],
  { nowMs, retentionDays }: Retention,
): Finding => {
  const mayExpire = records.map(({ stream }) => expires(stream));
  const kept = records.filter((_, place) => !mayExpire[place]);
  const expiring = records.filter((_, place) => mayExpire[place]);
  const sealed = seal.lastEvent - seal.firstEvent + 1;
  const expiringSealed = mayExpireIn(parts, sealed).filter(Boolean).length;
  const keptSealed = sealed - expiringSealed;
  if (kept.length > keptSealed || expiring.length > expiringSealed) return added(seal);
  if (kept.length < keptSealed) return missing(seal, keptSealed - kept.length);
  if (rootOf(kept) !== parts.kept) return changed(seal);
  if (expiring.length === expiringSealed) {
    const fits = rootOf(expiring) === parts.expiring && bitsOf(mayExpire) === parts.places;
    return fits ? { expired: 0 } : changed(seal);
  }
  const mayBeGone = retentionDays > 0 && Date.parse(parts.newest) < nowMs - retentionDays * dayMs;
  // Some may still be there, until the server has been through all of its files: without the others they tell nothing.
  return mayBeGone ? { expired: expiringSealed } : missing(seal, expiringSealed - expiring.length);
};

const findingOf = (seal: SealData, records: readonly OwnRecord[], retention: Retention): Finding => {
  if (seal.parts !== undefined) return findingOfParts(seal, seal.parts, records, retention);
  const sealed = seal.lastEvent - seal.firstEvent + 1;
  if (records.length > sealed) return added(seal);
  if (records.length < sealed) return missing(seal, sealed - records.length);
  return rootOf(records) === seal.root ? { expired: 0 } : changed(seal);
};

/** Whether the seal follows on the one before and says what it said then. */
const isWhole = (seal: SealData | undefined, before: { lastEvent: number; hash: string }): seal is SealData =>
  seal !== undefined &&
  seal.firstEvent === before.lastEvent + 1 &&
  seal.lastEvent >= seal.firstEvent &&
  (seal.parts === undefined || seal.root === rootOfPartsByAge(seal.parts)) &&
  seal.hash ===
    sealHash(before.hash, { firstPosition: seal.firstEvent, lastPosition: seal.lastEvent, root: seal.root });

async function* sealsOf(reader: Reader): AsyncGenerator<SealData | undefined, void, undefined> {
  for (let from = 0; ; ) {
    const records = await reader.stream(sealsStream, { from, maxCount: sealsPerPage });
    for (const record of records) yield sealOf(record);
    if (records.length < sealsPerPage) return;
    from = Number(records.at(-1)!.revision) + 1;
  }
}

/** Recomputes every seal. `heads` were kept by somebody: the seal of each must still be in the chain. */
export const verifySeals = async (
  reader: Reader,
  retention: Retention,
  heads: readonly LogHead[],
): Promise<SealsVerdict> => {
  const events = createEvents(reader);
  let head = { lastEvent: 0, hash: genesisHash, position: null as string | null };
  const hashes = new Set([head.hash]);
  let expired = 0;
  const verdict = (fault: { brokenAt: string | null; reason: string } | undefined, unsealed = 0): SealsVerdict => ({
    ok: fault === undefined,
    events: head.lastEvent - expired,
    expired,
    head: { position: head.position, hash: head.hash },
    brokenAt: fault?.brokenAt ?? null,
    reason: fault?.reason ?? null,
    unsealed,
  });
  const broken = (record: OwnRecord | undefined, reason: string): SealsVerdict =>
    verdict({
      brokenAt: record === undefined ? String(head.lastEvent + 1) : positionText(record.position),
      reason: `${reason} (events are counted from 1 in the order of the log)`,
    });

  for await (const seal of sealsOf(reader)) {
    if (!isWhole(seal, head)) {
      const reason = `the seal of event ${head.lastEvent + 1} is missing or was changed, or one before it`;
      return broken(await events.next(), reason);
    }
    const first = await events.next();
    const finding = findingOf(seal, await events.upTo(seal.lastPosition), retention);
    if ('reason' in finding) return broken(first, finding.reason);
    expired += finding.expired;
    head = { lastEvent: seal.lastEvent, hash: seal.hash, position: seal.lastPosition };
    hashes.add(seal.hash);
  }
  const unsealed = await events.countRest();
  const lost = heads.find(({ hash }) => !hashes.has(hash));
  if (lost === undefined) return verdict(undefined, unsealed);
  const reason = 'the head that was kept is not in the chain: its end was cut off, or it was written anew';
  return verdict({ brokenAt: lost.position, reason }, unsealed);
};
