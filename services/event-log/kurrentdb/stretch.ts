import { isoTime } from '../../runtime/clock.ts';
import { eventHash, merkleRoot, seal } from '../chain.ts';
import { expires } from '../retention.ts';
import { bitsOf, type PartsByAge, rootOfPartsByAge } from '../sealed-parts.ts';
import { positionText } from './log-position.ts';
import type { OwnRecord } from './record.ts';
import type { LastSeal, SealData } from './seals.ts';

/**
 * Longest time between the events of a stretch that may expire. Only a stretch all of whose telemetry is past the
 * retention may lack some, so a stretch of weeks would look tampered with while its older half has gone by right.
 */
const longestSpanMs = 3_600_000;

/** The events that were read and not sealed yet. */
export const createStretch = (after: LastSeal) => {
  const kept: Buffer[] = [];
  const expiring: Buffer[] = [];
  const mayExpire: boolean[] = [];
  let [first, last]: (OwnRecord | undefined)[] = [];
  let sinceMs = 0;
  let [oldestMs, newestMs] = [Number.POSITIVE_INFINITY, 0];

  /** `undefined` where nothing may expire. */
  const parts = (): PartsByAge | undefined =>
    expiring.length === 0
      ? undefined
      : {
          kept: kept.length === 0 ? null : merkleRoot(kept),
          expiring: merkleRoot(expiring),
          places: bitsOf(mayExpire),
          newest: isoTime(newestMs),
        };

  const addOne = (record: OwnRecord, nowMs: number): boolean => {
    const may = expires(record.stream);
    // Where the server doesn't say, it was written by now at the latest.
    const writtenMs = record.createdMs > 0 ? record.createdMs : nowMs;
    if (may && expiring.length > 0 && Math.abs(writtenMs - oldestMs) > longestSpanMs) return false;
    if (mayExpire.length === 0) [first, sinceMs] = [record, nowMs];
    last = record;
    mayExpire.push(may);
    (may ? expiring : kept).push(eventHash(record));
    if (may) [oldestMs, newestMs] = [Math.min(oldestMs, writtenMs), Math.max(newestMs, writtenMs)];
    return true;
  };

  return {
    after,
    get count(): number {
      return mayExpire.length;
    },
    get sinceMs(): number {
      return sinceMs;
    },
    /** `false` when it took in only those before one that belongs to the next stretch. */
    add(records: readonly OwnRecord[], nowMs: number): boolean {
      for (const record of records) {
        if (!addOne(record, nowMs)) return false;
      }
      return true;
    },
    seal(nowMs: number): SealData {
      const inParts = parts();
      const stretch = {
        firstPosition: after.lastEvent + 1,
        lastPosition: after.lastEvent + mayExpire.length,
        root: inParts === undefined ? merkleRoot(kept) : rootOfPartsByAge(inParts),
      };
      return {
        firstEvent: stretch.firstPosition,
        lastEvent: stretch.lastPosition,
        firstPosition: positionText(first!.position),
        lastPosition: positionText(last!.position),
        ...(inParts === undefined ? {} : { parts: inParts }),
        root: stretch.root,
        hash: seal(after.hash, stretch),
        sealedAt: isoTime(nowMs),
      };
    },
  };
};
