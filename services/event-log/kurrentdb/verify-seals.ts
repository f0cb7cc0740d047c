import { genesisHash } from '../chain.ts';
import type { LogHead } from '../event-log.ts';
import type { StoredEvent } from '../stored-event.ts';
import { type ChainSource, type Seal, type Verdict, verifyChain } from '../verify-chain.ts';
import { type LogPosition, positionText } from './log-position.ts';
import type { Reader } from './reader.ts';
import { sealsStream } from './record.ts';
import { sealOf } from './seals.ts';

const eventsPerPage = 5_000;

export interface SealsVerdict extends Verdict {
  /** How many of the newest events no seal covers yet. */
  unsealed: number;
}

/** Stands for a seal that can't be read any more; its hash fits nothing. */
const broken = (after: number): Seal => ({ firstPosition: after + 1, lastPosition: after + 1, root: '', hash: '' });

/** Read once from the first to the last; "positions" are the numbers of the events, counted from 1. */
const createSource = (reader: Reader) => {
  const hashes = new Set<string>([genesisHash]);
  let nextSeal = 0;
  let read: LogPosition | null = null;
  const positions = new Map<number, LogPosition>();

  const source: ChainSource = {
    async sealsAfter(last, limit) {
      const records = await reader.stream(sealsStream, { from: nextSeal, maxCount: limit });
      nextSeal = Number(records.at(-1)?.revision ?? nextSeal - 1) + 1;
      let after = last;
      return records.map((record) => {
        const data = sealOf(record);
        const seal: Seal =
          data === undefined
            ? broken(after)
            : { firstPosition: data.firstEvent, lastPosition: data.lastEvent, root: data.root, hash: data.hash };
        after = seal.lastPosition;
        hashes.add(seal.hash);
        return seal;
      });
    },
    async eventsBetween(first, last) {
      const page = await reader.all(read, last - first + 1);
      read = page.end;
      positions.clear();
      return page.records.map(({ position, ...event }, index): StoredEvent => {
        positions.set(first + index, position);
        return { ...event, position: first + index };
      });
    },
    // Only a seal tells where the sealed part ends; what comes after it waits for the notary.
    firstUnsealed: async () => null,
  };

  return {
    source,
    hasHash: (hash: string): boolean => hashes.has(hash),
    positionOf(event: number): string | null {
      const position = positions.get(event);
      return position === undefined ? null : positionText(position);
    },
    async countRest(): Promise<number> {
      for (let count = 0; ; ) {
        const page = await reader.all(read, eventsPerPage);
        read = page.end;
        count += page.records.length;
        if (page.records.length < eventsPerPage) return count;
      }
    },
  };
};

/** Recomputes every seal. `expected` is a head that somebody kept: its seal must still be in the chain. */
export const verifySeals = async (reader: Reader, expected?: LogHead): Promise<SealsVerdict> => {
  const { source, hasHash, positionOf, countRest } = createSource(reader);
  const verdict = await verifyChain(source);
  const head: LogHead = { position: positionOf(verdict.events), hash: verdict.head.hash };
  if (!verdict.ok) {
    const brokenAt = positionOf(Number(verdict.brokenAt)) ?? verdict.brokenAt;
    const reason = `${verdict.reason} (events are counted from 1 in the order of the log)`;
    return { ...verdict, head, brokenAt, reason, unsealed: 0 };
  }
  const unsealed = await countRest();
  if (expected !== undefined && !hasHash(expected.hash)) {
    const reason = 'the head that was kept is not in the chain: its end was cut off, or it was written anew';
    return { ...verdict, ok: false, head, brokenAt: expected.position, reason, unsealed };
  }
  return { ...verdict, head, unsealed };
};
