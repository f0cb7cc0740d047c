import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../runtime/clock.ts';
import { parsePosition } from './log-position.ts';
import type { Reader } from './reader.ts';
import { type OwnRecord, sealsStream } from './record.ts';
import { type LastSeal, lastSeal, sealType } from './seals.ts';
import type { Sender } from './sender.ts';
import { serverErrorKind } from './server-error.ts';
import { createStretch } from './stretch.ts';

const pageSize = 1_000;
const idleMs = 1_000;
const retryMs = 5_000;

export interface NotaryOptions {
  /** Largest stretch under one seal. */
  everyEvents?: number;
  /** Longest that an event waits for its seal. */
  everySeconds?: number;
}

interface SealerParts extends Pick<NotaryOptions, 'everyEvents'> {
  reader: Reader;
  sender: Sender;
  clock: Clock;
}

interface NotaryParts extends SealerParts, NotaryOptions {
  closed: AbortSignal;
}

export interface Notary {
  /** Reads to the end of the log and seals it. */
  sealNow(): Promise<void>;
  /** Seals what was read and ends. Idempotent. */
  stop(): Promise<void>;
  /** Why the newest try failed, `null` while all is well: an event log that nobody seals is to be seen. */
  readonly trouble: string | null;
}

/** Reads the log in its order and seals what it read; one call at a time. */
const createSealer = ({ reader, sender, clock, everyEvents = 10_000 }: SealerParts) => {
  let stretch: ReturnType<typeof createStretch> | undefined;
  let position: OwnRecord['position'] | null = null;

  const begin = (after: LastSeal): ReturnType<typeof createStretch> => {
    position = after.position === null ? null : parsePosition(after.position);
    return createStretch(after);
  };

  const write = async (): Promise<void> => {
    if (stretch === undefined || stretch.count === 0) return;
    const sealed = stretch.seal(clock.now());
    const { after } = stretch;
    stretch = undefined;
    const event = { id: randomUUID(), type: sealType, data: JSON.stringify(sealed), meta: '{}' };
    try {
      await sender.send({ stream: sealsStream, expected: after.revision, events: [event] });
    } catch (error) {
      // Another notary was first: its seal is as good, and the next stretch begins after it.
      if (serverErrorKind(error) !== 'wrong-revision') throw error;
    }
  };

  /** Answers whether there may be more to read at once. */
  const step = async (isDue: (count: number, sinceMs: number) => boolean): Promise<boolean> => {
    stretch ??= begin(await lastSeal(reader));
    const asked = Math.min(pageSize, everyEvents - stretch.count);
    const page = await reader.all(position, asked);
    position = page.end;
    // What was read and not taken in is read again, after the seal.
    const isFull = !stretch.add(page.records, clock.now()) || stretch.count >= everyEvents;
    if (isFull || (stretch.count > 0 && isDue(stretch.count, stretch.sinceMs))) await write();
    // A log that grows all the time is at its end where a page isn't full.
    return isFull || page.records.length === asked;
  };

  return {
    write,
    step,
    /** Reads to the end of the log and seals it. */
    async sealAll(): Promise<void> {
      while (await step(() => false));
      await write();
    },
    /** Begins anew after the last seal. */
    forget(): void {
      stretch = undefined;
    },
  };
};

/** Seals all that is in the log now, beside whoever seals it every so often. */
export const sealAll = (parts: SealerParts): Promise<void> => createSealer(parts).sealAll();

/**
 * The counterpart of the chain that PostgreSQL's writer keeps: reads the log in its order and appends a seal to
 * `hub-seals` every so often, each over a Merkle root of its events and chained to the seal before.
 *
 * What it shows: an event that was changed, taken out, put in or moved after it was sealed. What it doesn't: anything
 * done before the seal (up to `everySeconds`), and a log rewritten together with its seals, unless somebody else has
 * kept a head. Telemetry that is older than the retention may have gone by right: who took it out doesn't show then.
 */
export const startNotary = (parts: NotaryParts): Notary => {
  const { clock, closed, everySeconds = 60 } = parts;
  const stopping = new AbortController();
  const end = AbortSignal.any([closed, stopping.signal]);
  const sealer = createSealer(parts);
  let trouble: string | null = null;
  let turn: Promise<void> = Promise.resolve();

  /** One after another, whoever calls. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  };

  const isOld = (_count: number, sinceMs: number): boolean => clock.now() - sinceMs >= everySeconds * 1000;

  const run = async (): Promise<void> => {
    while (!end.aborted) {
      let pauseMs = idleMs;
      await inTurn(async () => {
        if (!end.aborted && (await sealer.step(isOld))) pauseMs = 0;
        trouble = null;
      }).catch((error: unknown) => {
        sealer.forget();
        trouble = (error as Error).message;
        pauseMs = retryMs;
      });
      if (pauseMs > 0) await sleep(pauseMs, undefined, { signal: end }).catch(() => {});
    }
  };
  const running = run();

  let stopped: Promise<void> | undefined;
  return {
    sealNow: () => inTurn(sealer.sealAll),
    stop() {
      stopped ??= (async () => {
        stopping.abort();
        await running;
        await inTurn(sealer.write).catch(() => {});
      })();
      return stopped;
    },
    get trouble() {
      return trouble;
    },
  };
};
